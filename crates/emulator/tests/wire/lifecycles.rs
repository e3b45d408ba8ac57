//! The lifecycle of every kind of job and cluster, step by step on a stepped clock, including ordered failures.

use atlas_backup_emulator::{DEMO_PROJECT, JobKind};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, NEWEST, OLDEST, demo};

const SNAPSHOTS: &str = "/clusters/Cluster0/backup/snapshots";
const RESTORES: &str = "/clusters/Cluster0/backup/restoreJobs";
const FLEX: &str = "/flexClusters/Flex0/backup";

async fn first(bench: &Bench, list: &str, key: &str) -> Value {
    bench.get_as(&demo(list), NEWEST).await.documented(200).json["results"][0][key].clone()
}

/// The request that starts a job of each kind, at the version it requires.
async fn request(bench: &Bench, kind: JobKind) -> (String, &'static str, Value) {
    let snapshot = first(bench, SNAPSHOTS, "id").await;
    let flex = first(bench, &format!("{FLEX}/snapshots"), "id").await;
    let bucket = first(bench, "/backup/exportBuckets", "_id").await;
    match kind {
        JobKind::Snapshot => (SNAPSHOTS.to_owned(), OLDEST, json!({"retentionInDays": 3})),
        JobKind::Restore => (
            RESTORES.to_owned(),
            OLDEST,
            json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "Cluster0", "targetGroupId": DEMO_PROJECT}),
        ),
        JobKind::Export => (
            "/clusters/Cluster0/backup/exports".to_owned(),
            OLDEST,
            json!({"snapshotId": snapshot, "exportBucketId": bucket}),
        ),
        JobKind::FlexRestore => (
            format!("{FLEX}/restoreJobs"),
            NEWEST,
            json!({"snapshotId": flex, "targetDeploymentItemName": "Flex0", "targetProjectId": DEMO_PROJECT}),
        ),
        JobKind::CollectionRestore => (
            "/clusters/Cluster0/collectionRestoreJobs".to_owned(),
            NEWEST,
            json!({"snapshotId": snapshot, "targetClusterName": "Cluster0", "targetGroupId": DEMO_PROJECT,
                "databases": [{"sourceNamespace": "shop"}], "indexStrategy": "ALL", "writeStrategy": "OVERWRITE_EXISTING"}),
        ),
        _ => (
            "/backup/AWS/privateEndpoints".to_owned(),
            NEWEST,
            json!({"cloudProvider": "AWS", "regionName": "US_EAST_1"}),
        ),
    }
}

/// The state of a job of each kind, and after how many more seconds.
type Course = &'static [(u64, &'static str, &'static str)];

const COURSES: [(JobKind, Course, Course); 6] = [
    (
        JobKind::Snapshot,
        &[(0, "/status", "queued"), (10, "/status", "inProgress"), (50, "/status", "completed")],
        &[(59, "/status", "inProgress"), (1, "/status", "failed")],
    ),
    (
        JobKind::Restore,
        &[(0, "/failed", "false"), (119, "/failed", "false"), (1, "/finishedAt", "2026-09-01T12:02:00Z")],
        &[(119, "/failed", "false"), (1, "/failed", "true"), (0, "/finishedAt", "")],
    ),
    (
        JobKind::Export,
        &[(0, "/state", "Queued"), (15, "/state", "InProgress"), (75, "/state", "Successful"), (0, "/stateReason", "")],
        &[(15, "/state", "InProgress"), (75, "/state", "Failed"), (0, "/stateReason/errorCode", "EXPORT_FAILED")],
    ),
    (
        JobKind::FlexRestore,
        &[(0, "/status", "PENDING"), (10, "/status", "RUNNING"), (50, "/status", "COMPLETED")],
        &[(10, "/status", "RUNNING"), (50, "/status", "FAILED"), (0, "/restoreFinishedDate", "2026-09-01T12:01:00Z")],
    ),
    (
        JobKind::CollectionRestore,
        &[
            (0, "/state", "INITIALIZING"),
            (10, "/state", "IN_PROGRESS"),
            (0, "/indexStatus/state", "NOT_STARTED"),
            (60, "/state", "FINALIZING"),
            (0, "/indexStatus/state", "IN_PROGRESS"),
            (20, "/state", "SUCCESSFUL"),
            (0, "/indexStatus/state", "SUCCESSFUL"),
            (0, "/finishedAt", "2026-09-01T12:01:30Z"),
            (0, "/errorMessage", ""),
        ],
        &[
            (89, "/state", "FINALIZING"),
            (1, "/state", "FAILED"),
            (0, "/restoredDocuments", "0"),
            (0, "/errorMessage", "The collections could not be restored."),
        ],
    ),
    (
        JobKind::PrivateEndpoint,
        &[
            (0, "/status", "INITIATING"),
            (0, "/privateEndpointConnectionName", ""),
            (10, "/status", "PENDING_ACCEPTANCE"),
            (20, "/status", "ACTIVE"),
            (0, "/errorMessage", ""),
        ],
        &[
            (29, "/status", "PENDING_ACCEPTANCE"),
            (1, "/status", "FAILED"),
            (0, "/errorMessage", "The connection could not be set up."),
        ],
    ),
];

#[tokio::test]
async fn every_job_completes_and_ordered_failure_hits_only_next() {
    for (kind, well, badly) in COURSES {
        let bench = Bench::demo().await;
        for (fails, course) in [(true, badly), (false, well)] {
            let (list, accept, body) = request(&bench, kind).await;
            if fails {
                bench.emulator.fail_next(kind);
            }
            let started = bench.send_json(Method::POST, &demo(&list), accept, body).await;
            let status = started.status.as_u16();
            let id = started.documented(status).json["id"].clone();
            let path = demo(&format!("{list}/{}", id.as_str().unwrap()));
            for (seconds, pointer, expected) in course {
                bench.advance(*seconds);
                let job = bench.get_as(&path, accept).await.documented(200).json;
                let printed = match job.pointer(pointer) {
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                    None => String::new(),
                };
                // Times are those of the first job. The second starts later by the duration of the first.
                if pointer.ends_with("At") && !fails && !printed.is_empty() {
                    assert!(printed.as_str() >= *expected, "{kind} {pointer}: {printed}");
                } else {
                    assert_eq!(&printed, expected, "{kind} {pointer} fails: {fails}");
                }
            }
            if kind == JobKind::PrivateEndpoint {
                bench.delete(&path, accept).await.documented(204);
                assert_eq!(bench.get_as(&path, accept).await.documented(200).json["status"], "DELETING");
                bench.advance(30);
                bench.get_as(&path, accept).await.refused(404, "RESOURCE_NOT_FOUND");
            }
        }
    }
}

#[tokio::test]
async fn failed_snapshot_has_no_contents_and_cannot_be_restored() {
    let bench = Bench::demo().await;
    bench.emulator.fail_next(JobKind::Snapshot);
    let taken = bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 3})).await.documented(200).json;
    bench.advance(60);
    let path = demo(&format!("{SNAPSHOTS}/{}", taken["id"].as_str().unwrap()));
    let failed = bench.get(&path).await.documented(200).json;
    assert_eq!((&failed["status"], &failed["storageSizeBytes"]), (&"failed".into(), &0.into()));
    assert_eq!(failed.get("createdAt"), None);
    let restore = json!({"deliveryType": "download", "snapshotId": taken["id"]});
    bench.post(&demo(RESTORES), restore).await.refused(409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT");
    bench.delete(&path, OLDEST).await.documented(204);
}

#[tokio::test]
async fn failed_download_has_no_url_and_a_failed_restore_changes_nothing() {
    let bench = Bench::demo().await;
    let snapshot = first(&bench, SNAPSHOTS, "id").await;
    bench.emulator.fail_next(JobKind::Restore);
    let download = json!({"deliveryType": "download", "snapshotId": snapshot});
    let job = bench.post(&demo(RESTORES), download).await.documented(200).json;
    bench.advance(120);
    let path = demo(&format!("{RESTORES}/{}", job["id"].as_str().unwrap()));
    let failed = bench.get(&path).await.documented(200).json;
    assert_eq!((&failed["failed"], &failed["deliveryUrl"]), (&true.into(), &json!([])));

    let data = bench.emulator.data(DEMO_PROJECT, "Sharded0").unwrap();
    data.drop_collection("shop", "orders").unwrap();
    let before = data.collections("shop");
    bench.emulator.fail_next(JobKind::Restore);
    let restore = json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "Sharded0", "targetGroupId": DEMO_PROJECT});
    bench.post(&demo(RESTORES), restore).await.documented(200);
    bench.advance(120);
    assert_eq!(bench.emulator.data(DEMO_PROJECT, "Sharded0").unwrap().collections("shop"), before);
}

#[tokio::test]
async fn scheduled_jobs_fail_when_ordered_too() {
    let bench = Bench::demo().await;
    bench.emulator.fail_next(JobKind::Snapshot);
    bench.emulator.fail_next(JobKind::FlexSnapshot);
    bench.advance(86_400 + 3_600);
    let snapshots = bench.get(&demo(&format!("{SNAPSHOTS}?itemsPerPage=500"))).await.documented(200).json;
    let failed = |list: &Value, status: &str| {
        list["results"].as_array().unwrap().iter().filter(|s| s["status"] == status).count()
    };
    assert_eq!(failed(&snapshots, "failed"), 1);
    let flex = bench.get_as(&demo(&format!("{FLEX}/snapshots")), NEWEST).await.documented(200).json;
    assert_eq!(failed(&flex, "FAILED"), 1);
}

#[tokio::test]
async fn cluster_passes_through_its_documented_states() {
    let bench = Bench::demo().await;
    let region = json!({"providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7,
        "electableSpecs": {"instanceSize": "M10", "nodeCount": 3}});
    let bodies = [
        (
            "/clusters",
            json!({"name": "one", "clusterType": "REPLICASET", "replicationSpecs": [{"regionConfigs": [region]}]}),
        ),
        (
            "/clusters",
            json!({"name": "two", "clusterType": "SHARDED",
            "replicationSpecs": [{"regionConfigs": [region]}, {"regionConfigs": [region]}]}),
        ),
        (
            "/flexClusters",
            json!({"name": "three", "providerSettings": {"backingProviderName": "AWS", "regionName": "EU_WEST_1"}}),
        ),
    ];
    for (list, body) in bodies {
        let path = demo(&format!("{list}/{}", body["name"].as_str().unwrap()));
        let state = async || bench.get_as(&path, NEWEST).await.documented(200).json["stateName"].clone();
        bench.send_json(Method::POST, &demo(list), NEWEST, body).await.documented(201);
        assert_eq!(state().await, "CREATING");
        bench.advance(179);
        assert_eq!(state().await, "CREATING");
        bench.advance(1);
        assert_eq!(state().await, "IDLE");
        let tag = json!({"tags": [{"key": "a", "value": "b"}]});
        bench.send_json(Method::PATCH, &path, NEWEST, tag).await.documented(200);
        assert_eq!(state().await, "UPDATING");
        bench.advance(60);
        assert_eq!(state().await, "IDLE");
        let status = if list == "/clusters" { 202 } else { 204 };
        bench.delete(&path, NEWEST).await.documented(status);
        assert_eq!(state().await, "DELETING");
        bench.delete(&path, NEWEST).await.refused(400, "CLUSTER_ALREADY_REQUESTED_DELETION");
        let late = bench.send_json(Method::PATCH, &path, NEWEST, json!({"tags": []})).await;
        late.refused(400, "CLUSTER_ALREADY_REQUESTED_DELETION");
        bench.advance(60);
        bench.get_as(&path, NEWEST).await.refused(404, "CLUSTER_NOT_FOUND");
    }
}

#[tokio::test]
async fn snapshots_are_deleted_with_cluster_unless_retained() {
    for (query, kept) in [("", false), ("?retainBackups=false", false), ("?retainBackups=true", true)] {
        let bench = Bench::demo().await;
        let snapshot = first(&bench, SNAPSHOTS, "id").await;
        bench.delete(&demo(&format!("/clusters/Cluster0{query}")), NEWEST).await.documented(202);
        let take = bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 3})).await;
        take.refused(400, "CLUSTER_ALREADY_REQUESTED_DELETION");
        bench.advance(3_600);
        bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.refused(404, "CLUSTER_NOT_FOUND");
        let list = bench.get(&demo(SNAPSHOTS)).await;
        if !kept {
            list.refused(404, "CLUSTER_NOT_FOUND");
            continue;
        }
        assert_eq!(list.documented(200).json["results"][0]["id"], snapshot, "no more snapshots are taken");
        let restore = json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "Sharded0", "targetGroupId": DEMO_PROJECT});
        bench.post(&demo(RESTORES), restore).await.documented(200);
        // The last of them was kept for a year.
        bench.advance(500 * 86_400);
        bench.get(&demo(SNAPSHOTS)).await.refused(404, "CLUSTER_NOT_FOUND");
    }
}

#[tokio::test]
async fn new_cluster_does_not_inherit_backups_of_same_name() {
    let bench = Bench::demo().await;
    bench.delete(&demo("/clusters/Cluster0?retainBackups=true"), NEWEST).await.documented(202);
    bench.advance(60);
    let body = json!({"name": "Cluster0", "clusterType": "REPLICASET", "backupEnabled": true, "replicationSpecs": [{"regionConfigs": [{
        "providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7, "electableSpecs": {"instanceSize": "M10", "nodeCount": 3}}]}]});
    bench.send_json(Method::POST, &demo("/clusters"), NEWEST, body).await.documented(201);
    assert_eq!(bench.get(&demo(SNAPSHOTS)).await.documented(200).json["totalCount"], 0);
}

#[tokio::test]
async fn on_demand_snapshots_run_one_at_a_time() {
    let bench = Bench::demo().await;
    let take = async || bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 3})).await;
    let taken = take().await.documented(200).json;
    let path = demo(&format!("{SNAPSHOTS}/{}", taken["id"].as_str().unwrap()));
    for _ in 0..2 {
        take().await.refused(400, "UNFINISHED_ON_DEMAND_SNAPSHOT");
        bench.delete(&path, OLDEST).await.refused(400, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT");
        let body = json!({"retentionUnit": "DAYS", "retentionValue": 5});
        let change = bench.send_json(Method::PATCH, &path, OLDEST, body).await;
        change.refused(400, "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION");
        bench.advance(29);
    }
    bench.advance(2);
    take().await.documented(200);
    bench.delete(&path, OLDEST).await.documented(204);
}
