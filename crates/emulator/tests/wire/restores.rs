//! Sources and targets of restores.

use atlas_backup_emulator::DEMO_PROJECT;
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, OLDEST, demo};

const NOON: i64 = 1_788_264_000;

async fn restore(bench: &Bench, source: &str, body: Value) -> Answer {
    bench.post(&demo(&format!("/clusters/{source}/backup/restoreJobs")), body).await
}

fn into(target: &str, more: Value) -> Value {
    let mut body = json!({"deliveryType": "automated", "targetClusterName": target, "targetGroupId": DEMO_PROJECT});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn snapshot(bench: &Bench) -> Value {
    json!({"snapshotId": bench.newest("/clusters/Cluster0/backup/snapshots").await})
}

#[tokio::test]
async fn point_in_time_must_lie_within_restore_window() {
    let bench = Bench::demo().await;
    let at = |more: Value| {
        let mut body = into("Cluster0", more);
        body["deliveryType"] = "pointInTime".into();
        body
    };
    let day = 86_400;
    for wrong in [
        json!({"pointInTimeUTCSeconds": NOON + 1}),
        json!({"pointInTimeUTCSeconds": NOON - 7 * day - 1}),
        json!({"oplogTs": NOON - 60}),
        json!({"pointInTimeUTCSeconds": NOON - 60, "oplogTs": NOON - 60, "oplogInc": 1}),
        json!({}),
    ] {
        restore(&bench, "Cluster0", at(wrong)).await.refused(400, "INVALID_PIT_RESTORE_TIME");
    }
    // Only the replica set of the demo has continuous backup.
    let elsewhere = at(json!({"pointInTimeUTCSeconds": NOON - 60}));
    restore(&bench, "Sharded0", elsewhere).await.refused(400, "INVALID_PIT_RESTORE_TIME");
    for (right, shown) in [
        (json!({"pointInTimeUTCSeconds": NOON - 7 * day}), "pointInTimeUTCSeconds"),
        (json!({"oplogTs": NOON - 60, "oplogInc": 4}), "oplogTs"),
    ] {
        let job = restore(&bench, "Cluster0", at(right.clone())).await.documented(200).json;
        assert_eq!((&job["deliveryType"], &job[shown]), (&"pointInTime".into(), &right[shown]));
        assert_eq!(job.get("oplogInc"), right.get("oplogInc"));
        bench.advance(120);
    }
}

#[tokio::test]
async fn point_in_time_needs_a_snapshot_before_it() {
    let bench = Bench::demo().await;
    let body = json!({"name": "fresh", "clusterType": "REPLICASET", "backupEnabled": true, "pitEnabled": true,
        "replicationSpecs": [{"regionConfigs": [{"providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7,
            "electableSpecs": {"instanceSize": "M10", "nodeCount": 3}}]}]});
    bench.send_json(Method::POST, &demo("/clusters"), NEWEST, body).await.documented(201);
    bench.advance(600);
    let mut body = into("fresh", json!({"pointInTimeUTCSeconds": NOON + 500}));
    body["deliveryType"] = "pointInTime".into();
    let code = "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME";
    restore(&bench, "fresh", body).await.refused(404, code);
}

#[tokio::test]
async fn restore_target_must_exist_be_idle_and_match_kind() {
    let bench = Bench::demo().await;
    let one = snapshot(&bench).await;
    restore(&bench, "Cluster0", into("none", one.clone())).await.refused(404, "CLUSTER_NOT_FOUND");
    let flex = restore(&bench, "Cluster0", into("Flex0", one.clone())).await;
    flex.refused(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");
    let mut elsewhere = into("Cluster0", one.clone());
    elsewhere["targetGroupId"] = "66aaaaaaaaaaaaaaaaaaaaaa".into();
    restore(&bench, "Cluster0", elsewhere).await.refused(404, "GROUP_NOT_FOUND");
    let sharded = json!({"snapshotId": bench.newest("/clusters/Sharded0/backup/snapshots/shardedClusters").await});
    restore(&bench, "Sharded0", into("Cluster0", sharded.clone())).await.refused(409, "RESTORE_INITIATION_FAILED");
    restore(&bench, "Sharded0", into("Sharded0", sharded)).await.documented(200);
    restore(&bench, "Cluster0", into("Sharded0", one.clone())).await.refused(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS");
    let busy = bench.send_json(Method::PATCH, &demo("/clusters/Sharded0"), NEWEST, json!({"tags": []})).await;
    busy.refused(400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE");
    bench.advance(120);
    bench.delete(&demo("/clusters/Sharded0"), NEWEST).await.documented(202);
    restore(&bench, "Cluster0", into("Sharded0", one)).await.refused(409, "RESTORE_INITIATION_FAILED");
}

#[tokio::test]
async fn only_a_download_that_has_not_expired_is_cancelled() {
    let bench = Bench::demo().await;
    let one = snapshot(&bench).await;
    let cancel = async |job: &Value| {
        let path = format!("/clusters/Cluster0/backup/restoreJobs/{}", job["id"].as_str().unwrap());
        let answer = bench.delete(&demo(&path), OLDEST).await;
        (answer, bench.get(&demo(&path)).await.documented(200).json)
    };
    let automated = restore(&bench, "Cluster0", into("Sharded0", one.clone())).await.documented(200).json;
    cancel(&automated).await.0.refused(400, "CANNOT_CANCEL_AUTOMATED_RESTORE");
    let body = json!({"deliveryType": "download", "snapshotId": one["snapshotId"]});
    let download = async || restore(&bench, "Cluster0", body.clone()).await.documented(200).json;
    let running = download().await;
    restore(&bench, "Cluster0", body.clone()).await.refused(400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY");
    let (answer, shown) = cancel(&running).await;
    answer.documented(204);
    assert_eq!((&shown["cancelled"], shown.get("finishedAt")), (&true.into(), None));
    cancel(&running).await.0.refused(400, "ATLAS_GENERAL_ERROR");
    let delivered = download().await;
    bench.advance(120);
    let (answer, shown) = cancel(&delivered).await;
    answer.documented(204);
    assert_eq!((&shown["cancelled"], &shown["deliveryUrl"]), (&true.into(), &json!([])));
    let expired = download().await;
    bench.advance(2 * 3_600);
    cancel(&expired).await.0.refused(400, "ALREADY_EXPIRED");
}

#[tokio::test]
async fn project_has_a_limited_number_of_active_downloads() {
    let bench = Bench::demo().await;
    let list = bench.get(&demo("/clusters/Cluster0/backup/snapshots")).await.documented(200).json;
    let ids: Vec<Value> = list["results"].as_array().unwrap().iter().map(|s| s["id"].clone()).take(21).collect();
    let download =
        async |id: &Value| restore(&bench, "Cluster0", json!({"deliveryType": "download", "snapshotId": id})).await;
    for id in &ids[..20] {
        download(id).await.documented(200);
    }
    download(&ids[20]).await.refused(400, "TOO_MANY_SNAPSHOT_DOWNLOADS");
    bench.advance(2 * 3_600);
    download(&ids[20]).await.documented(200);
}

#[tokio::test]
async fn flex_snapshot_restores_to_flex_cluster_or_replica_set() {
    let bench = Bench::demo().await;
    let snapshot = bench.newest("/flexClusters/Flex0/backup/snapshots").await;
    let restore = async |target: &str| {
        let body = json!({"snapshotId": snapshot, "targetDeploymentItemName": target, "targetProjectId": DEMO_PROJECT});
        bench.send_json(Method::POST, &demo("/flexClusters/Flex0/backup/restoreJobs"), NEWEST, body).await
    };
    restore("Sharded0").await.refused(400, "TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY");
    restore("none").await.refused(404, "CLUSTER_NOT_FOUND");
    restore("Cluster0").await.documented(200);
    restore("Cluster0").await.refused(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS");
    let body = json!({"name": "fresh", "providerSettings": {"backingProviderName": "AWS", "regionName": "EU_WEST_1"}});
    bench.send_json(Method::POST, &demo("/flexClusters"), NEWEST, body).await.documented(201);
    restore("fresh").await.refused(400, "TENANT_RESTORE_DESTINATION_UNAVAILABLE");
}
