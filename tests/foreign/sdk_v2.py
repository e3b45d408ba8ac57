"""pyatlassdk, a client of version 2 generated from the official document by others, through the backup domain."""

import json
import sys

import pyatlassdk.admin.client as sdk
from pydantic import TypeAdapter, ValidationError
from pyatlassdk.admin import AtlasAdminClient
from pyatlassdk.admin._errors import AtlasApiError

from control import ORGANIZATION, PROJECT, URL, advance, control, equal, held, true


# What the service really sends though its document does not admit it, and this client therefore refuses to read.
ODD = {"versionReleaseSystem", "frequencyType", "desiredTimestamp", "readPreference", "regionName", "onDemandPolicyItem", "prefix"}


class Lenient(TypeAdapter):
    """Reads an answer without the values that the service is known to send against its document; any other misfit fails."""

    def validate_python(self, document, **named):
        try:
            return super().validate_python(document, **named)
        except ValidationError as error:
            places = [place["loc"] for place in error.errors()]
            for place in places:
                if not ODD & set(place):
                    raise
                leave_out(document, [part for part in place if isinstance(part, int) or part in ODD or part in seen(document)])
            return super().validate_python(document, **named)


def seen(document):
    """All field names in a document."""
    if isinstance(document, dict):
        return set(document) | {name for value in document.values() for name in seen(value)}
    return {name for item in document for name in seen(item)} if isinstance(document, list) else set()


def leave_out(document, place):
    for part in place:
        if part in ODD:
            document.pop(part, None)
            return
        document = document[part]


sdk.TypeAdapter = Lenient


def client(mode):
    base = {"base_url": f"{URL}/api/atlas/v2", "oauth_token_url": f"{URL}/api/oauth/token"}
    if mode == "digest":
        return AtlasAdminClient(public_key="public", private_key="private", **base)
    return AtlasAdminClient(client_id="mdb_sa_id_1", client_secret="mdb_sa_sk_1", **base)


def refused(status, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except AtlasApiError as error:
        equal(error.status_code, status, f"{error.payload}")
        true(error.payload["error"] == status, "an error document")
        return error.payload["errorCode"]
    raise AssertionError(f"{call.__name__} was not refused")


def empty(call, *arguments):
    """A call that is answered with 204, of which this client expects a body all the same."""
    try:
        call(*arguments)
    except json.JSONDecodeError:
        pass


def text(value):
    return getattr(value, "value", value)


def projects(atlas, mode):
    true(any(org.id == ORGANIZATION for org in atlas.organizations.list_orgs().results), "the organization is listed")
    project = atlas.projects.create_group({"name": f"made by {mode}", "orgId": ORGANIZATION})
    equal(atlas.projects.get_group(project.id).name, f"made by {mode}", "name")
    true(project.id in [p.id for p in atlas.projects.list_groups(items_per_page=500).results], "the project is listed")
    cluster = {
        "name": "New",
        "clusterType": "REPLICASET",
        "backupEnabled": True,
        "replicationSpecs": [{"regionConfigs": [{
            "providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7,
            "electableSpecs": {"instanceSize": "M10", "nodeCount": 3},
        }]}],
    }
    made = atlas.clusters.create_group_cluster(project.id, cluster)
    equal(text(made.state_name), "CREATING", "state")
    advance(600)
    equal(text(atlas.clusters.get_group_cluster("New", project.id).state_name), "IDLE", "state")
    equal([c.name for c in atlas.clusters.list_group_clusters(project.id).results], ["New"], "clusters")
    flex = {"name": "Small", "providerSettings": {"backingProviderName": "AWS", "regionName": "EU_WEST_1"}}
    atlas.flex_clusters.create_group_flex_cluster(project.id, flex)
    equal([c.name for c in atlas.flex_clusters.list_group_flex_clusters(project.id).results], ["Small"], "flex clusters")
    equal(refused(409, atlas.projects.delete_group, project.id), "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS", "code")
    empty(atlas.clusters.delete_group_cluster, "New", project.id)
    empty(atlas.flex_clusters.delete_group_flex_cluster, project.id, "Small")
    advance(600)
    equal(refused(404, atlas.clusters.get_group_cluster, "New", project.id), "CLUSTER_NOT_FOUND", "code")
    empty(atlas.projects.delete_group, project.id)
    equal(refused(404, atlas.projects.get_group, project.id), "GROUP_NOT_FOUND", "code")


def snapshots(atlas, mode):
    backups = atlas.cloud_backups
    before = backups.list_group_cluster_backup_snapshots("Cluster0", PROJECT).total_count
    taken = backups.take_group_cluster_backup_snapshots("Cluster0", PROJECT, {"description": mode, "retentionInDays": 2})
    equal(text(taken.status), "queued", "status")
    advance(3600)
    snapshot = backups.get_group_cluster_backup_snapshot("Cluster0", PROJECT, taken.id)
    equal((text(snapshot.status), snapshot.description), ("completed", mode), "snapshot")
    true(snapshot.storage_size_bytes > 2**31, "a size beyond 32 bits")
    true(backups.list_group_cluster_backup_snapshots("Cluster0", PROJECT).total_count > before, "one more is listed")
    pages = [backups.list_group_cluster_backup_snapshots("Cluster0", PROJECT, items_per_page=3, page_num=n) for n in (1, 2)]
    true(len({s.id for page in pages for s in page.results}) == 6, "two pages of three have six snapshots")
    kept = backups.update_group_cluster_backup_snapshot("Cluster0", PROJECT, taken.id, {"retentionUnit": "DAYS", "retentionValue": 9})
    true(kept.expires_at > snapshot.expires_at, "kept for longer")
    sharded = backups.list_group_cluster_backup_snapshot_sharded_clusters("Sharded0", PROJECT).results
    equal(len(sharded[0].members), 2, "members")
    equal(refused(400, backups.list_group_cluster_backup_snapshots, "Flex0", PROJECT), "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "code")
    return taken.id


def restores(atlas, snapshot):
    backups = atlas.cloud_backups
    control("POST", f"data/{PROJECT}/Sharded0/shop/notes", {"documents": [{"_id": 1}]})
    body = {"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "Sharded0", "targetGroupId": PROJECT}
    job = backups.create_group_cluster_backup_restore_job("Cluster0", PROJECT, body)
    true(job.finished_at is None, "not finished")
    advance(600)
    done = backups.get_group_cluster_backup_restore_job("Cluster0", PROJECT, job.id)
    true(done.finished_at is not None and not done.failed, "finished")
    equal(held("Sharded0", "shop", "orders"), held("Cluster0", "shop", "orders"), "restored data")
    job = backups.create_group_cluster_backup_restore_job("Cluster0", PROJECT, {"deliveryType": "download", "snapshotId": snapshot})
    advance(600)
    done = backups.get_group_cluster_backup_restore_job("Cluster0", PROJECT, job.id)
    equal(len(done.delivery_url), 1, "URLs")
    job = backups.create_group_cluster_backup_restore_job("Cluster0", PROJECT, {"deliveryType": "download", "snapshotId": snapshot})
    empty(backups.cancel_group_cluster_backup_restore_job, "Cluster0", PROJECT, job.id)
    cancelled = backups.get_group_cluster_backup_restore_job("Cluster0", PROJECT, job.id)
    true(cancelled.cancelled, "cancelled")
    true(len(backups.list_group_cluster_backup_restore_jobs("Cluster0", PROJECT).results) >= 3, "jobs are listed")


def exports(atlas, snapshot, mode):
    backups = atlas.cloud_backups
    bucket = {"cloudProvider": "AWS", "bucketName": f"bucket-{mode}", "iamRoleId": "66aaaaaaaaaaaaaaaaaaaaaa"}
    bucket = backups.create_group_backup_export_bucket(PROJECT, bucket)
    bucket_id = getattr(bucket, "id", None) or bucket.root.id
    body = {"exportBucketId": bucket_id, "snapshotId": snapshot, "customData": [{"key": "by", "value": mode}]}
    job = backups.create_group_cluster_backup_export("Cluster0", PROJECT, body)
    equal(text(job.state), "Queued", "state")
    advance(600)
    done = backups.get_group_cluster_backup_export("Cluster0", job.id, PROJECT)
    equal((text(done.state), done.custom_data[0].value), ("Successful", mode), "export")
    empty(backups.delete_group_backup_export_bucket, bucket_id, PROJECT)


def policies(atlas):
    backups = atlas.cloud_backups
    schedule = backups.get_group_cluster_backup_schedule("Cluster0", PROJECT)
    true(schedule.policies[0].policy_items, "policy items")
    changed = backups.update_group_cluster_backup_schedule("Cluster0", PROJECT, {"referenceHourOfDay": 5, "restoreWindowDays": 3})
    equal((changed.reference_hour_of_day, changed.restore_window_days), (5, 3), "schedule")


def compliance(atlas):
    backups = atlas.cloud_backups
    policy = {
        "projectId": PROJECT,
        "authorizedEmail": "backup@example.com",
        "authorizedUserFirstName": "Ada",
        "authorizedUserLastName": "Adler",
        "copyProtectionEnabled": True,
        "encryptionAtRestEnabled": False,
        "pitEnabled": False,
        "restoreWindowDays": 1,
        "scheduledPolicyItems": [
            {"frequencyType": "daily", "frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 3},
        ],
    }
    set_up = backups.update_group_backup_compliance_policy(PROJECT, policy)
    equal(text(set_up.state), "ENABLING", "state")
    advance(600)
    active = backups.get_group_backup_compliance_policy(PROJECT)
    equal((text(active.state), active.copy_protection_enabled), ("ACTIVE", True), "policy")
    equal(active.scheduled_policy_items[0].retention_value, 3, "retention")


def flex(atlas):
    snapshots = atlas.flex_snapshots.list_group_flex_cluster_backup_snapshots(PROJECT, "Flex0").results
    newest = atlas.flex_snapshots.get_group_flex_cluster_backup_snapshot(PROJECT, "Flex0", snapshots[0].id)
    equal(text(newest.status), "COMPLETED", "status")
    jobs = atlas.flex_restore_jobs
    body = {"snapshotId": newest.id, "targetDeploymentItemName": "Flex0", "targetProjectId": PROJECT}
    job = jobs.create_group_flex_cluster_backup_restore_job(PROJECT, "Flex0", body)
    advance(600)
    done = jobs.get_group_flex_cluster_backup_restore_job(PROJECT, "Flex0", job.id)
    equal(text(done.status), "COMPLETED", "status")
    job = atlas.flex_snapshots.download_group_flex_cluster_backup(PROJECT, "Flex0", {"snapshotId": newest.id})
    advance(600)
    done = jobs.get_group_flex_cluster_backup_restore_job(PROJECT, "Flex0", job.id)
    true(done.snapshot_url.startswith(URL), "a URL")


def main(mode):
    with client(mode) as atlas:
        projects(atlas, mode)
        snapshot = snapshots(atlas, mode)
        restores(atlas, snapshot)
        exports(atlas, snapshot, mode)
        policies(atlas)
        flex(atlas)
        true(atlas.rate_limiting.list_rate_limits().results, "rate limits")
        compliance(atlas)
    print(f"pyatlassdk with {mode}: projects, clusters, snapshots, restores, exports, policies, flex")


main(sys.argv[1])
