//! Token buckets per endpoint set and project, and the response of an empty one.

use crate::support::{Bench, NEWEST, demo};
use atlas_backup_emulator::{Emulator, RateLimit, Seed};
use serde_json::json;

async fn tight() -> Bench {
    let limit = RateLimit { capacity: 2, refill: 6, refill_seconds: 60 };
    Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().rate_limit("Cloud Backups", limit)).await
}

#[tokio::test]
async fn every_response_has_rate_limit_headers() {
    let bench = Bench::demo().await;
    let backup = bench.get(&demo("/clusters/Cluster0/backup/snapshots")).await;
    assert_eq!((backup.header("ratelimit-limit"), backup.header("ratelimit-remaining")), ("1200", "1199"));
    let error = bench.get(&demo("/clusters/none/backup/snapshots")).await.refused(404, "CLUSTER_NOT_FOUND");
    assert_eq!(error.header("ratelimit-remaining"), "1198");
    let clusters = bench.get_as(&demo("/clusters"), NEWEST).await;
    assert_eq!(clusters.header("ratelimit-limit"), "10000");
}

#[tokio::test]
async fn empty_bucket_returns_retry_after_and_refills() {
    let bench = tight().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    for left in ["1", "0"] {
        assert_eq!(bench.get(&path).await.header("ratelimit-remaining"), left);
    }
    let refused = bench.get(&path).await.refused(429, "RATE_LIMITED_TOKEN_BUCKET");
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!((refused.header("ratelimit-limit"), refused.header("ratelimit-remaining")), ("2", "0"));
    assert_eq!(refused.json["parameters"], json!([path, 10, 2, 6, 60]));
    bench.advance(9);
    bench.get(&path).await.refused(429, "RATE_LIMITED_TOKEN_BUCKET");
    bench.advance(1);
    bench.get(&path).await.documented(200);
}

#[tokio::test]
async fn rate_limit_buckets_are_separate_per_set_and_project() {
    let bench = tight().await;
    let path = demo("/clusters/Cluster0/backup/snapshots");
    for _ in 0..2 {
        bench.get(&path).await.documented(200);
    }
    bench.get(&path).await.refused(429, "RATE_LIMITED_TOKEN_BUCKET");
    bench.get_as(&demo("/flexClusters/Flex0/backup/snapshots"), NEWEST).await.documented(200);
    let other = path.replace(atlas_backup_emulator::DEMO_PROJECT, "66aaaaaaaaaaaaaaaaaaaaaa");
    bench.get(&other).await.refused(404, "GROUP_NOT_FOUND");
}

#[tokio::test]
async fn rate_limits_are_listed() {
    let bench = tight().await;
    let list = bench.get_as("/api/atlas/v2/rateLimits?itemsPerPage=500", NEWEST).await.documented(200).json;
    let sets = list["results"].as_array().unwrap();
    let backups = sets.iter().find(|s| s["endpointSetName"] == "Cloud Backups").unwrap();
    assert_eq!(backups["capacity"]["value"], 2);
    let path = format!("/api/atlas/v2/rateLimits/{}", backups["endpointSetId"].as_str().unwrap());
    assert_eq!(&bench.get_as(&path, NEWEST).await.documented(200).json, backups);
    bench.get_as("/api/atlas/v2/rateLimits/none", NEWEST).await.refused(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn without_limits_every_request_is_granted() {
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().no_rate_limits()).await;
    for _ in 0..1_300 {
        let answer = bench.get(&demo("/backup/exportBuckets")).await.documented(200);
        assert_eq!(answer.header("ratelimit-limit"), "");
    }
}
