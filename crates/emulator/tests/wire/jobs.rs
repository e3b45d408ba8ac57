//! Exports and restores: the end states of each kind.

use crate::support::{Bench, NEWEST, OLDEST, demo};
use http::Method;
use serde_json::{Value, json};

fn below(list: &str, job: &Value) -> String {
    demo(&format!("{list}/{}", job["id"].as_str().unwrap()))
}

const EXPORTS: &str = "/clusters/Cluster0/backup/exports";
const RESTORES: &str = "/clusters/Cluster0/backup/restoreJobs";
const SNAPSHOTS: &str = "/clusters/Cluster0/backup/snapshots";
const FLEX: &str = "/flexClusters/Flex0/backup";

#[tokio::test]
async fn export_is_queued_then_in_progress_then_successful() {
    let bench = Bench::demo().await;
    let bucket = json!({"bucketName": "exports", "cloudProvider": "AWS", "iamRoleId": "66aaaaaaaaaaaaaaaaaaaaaa"});
    let bucket = bench.send_json(Method::POST, &demo("/backup/exportBuckets"), NEWEST, bucket).await.documented(200);
    let snapshot = bench.newest(SNAPSHOTS).await;
    let body = json!({"exportBucketId": bucket.json["_id"], "snapshotId": snapshot, "customData": [{"key": "k", "value": "v"}]});
    let job = bench.post(&demo(EXPORTS), body).await.documented(200).json;
    assert_eq!((&job["state"], &job["customData"][0]["value"]), (&"Queued".into(), &"v".into()));
    assert!(job["prefix"].as_str().unwrap().starts_with("exported_snapshots/"));
    let bucket = demo(&format!("/backup/exportBuckets/{}", bucket.json["_id"].as_str().unwrap()));
    bench.advance(15);
    assert_eq!(bench.get(&below(EXPORTS, &job)).await.documented(200).json["state"], "InProgress");
    bench.advance(75);
    let done = bench.get(&below(EXPORTS, &job)).await.documented(200).json;
    assert_eq!((&done["state"], &done["finishedAt"]), (&"Successful".into(), &"2026-09-01T12:01:30Z".into()));
    assert_eq!(done["exportStatus"], json!({"exportedCollections": 0, "totalCollections": 0}));
    let body = json!({"exportBucketId": done["exportBucketId"], "snapshotId": snapshot});
    bench.post(&demo(EXPORTS), body).await.documented(200);
    bench.delete(&bucket, OLDEST).await.documented(204);
}

#[tokio::test]
async fn only_a_complete_snapshot_can_be_exported_or_restored() {
    let bench = Bench::demo().await;
    let taken = bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 1})).await.documented(200).json;
    let bucket = bench.get_as(&demo("/backup/exportBuckets"), NEWEST).await.json["results"][0]["_id"].clone();
    let export = json!({"exportBucketId": bucket, "snapshotId": taken["id"]});
    bench.post(&demo(EXPORTS), export).await.refused(400, "ATLAS_GENERAL_ERROR");
    let restore = json!({"deliveryType": "download", "snapshotId": taken["id"]});
    bench.post(&demo(RESTORES), restore).await.refused(409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT");
}

#[tokio::test]
async fn automated_restore_ends_with_finished_at() {
    let bench = Bench::demo().await;
    let snapshot = bench.newest(SNAPSHOTS).await;
    let project = atlas_backup_emulator::DEMO_PROJECT;
    let body = json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "Sharded0", "targetGroupId": project});
    let job = bench.post(&demo(RESTORES), body).await.documented(200).json;
    assert_eq!(job["desiredTimestamp"], json!({"date": null, "increment": null, "time": null}));
    assert!(job.get("finishedAt").is_none());
    bench.advance(120);
    let done = bench.get(&below(RESTORES, &job)).await.documented(200).json;
    assert_eq!(done["finishedAt"], "2026-09-01T12:02:00Z");
    assert_eq!((&done["deliveryUrl"], &done["failed"]), (&json!([]), &false.into()));
    bench.delete(&below(RESTORES, &job), OLDEST).await.refused(400, "CANNOT_CANCEL_AUTOMATED_RESTORE");
}

#[tokio::test]
async fn download_ends_with_a_url_and_never_with_finished_at() {
    let bench = Bench::demo().await;
    let snapshot = bench.newest(SNAPSHOTS).await;
    let body = json!({"deliveryType": "download", "snapshotId": snapshot});
    let job = bench.post(&demo(RESTORES), body).await.documented(200).json;
    assert_eq!(job["deliveryUrl"], json!([]));
    bench.advance(120);
    let done = bench.get(&below(RESTORES, &job)).await.documented(200).json;
    assert!(done["deliveryUrl"][0].as_str().unwrap().starts_with(bench.emulator.base_url()));
    assert_eq!((done.get("finishedAt"), &done["expired"]), (None, &false.into()));
    bench.advance(3600);
    let expired = bench.get(&below(RESTORES, &job)).await.documented(200).json;
    assert_eq!((&expired["deliveryUrl"], &expired["expired"]), (&json!([]), &true.into()));
}

#[tokio::test]
async fn cancelled_restore_stays_cancelled() {
    let bench = Bench::demo().await;
    let snapshot = bench.newest(SNAPSHOTS).await;
    let body = json!({"deliveryType": "download", "snapshotId": snapshot});
    let job = bench.post(&demo(RESTORES), body).await.documented(200).json;
    bench.delete(&below(RESTORES, &job), OLDEST).await.documented(204);
    bench.advance(600);
    let after = bench.get(&below(RESTORES, &job)).await.documented(200).json;
    assert_eq!((&after["cancelled"], &after["deliveryUrl"]), (&true.into(), &json!([])));
}

#[tokio::test]
async fn restore_needs_its_target() {
    let bench = Bench::demo().await;
    let snapshot = bench.newest(SNAPSHOTS).await;
    let body = json!({"deliveryType": "automated", "snapshotId": snapshot});
    bench.post(&demo(RESTORES), body).await.refused(400, "MISSING_ATTRIBUTE");
    let project = atlas_backup_emulator::DEMO_PROJECT;
    let body = json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "none", "targetGroupId": project});
    bench.post(&demo(RESTORES), body).await.refused(404, "CLUSTER_NOT_FOUND");
}

#[tokio::test]
async fn flex_restore_is_pending_then_running_then_completed() {
    let bench = Bench::demo().await;
    let snapshot = bench.newest(&format!("{FLEX}/snapshots")).await;
    let jobs = format!("{FLEX}/restoreJobs");
    let body = json!({"snapshotId": snapshot, "targetDeploymentItemName": "Flex0", "targetProjectId": atlas_backup_emulator::DEMO_PROJECT});
    let job = bench.send_json(Method::POST, &demo(&jobs), NEWEST, body).await.documented(200).json;
    assert_eq!((&job["status"], &job["deliveryType"]), (&"PENDING".into(), &"RESTORE".into()));
    assert_eq!(job["expirationDate"], "2026-09-01T18:00:00Z");
    bench.advance(10);
    assert_eq!(bench.get_as(&below(&jobs, &job), NEWEST).await.documented(200).json["status"], "RUNNING");
    bench.advance(50);
    let done = bench.get_as(&below(&jobs, &job), NEWEST).await.documented(200).json;
    assert_eq!((&done["status"], &done["restoreFinishedDate"]), (&"COMPLETED".into(), &"2026-09-01T12:01:00Z".into()));
}

#[tokio::test]
async fn flex_snapshots_expire_eight_days_after_they_were_scheduled() {
    let bench = Bench::demo().await;
    let list = demo(&format!("{FLEX}/snapshots"));
    let count = async || bench.get_as(&list, NEWEST).await.documented(200).json["totalCount"].as_u64().unwrap();
    assert_eq!(count().await, 8);
    // A day later the oldest snapshot has expired and a new one exists.
    let oldest = bench.get_as(&list, NEWEST).await.json["results"][7]["id"].clone();
    bench.advance(86_400);
    assert_eq!(count().await, 8);
    let ids = bench.get_as(&list, NEWEST).await.json;
    assert!(ids["results"].as_array().unwrap().iter().all(|s| s["id"] != oldest));
}
