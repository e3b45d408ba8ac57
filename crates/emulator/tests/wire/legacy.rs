//! Legacy Backup, which no cluster has.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, OLDEST, demo};

#[tokio::test]
async fn legacy_lists_are_empty_and_the_rest_is_not_found() {
    let bench = Bench::demo().await;
    let cluster = |rest: &str| demo(&format!("/clusters/Cluster0{rest}"));
    for list in ["/snapshots", "/backupCheckpoints", "/restoreJobs"] {
        let page = bench.get(&cluster(list)).await.documented(200).json;
        assert_eq!((&page["results"], &page["totalCount"]), (&json!([]), &json!(0)), "{list}");
        bench.get(&demo(&format!("/clusters/none{list}"))).await.refused(404, "CLUSTER_NOT_FOUND");
    }
    let id = "66aaaaaaaaaaaaaaaaaaaaaa";
    let restore = json!({"snapshotId": id, "delivery": {"methodName": "HTTP"}});
    let schedule = json!({"clusterCheckpointIntervalMin": 15, "dailySnapshotRetentionDays": 7, "clusterId": id, "groupId": id,
        "monthlySnapshotRetentionMonths": 13, "pointInTimeWindowHours": 24, "snapshotIntervalHours": 6,
        "snapshotRetentionDays": 2, "weeklySnapshotRetentionWeeks": 4});
    for (method, path, body, code) in [
        (Method::GET, format!("/snapshots/{id}"), Value::Null, "SNAPSHOT_NOT_FOUND"),
        (Method::PATCH, format!("/snapshots/{id}"), json!({"doNotDelete": true}), "SNAPSHOT_NOT_FOUND"),
        (Method::DELETE, format!("/snapshots/{id}"), Value::Null, "SNAPSHOT_NOT_FOUND"),
        (Method::GET, format!("/backupCheckpoints/{id}"), Value::Null, "CHECKPOINT_NOT_FOUND"),
        (Method::GET, format!("/restoreJobs/{id}"), Value::Null, "RESTORE_JOB_NOT_FOUND"),
        (Method::POST, "/restoreJobs".to_owned(), restore, "BACKUP_CONFIG_NOT_FOUND"),
        (Method::GET, "/snapshotSchedule".to_owned(), Value::Null, "BACKUP_CONFIG_NOT_FOUND"),
        (Method::PATCH, "/snapshotSchedule".to_owned(), schedule, "BACKUP_CONFIG_NOT_FOUND"),
    ] {
        bench.send_json(method, &cluster(&path), OLDEST, body).await.refused(404, code);
    }
}

#[tokio::test]
async fn cluster_request_for_legacy_backup_is_refused() {
    let bench = Bench::demo().await;
    let settings = json!({"providerName": "AWS", "instanceSizeName": "M10", "regionName": "EU_WEST_1"});
    let body = json!({"name": "old", "backupEnabled": true, "providerSettings": settings});
    bench.post(&demo("/clusters"), body).await.refused(400, "CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS");
    let both =
        json!({"name": "both", "backupEnabled": true, "providerBackupEnabled": true, "providerSettings": settings});
    bench.post(&demo("/clusters"), both).await.refused(409, "ATLAS_BACKUP_CONFLICTING_OPTIONS");
    let change = async |body: Value| bench.send_json(Method::PATCH, &demo("/clusters/Cluster0"), OLDEST, body).await;
    change(json!({"backupEnabled": true})).await.refused(400, "CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE");
    let unchanged = change(json!({"backupEnabled": false})).await.documented(200).json;
    assert_eq!(unchanged["providerBackupEnabled"], true);
}
