//! The shared-tier and serverless operations: 410 at today's date, served before their sunset.

use crate::support::{Bench, NEWEST, OLDEST, demo};
use atlas_backup_emulator::{Emulator, Seed};
use chrono::{TimeZone, Utc};
use http::Method;
use serde_json::json;

const READS: [&str; 6] = [
    "/clusters/Flex0/backup/tenant/snapshots",
    "/clusters/Flex0/backup/tenant/snapshots/66aaaaaaaaaaaaaaaaaaaaaa",
    "/clusters/Flex0/backup/tenant/restores",
    "/serverless/Flex0/backup/snapshots",
    "/serverless/Flex0/backup/snapshots/66aaaaaaaaaaaaaaaaaaaaaa",
    "/serverless/Flex0/backup/restoreJobs",
];

#[tokio::test]
async fn retired_operation_past_sunset_is_410() {
    let bench = Bench::demo().await;
    for accept in [OLDEST, NEWEST] {
        for path in READS {
            let gone = bench.get_as(&demo(path), accept).await.refused(410, "VERSION_GONE");
            assert_eq!(gone.json["parameters"], json!(["2023-01-01", demo(path).trim_start_matches('/')]));
        }
    }
    for path in ["/clusters/Flex0/backup/tenant/restore", "/clusters/Flex0/backup/tenant/download"] {
        bench.post(&demo(path), json!({})).await.refused(410, "VERSION_GONE");
    }
}

#[tokio::test]
async fn retired_v1_path_past_sunset_is_410() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/Flex0/backup/tenant/snapshots").replace("/v2/", "/v1.0/");
    let gone = bench.send(bench.request(Method::GET, &path), "").await.refused(410, "VERSION_GONE");
    assert_eq!(gone.json["parameters"][1], path.trim_start_matches('/'));
}

#[tokio::test]
async fn retired_operations_before_sunset_return_flex_snapshots() {
    let start = Utc.with_ymd_and_hms(2026, 1, 21, 12, 0, 0).unwrap();
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock_at(start)).await;
    let shared = bench.get(&demo(READS[0])).await.documented(200);
    assert_eq!(shared.header("sunset"), "Thu, 22 Jan 2026 00:00:00 GMT");
    let shared = shared.json["results"].as_array().unwrap().clone();
    let serverless = bench.get(&demo(READS[3])).await.documented(200).json;
    let flex = bench.get_as(&demo("/flexClusters/Flex0/backup/snapshots"), NEWEST).await.documented(200).json;
    assert_eq!(shared.len(), 8);
    for (n, snapshot) in flex["results"].as_array().unwrap().iter().enumerate() {
        assert_eq!(snapshot, &shared[n]);
        assert_eq!(snapshot["id"], serverless["results"][n]["id"]);
    }
    let one = format!("{}/{}", demo(READS[0]), shared[0]["id"].as_str().unwrap());
    assert_eq!(bench.get(&one).await.documented(200).json, shared[0]);
    let older = bench.send(bench.request(Method::GET, &demo(READS[0]).replace("/v2/", "/v1.0/")), "").await;
    assert_eq!(older.json["results"].as_array().unwrap(), &shared);
    assert_eq!(older.header("content-type"), "application/json");
    // Lists of the shared tier have no paging.
    let all = bench.get(&demo(&format!("{}?itemsPerPage=2", READS[0]))).await.documented(200).json;
    assert_eq!(all["results"].as_array().unwrap().len(), 8);
}

/// The demo on the day before the sunset, and the id of its newest flex snapshot.
async fn before_the_sunset() -> (Bench, String) {
    let start = Utc.with_ymd_and_hms(2026, 1, 20, 12, 0, 0).unwrap();
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock_at(start)).await;
    let list = bench.get(&demo(READS[0])).await.documented(200).json;
    let id = list["results"][0]["id"].as_str().unwrap().to_owned();
    (bench, id)
}

#[tokio::test]
async fn shared_tier_restore_creates_flex_restore() {
    let (bench, snapshot) = before_the_sunset().await;
    let body = json!({"snapshotId": snapshot, "targetDeploymentItemName": "Flex0",
        "targetProjectId": atlas_backup_emulator::DEMO_PROJECT});
    let job = bench.post(&demo("/clusters/Flex0/backup/tenant/restore"), body.clone()).await.documented(200).json;
    assert_eq!((&job["status"], &job["clusterName"]), (&"PENDING".into(), &"Flex0".into()));
    let one = demo(&format!("{}/{}", READS[2], job["id"].as_str().unwrap()));
    for (seconds, status) in [(10, "RUNNING"), (50, "COMPLETED")] {
        bench.advance(seconds);
        assert_eq!(bench.get(&one).await.documented(200).json["status"], status);
    }
    let flex = demo(&format!("/flexClusters/Flex0/backup/restoreJobs/{}", job["id"].as_str().unwrap()));
    assert_eq!(bench.get_as(&flex, NEWEST).await.documented(200).json["status"], "COMPLETED");
    let download = bench.post(&demo("/clusters/Flex0/backup/tenant/download"), body).await.documented(200).json;
    assert_eq!(download["deliveryType"], "DOWNLOAD");
    bench.advance(60);
    let one = demo(&format!("{}/{}", READS[2], download["id"].as_str().unwrap()));
    assert!(bench.get(&one).await.documented(200).json["snapshotUrl"].is_string());
    let list = bench.get(&demo(READS[2])).await.documented(200).json;
    assert_eq!(list["results"][0]["id"], download["id"]);
    let nobody = "66aaaaaaaaaaaaaaaaaaaaaa";
    bench.get(&demo(&format!("{}/{nobody}", READS[2]))).await.refused(404, "TENANT_RESTORE_NOT_FOUND");
    bench.get(&demo(&format!("{}/{nobody}", READS[0]))).await.refused(404, "TENANT_SNAPSHOT_NOT_FOUND");
    let dedicated = demo(READS[2]).replace("Flex0", "Cluster0");
    bench.get(&dedicated).await.refused(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API");
}

#[tokio::test]
async fn serverless_restore_has_dedicated_shape() {
    let (bench, snapshot) = before_the_sunset().await;
    let project = atlas_backup_emulator::DEMO_PROJECT;
    let start = async |kind: &str| {
        let body = json!({"deliveryType": kind, "snapshotId": snapshot, "targetClusterName": "Flex0", "targetGroupId": project});
        bench.post(&demo(READS[5]), body).await
    };
    for (kind, ended) in [("automated", "finishedAt"), ("download", "expiresAt")] {
        let job = start(kind).await.documented(200).json;
        assert_eq!((&job["deliveryType"], job.get(ended)), (&kind.into(), None));
        bench.advance(60);
        let done =
            bench.get(&demo(&format!("{}/{}", READS[5], job["id"].as_str().unwrap()))).await.documented(200).json;
        assert!(done[ended].is_string(), "{kind}: {done}");
        assert_eq!(done["deliveryUrl"].as_array().unwrap().len(), usize::from(kind == "download"));
    }
    start("pointInTime").await.refused(400, "INVALID_PIT_RESTORE_TIME");
    let list = bench.get(&demo(READS[5])).await.documented(200).json;
    assert_eq!(list["results"][0]["deliveryType"], "download");
}
