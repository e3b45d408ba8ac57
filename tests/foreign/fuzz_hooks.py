"""What schemathesis does not know of this API: versions are asked for in Accept, and ids have to exist.

It makes up requests from the document alone. Left to itself it would ask for no version, which is always 406, and for
projects that nobody has, which is always 404; so here most requests get a version of their operation and ids of things
that are there. The rest goes out as it was made up.
"""

import json
import os
import random
import re

import requests
import schemathesis

BASE = os.environ["EMULATOR_URL"]
TOKEN = os.environ.get("EMULATOR_TOKEN")
PROJECT = "32b6e34b3d91647abb20e7b8"
# What is still needed afterwards. Only made-up ones may be asked for.
LEFT_ALONE = {"deleteGroup", "deleteGroupCluster", "deleteGroupFlexCluster", "disableGroupBackupCompliancePolicy"}

chance = random.Random(int(os.environ.get("FUZZ_SEED", "1")))
session = requests.Session()
if TOKEN:
    session.headers["Authorization"] = f"Bearer {TOKEN}"


lists = {}


def ids(path, key="id"):
    """The newest ids of a list, as they were some requests ago."""
    asked, found = lists.get(path, (0, None))
    if found is None or asked > 40:
        asked, found = 0, read(path, key)
    lists[path] = (asked + 1, found)
    return found


def read(path, key):
    answer = session.get(f"{BASE}/api/atlas/v2/groups/{PROJECT}{path}", headers={"Accept": "application/vnd.atlas.2099-01-01+json"})
    return [item[key] for item in answer.json()["results"][:5]] if answer.ok else []


def known(operation, path, name, cluster):
    """Values for a parameter that something answers to."""
    backup = f"/clusters/{cluster}/backup"
    if name == "groupId":
        return [PROJECT]
    if name in ("clusterName", "name"):
        return [cluster]
    if name == "snapshotId":
        if "flexClusters" in path:
            return ids(f"/flexClusters/{cluster}/backup/snapshots")
        sharded = cluster == "Sharded0"
        return ids(f"{backup}/snapshots/shardedClusters" if sharded else f"{backup}/snapshots")
    if name == "restoreJobId":
        return ids(f"/flexClusters/{cluster}/backup/restoreJobs" if "flexClusters" in path else f"{backup}/restoreJobs")
    if name == "exportId":
        return ids(f"{backup}/exports")
    if name == "exportBucketId":
        return ids("/backup/exportBuckets", "_id")
    if name == "jobId":
        return ids(f"/clusters/{cluster}/collectionRestoreJobs")
    if name == "databaseName":
        return ["shop", "telemetry"]
    if name == "collectionName":
        return ["orders", "events"]
    if name == "endpointSetId":
        return ["cloud-backups"]
    return []


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation
    raw = operation.definition.raw
    path = operation.path
    if isinstance(case.query, dict):
        case.query.pop("envelope", None)
    success = [answer for status, answer in raw["responses"].items() if status.startswith("2")]
    versions = [media for answer in success for media in answer.get("content", {}) if media.startswith("application/vnd.atlas.")]
    if versions and chance.random() < 0.97:
        case.headers["Accept"] = chance.choice(versions)
    if TOKEN and "Authorization" not in case.headers:
        case.headers["Authorization"] = f"Bearer {TOKEN}"
    if raw.get("operationId") in LEFT_ALONE or chance.random() < 0.15:
        return
    if "flexClusters" in path:
        cluster = "Flex0"
    elif "sharded" in path:
        cluster = "Sharded0"
    else:
        cluster = chance.choice(["Cluster0", "Cluster0", "Cluster0", "Sharded0", "Flex0"])
    for name in re.findall(r"{(\w+)}", path):
        values = known(raw.get("operationId"), path, name, cluster)
        if values:
            case.path_parameters[name] = chance.choice(values)
    body = case.body
    if isinstance(body, dict):
        for name, values in [
            ("snapshotId", lambda: known(None, path, "snapshotId", cluster)),
            ("exportBucketId", lambda: known(None, path, "exportBucketId", cluster)),
            ("targetGroupId", lambda: [PROJECT]),
            ("targetProjectId", lambda: [PROJECT]),
            ("targetClusterName", lambda: ["Cluster0", "Sharded0"]),
            ("targetDeploymentItemName", lambda: ["Flex0"]),
        ]:
            if name in body and isinstance(body[name], str):
                found = values()
                if found:
                    body[name] = chance.choice(found)


@schemathesis.hook
def after_call(context, case, response):
    """A project without a compliance policy answers {}, recorded so, which the document has no words for. A method that the
    service has and the document does not is answered 501, where the fuzzer expects 405."""
    operation = case.operation.definition.raw.get("operationId")
    if operation == "getGroupBackupCompliancePolicy" and response.status_code == 200 and response.content.strip() == b"{}":
        response.content = json.dumps({name: "a@example.com" for name in NAMES}).encode()
    if response.status_code == 501 and b"EMULATOR_NOT_IMPLEMENTED" in response.content:
        response.status_code = 405


NAMES = ["authorizedEmail", "authorizedUserFirstName", "authorizedUserLastName"]
