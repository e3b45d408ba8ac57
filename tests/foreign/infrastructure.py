"""Plays the life of resources as infrastructure tools manage them: create, wait until settled, read and find everything that was
sent, read again without a difference, change, delete, and read until gone. Terraform, CloudFormation and the Kubernetes operator
use these paths and versions. Each row of TABLE is one configuration in its own project. The table is played twice against one
emulator, and both runs have to succeed."""

import json
import urllib.error
import urllib.parse
import urllib.request

from control import ORGANIZATION, URL, advance, equal, true

PROJECT, CLUSTER = "infrastructure", "managed"
# How long anything may take, in steps of the emulator's clock.
STEP, STEPS = 60, 200


def ask(method, path, version, body=None):
    media = f"application/vnd.atlas.{version}+json"
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": media, "Content-Type": media}
    request = urllib.request.Request(f"{URL}/api/atlas/v2{path}", data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text) if text else None


def success(method, path, version, body=None):
    status, answer = ask(method, path, version, body)
    true(200 <= status < 300, f"{method} {path}: {status} {answer}")
    return answer


def within(sent, shown, where=""):
    """Fails unless all of `sent` is in `shown`."""
    if isinstance(sent, dict):
        true(isinstance(shown, dict), f"{where}: {shown} is no object")
        for key, value in sent.items():
            within(value, shown.get(key), f"{where}.{key}")
    elif isinstance(sent, list):
        equal(len(shown or []), len(sent), f"{where}: number of items")
        for place, (one, other) in enumerate(zip(sent, shown or [])):
            within(one, other, f"{where}[{place}]")
    else:
        equal(shown, sent, where)


def until(what, probe):
    for _ in range(STEPS):
        if probe():
            return
        advance(STEP)
    raise AssertionError(f"{what} takes too long")


class Cluster:
    """Is written in one version and read in another, together with its networks and process arguments."""

    def __init__(self, group, config):
        self.path, self.group = f"{group}/clusters/{CLUSTER}", group
        self.config = {"name": CLUSTER, "clusterType": "REPLICASET", **config}
        success("POST", f"{group}/clusters", "2024-10-23", self.config)
        self.settle()

    def settle(self):
        until(self.path, lambda: success("GET", self.path, "2024-08-05")["stateName"] == "IDLE")

    def read(self):
        shown = success("GET", self.path, "2024-08-05")
        success("GET", f"{self.path}/processArgs", "2024-08-05")
        for region in shown["replicationSpecs"][0]["regionConfigs"]:
            provider, name = region["providerName"], region["regionName"]
            if provider == "TENANT":
                continue
            networks = success("GET", f"{self.group}/containers?providerName={provider}", "2023-01-01")["results"]
            found = [n for n in networks if provider == "GCP" or name in (n.get("regionName"), n.get("region"))]
            true(found, f"{provider} {name} has a network")
        return shown

    def change(self, config):
        self.config = {**self.config, **config}
        success("PATCH", self.path, "2024-10-23", config)
        self.settle()

    def delete(self):
        success("DELETE", self.path, "2023-02-01")
        until(self.path, lambda: ask("GET", self.path, "2024-08-05")[0] == 404)


class Flex(Cluster):
    """The clusters API sends the tool to the operations of flex clusters."""

    def __init__(self, group, config):
        self.path, self.other = f"{group}/flexClusters/{CLUSTER}", f"{group}/clusters/{CLUSTER}"
        self.config = {"name": CLUSTER, **config}
        success("POST", f"{group}/flexClusters", "2024-11-13", self.config)
        self.settle()

    def settle(self):
        until(self.path, lambda: success("GET", self.path, "2024-11-13")["stateName"] == "IDLE")

    def read(self):
        status, answer = ask("GET", self.other, "2024-08-05")
        equal((status, answer["errorCode"]), (400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"), self.other)
        return success("GET", self.path, "2024-11-13")

    def change(self, config):
        self.config = {**self.config, **config}
        success("PATCH", self.path, "2024-11-13", config)
        self.settle()

    def delete(self):
        success("DELETE", self.path, "2024-11-13")
        until(self.path, lambda: ask("GET", self.path, "2024-11-13")[0] == 404)


class Schedule:
    """The schedule of a cluster with backup. The tool deletes the default items first and sends the policy ID that it reads."""

    def __init__(self, group, config):
        self.cluster = Cluster(group, {"backupEnabled": True, "replicationSpecs": [shard(region())]})
        self.path = f"{self.cluster.path}/backup/schedule"
        success("DELETE", self.path, "2024-08-05")
        self.config = {}
        self.change(config)

    def read(self):
        return success("GET", self.path, "2024-08-05")

    def change(self, config):
        policy = self.read()["policies"][0]["id"]
        items = config.get("policies", [{}])[0].get("policyItems", [])
        success("PATCH", self.path, "2024-08-05", {**config, "policies": [{"id": policy, "policyItems": items}] if items else None})
        self.config = {**self.config, **config}

    def delete(self):
        success("DELETE", self.path, "2024-08-05")
        self.cluster.delete()


class Bucket:
    """An export bucket. The tool sets up and authorizes the role first."""

    def __init__(self, group, config):
        role = success("POST", f"{group}/cloudProviderAccess", "2023-01-01", {"providerName": "AWS"})
        self.role = f"{group}/cloudProviderAccess/{role['roleId']}"
        arn = {"providerName": "AWS", "iamAssumedRoleArn": "arn:aws:iam::123456789012:role/backups"}
        true("authorizedDate" in success("PATCH", self.role, "2023-01-01", arn), "the role is authorized")
        self.config = {"cloudProvider": "AWS", "iamRoleId": role["roleId"], **config}
        made = success("POST", f"{group}/backup/exportBuckets", "2024-05-30", self.config)
        self.path, self.role = f"{group}/backup/exportBuckets/{made['_id']}", f"{group}/cloudProviderAccess/AWS/{role['roleId']}"

    def read(self):
        return success("GET", self.path, "2024-05-30")

    def delete(self):
        success("DELETE", self.path, "2023-01-01")
        equal(ask("GET", self.path, "2024-05-30")[0], 404, self.path)
        success("DELETE", self.role, "2023-01-01")


class Entry:
    """An entry of the access list."""

    def __init__(self, group, config):
        self.config, entry = config, urllib.parse.quote(config["cidrBlock"], safe="")
        self.list, self.path = f"{group}/accessList", f"{group}/accessList/{entry}"
        success("POST", self.list, "2023-01-01", [config])

    def read(self):
        equal(success("GET", f"{self.path}/status", "2023-01-01"), {"STATUS": "ACTIVE"}, self.path)
        return success("GET", self.path, "2023-01-01")

    def change(self, config):
        self.config = {**self.config, **config}
        success("POST", self.list, "2023-01-01", [self.config])

    def delete(self):
        success("DELETE", self.path, "2023-01-01")
        equal(ask("GET", self.path, "2023-01-01")[0], 404, self.path)


class User:
    """A database user."""

    def __init__(self, group, config):
        self.config = {"databaseName": "admin", "username": "checks", "groupId": group.rsplit("/", 1)[1], **config}
        self.path = f"{group}/databaseUsers/admin/checks"
        success("POST", f"{group}/databaseUsers", "2023-01-01", {**self.config, "password": "not a secret"})

    def read(self):
        shown = success("GET", self.path, "2023-01-01")
        true("password" not in shown, "a password is shown")
        return shown

    def change(self, config):
        self.config = {**self.config, **config}
        success("PATCH", self.path, "2023-01-01", self.config)

    def delete(self):
        success("DELETE", self.path, "2023-01-01")
        equal(ask("GET", self.path, "2023-01-01")[0], 404, self.path)


def region(size="M10", nodes=3, provider="AWS", name="US_EAST_1", priority=7, **more):
    hardware = {"instanceSize": size, "nodeCount": nodes, **more.pop("hardware", {})}
    return {"providerName": provider, "regionName": name, "priority": priority, "electableSpecs": hardware, **more}


def shard(*regions, zone="Zone 1"):
    return {"zoneName": zone, "regionConfigs": list(regions)}


def replica_set(*regions, **more):
    return {"replicationSpecs": [shard(*regions)], **more}


def item(kind, interval, unit, value):
    return {"frequencyType": kind, "frequencyInterval": interval, "retentionUnit": unit, "retentionValue": value}


def items(*items, **more):
    return {"policies": [{"policyItems": list(items)}], **more}


SCALING = {
    "compute": {"enabled": True, "scaleDownEnabled": True, "minInstanceSize": "M10", "maxInstanceSize": "M30"},
    "diskGB": {"enabled": True},
}
PROVISIONED = {"diskSizeGB": 40, "ebsVolumeType": "PROVISIONED", "diskIOPS": 2000}
CIPHERS = {"tlsCipherConfigMode": "CUSTOM", "customOpensslCipherConfigTls12": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]}
FLEX = {"providerSettings": {"backingProviderName": "AWS", "regionName": "US_EAST_1"}}

# Resource, first configuration, and changes in their order.
TABLE = [
    (Cluster, replica_set(region()), [{"tags": [{"key": "team", "value": "a"}]}, {"tags": []}]),
    (Cluster, replica_set(region(autoScaling=SCALING), backupEnabled=True), [{"pitEnabled": True}]),
    (Cluster, replica_set(region("M30", hardware=PROVISIONED)), [{"terminationProtectionEnabled": True}, {"terminationProtectionEnabled": False}]),
    (Cluster, replica_set(region(), advancedConfiguration=CIPHERS), [{"advancedConfiguration": {"minimumEnabledTlsProtocol": "TLS1_3"}}]),
    (Cluster, replica_set(region()), [{"redactClientLogData": True}, {"replicaSetScalingStrategy": "NODE_TYPE"}, {"versionReleaseSystem": "CONTINUOUS"}]),
    (Cluster, replica_set(region(), biConnector={"enabled": True, "readPreference": "analytics"}), [{"labels": [{"key": "a", "value": "b"}]}]),
    (Cluster, replica_set(region()), [{"paused": True}, {"paused": False}]),
    (Cluster, replica_set(region(nodes=2), region(nodes=2, name="US_WEST_2", priority=6), region(nodes=1, name="EU_WEST_1", priority=5)), []),
    (Cluster, replica_set(region(), region(nodes=2, provider="AZURE", name="EUROPE_WEST", priority=6), region(nodes=2, provider="GCP", name="US_EAST_4", priority=5)), []),
    (Cluster, {"clusterType": "SHARDED", "replicationSpecs": [shard(region("M30")), shard(region("M30"))]}, [{"backupEnabled": True}]),
    (Cluster, {"clusterType": "SHARDED", "replicationSpecs": [shard(region("M30")), shard(region("M40"))]}, []),
    (Cluster, {"clusterType": "GEOSHARDED", "replicationSpecs": [shard(region("M30")), shard(region("M30", name="EU_WEST_1"), zone="Zone 2")]}, []),
    (Cluster, replica_set({"providerName": "TENANT", "backingProviderName": "AWS", "regionName": "US_EAST_1", "priority": 7, "electableSpecs": {"instanceSize": "M0"}}), []),
    (Flex, {**FLEX, "tags": [{"key": "team", "value": "a"}]}, [{"tags": []}, {"terminationProtectionEnabled": True}, {"terminationProtectionEnabled": False}]),
    (Schedule, items(item("hourly", 6, "days", 7), item("daily", 1, "days", 14), referenceHourOfDay=3), [{"referenceHourOfDay": 5, "referenceMinuteOfHour": 30}, {"restoreWindowDays": 4}]),
    (Schedule, items(item("daily", 1, "days", 7), item("weekly", 6, "weeks", 4), item("monthly", 40, "months", 12)), [items(item("daily", 1, "days", 3))]),
    (Bucket, {"bucketName": "exports.example.com"}, []),
    (Entry, {"cidrBlock": "198.51.100.0/24"}, [{"comment": "office"}]),
    (Entry, {"cidrBlock": "192.0.2.1/32", "comment": "drill"}, []),
    (User, {"roles": [{"databaseName": "admin", "roleName": "readAnyDatabase"}]}, [{"roles": [{"databaseName": "shop", "roleName": "read"}]}]),
]


def without_time(shown):
    """The part that a second reading repeats."""
    return {key: value for key, value in shown.items() if key != "nextSnapshot"}


def play(kind, first, changes):
    made = success("POST", "/groups", "2023-01-01", {"name": PROJECT, "orgId": ORGANIZATION, "tags": [{"key": "by", "value": "tool"}]})
    group = f"/groups/{made['id']}"
    settings = success("GET", f"{group}/settings", "2023-01-01")
    success("PATCH", f"{group}/settings", "2023-01-01", {**settings, "isSchemaAdvisorEnabled": False})
    for beside in ["", "/teams", "/limits", "/settings", "/ipAddresses", "/managedSlowMs"]:
        success("GET", group + beside, "2023-01-01")
    thing = kind(group, first)
    for change in [None, *changes]:
        if change is not None:
            if "paused" in change and not change["paused"]:
                advance(3600)
            thing.change(change)
        shown = thing.read()
        within(thing.config, shown)
        equal(without_time(thing.read()), without_time(shown), "a second reading")
    thing.delete()
    until(group, lambda: success("GET", f"{group}/clusters", "2024-08-05")["totalCount"] == 0)
    success("DELETE", group, "2023-01-01")
    equal(ask("GET", group, "2023-01-01")[0], 404, group)


def outcomes():
    found = []
    for kind, first, changes in TABLE:
        try:
            play(kind, first, changes)
            found.append(None)
        except AssertionError as error:
            found.append(str(error))
            print(f"{kind.__name__} {json.dumps(first)[:100]}: {error}")
            # The next row begins without what is left of this one.
            status, project = ask("GET", f"/groups/byName/{PROJECT}", "2023-01-01")
            if status == 200:
                success("PATCH", f"/groups/{project['id']}", "2023-01-01", {"name": f"left-{len(found)}-{project['id']}"})
    return found


first, second = outcomes(), outcomes()
print(f"{first.count(None)} of {len(TABLE)} configurations, then {second.count(None)}")
true(not any(first) and not any(second), "a configuration failed")
