//! The life of a snapshot, from the request to its expiry.

use crate::support::{Bench, OLDEST, demo};
use http::Method;
use serde_json::{Value, json};

async fn take(bench: &Bench, cluster: &str, days: u32) -> Value {
    let body = json!({"description": "before migration", "retentionInDays": days});
    bench.post(&demo(&format!("/clusters/{cluster}/backup/snapshots")), body).await.documented(200).json
}

fn path(snapshot: &Value) -> String {
    demo(&format!("/clusters/Cluster0/backup/snapshots/{}", snapshot["id"].as_str().unwrap()))
}

#[tokio::test]
async fn snapshot_is_queued_then_in_progress_then_completed() {
    let bench = Bench::demo().await;
    let taken = take(&bench, "Cluster0", 7).await;
    assert_eq!(taken["status"], "queued");
    assert_eq!((&taken["frequencyType"], &taken["snapshotType"]), (&"ondemand".into(), &"onDemand".into()));
    assert_eq!(taken["storageSizeBytes"], 0);
    assert_eq!(taken["expiresAt"], "2026-09-08T12:00:00Z");
    for late in ["createdAt", "mongodVersion", "cloudProvider"] {
        assert!(taken.get(late).is_none(), "{late}");
    }
    bench.advance(10);
    let running = bench.get(&path(&taken)).await.documented(200).json;
    assert_eq!((&running["status"], &running["cloudProvider"]), (&"inProgress".into(), &"AWS".into()));
    assert!(running.get("createdAt").is_none());
    bench.advance(50);
    let done = bench.get(&path(&taken)).await.documented(200).json;
    assert_eq!(done["status"], "completed");
    assert_eq!(done["createdAt"], "2026-09-01T12:01:00Z");
    assert_eq!(done["expiresAt"], "2026-09-08T12:01:00Z", "the expiry changes at completion");
    assert!(done["storageSizeBytes"].as_i64().unwrap() > i64::from(i32::MAX));
}

#[tokio::test]
async fn snapshot_vanishes_when_it_expires() {
    let bench = Bench::demo().await;
    let taken = take(&bench, "Cluster0", 1).await;
    bench.advance(86_400 + 59);
    bench.get(&path(&taken)).await.documented(200);
    bench.advance(1);
    bench.get(&path(&taken)).await.refused(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn taken_snapshot_heads_the_list() {
    let bench = Bench::demo().await;
    let list = demo("/clusters/Cluster0/backup/snapshots?itemsPerPage=1");
    let before = bench.get(&list).await.json["totalCount"].as_u64().unwrap();
    let taken = take(&bench, "Cluster0", 7).await;
    let after = bench.get(&list).await.documented(200).json;
    assert_eq!((after["totalCount"].as_u64().unwrap(), &after["results"][0]), (before + 1, &taken));
}

#[tokio::test]
async fn retention_counts_from_completion_in_its_unit() {
    let bench = Bench::demo().await;
    let taken = take(&bench, "Cluster0", 7).await;
    bench.advance(60);
    let change = async |unit: &str, value: i64| {
        let body = json!({"retentionUnit": unit, "retentionValue": value});
        bench.send_json(Method::PATCH, &path(&taken), OLDEST, body).await
    };
    for (unit, value, expires) in [
        ("DAYS", 3, "2026-09-04T12:01:00Z"),
        ("WEEKS", 2, "2026-09-15T12:01:00Z"),
        ("MONTHS", 1, "2026-10-02T12:01:00Z"),
    ] {
        assert_eq!(change(unit, value).await.documented(200).json["expiresAt"], expires);
    }
    assert_eq!(bench.get(&path(&taken)).await.json["expiresAt"], "2026-10-02T12:01:00Z");
    change("FORTNIGHTS", 1).await.refused(400, "INVALID_ENUM_VALUE");
    change("DAYS", 0).await.refused(400, "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID");
    let body = json!({"retentionUnit": "DAYS"});
    bench.send_json(Method::PATCH, &path(&taken), OLDEST, body).await.refused(400, "MISSING_ATTRIBUTE");
}

#[tokio::test]
async fn sharded_snapshot_has_member_per_shard() {
    let bench = Bench::demo().await;
    let taken = take(&bench, "Sharded0", 7).await;
    assert_eq!(taken["type"], "shardedCluster");
    assert_eq!(taken["snapshotIds"].as_array().unwrap().len(), 2);
    bench.advance(60);
    let id = taken["id"].as_str().unwrap();
    let one = demo(&format!("/clusters/Sharded0/backup/snapshots/shardedCluster/{id}"));
    let done = bench.get(&one).await.documented(200).json;
    assert_eq!((&done["status"], done["members"].as_array().unwrap().len()), (&"completed".into(), 2));
    bench.delete(&one, OLDEST).await.documented(204);
    bench.get(&one).await.refused(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn demo_seed_is_deterministic() {
    let (one, other) = (Bench::demo().await, Bench::demo().await);
    let list = demo("/clusters/Cluster0/backup/snapshots?itemsPerPage=500");
    let ids = async |bench: &Bench| {
        let list = bench.get(&list).await.documented(200).json;
        list["results"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect::<Vec<_>>()
    };
    one.advance(0);
    assert_eq!(ids(&one).await, ids(&other).await);
    let page = one.get(&list).await.json;
    assert_eq!(page["results"][0]["id"], atlas_backup_emulator::DEMO_SNAPSHOT);
    let kinds = |kind: &str| page["results"].as_array().unwrap().iter().filter(|s| s["frequencyType"] == kind).count();
    for kind in ["hourly", "daily", "weekly", "monthly", "ondemand"] {
        assert!(kinds(kind) >= 3, "{kind}: {}", kinds(kind));
    }
    assert!(page["results"].as_array().unwrap().iter().all(|s| s["status"] == "completed"));
}

#[tokio::test]
async fn sharded_snapshot_retention_can_be_extended_but_not_unlimited() {
    let bench = Bench::demo().await;
    let newest = bench.newest("/clusters/Sharded0/backup/snapshots/shardedClusters").await;
    let snapshot = format!("/clusters/Sharded0/backup/snapshots/{newest}");
    let retention = json!({"retentionUnit": "YEARS", "retentionValue": 9999});
    let kept = bench.send_json(http::Method::PATCH, &demo(&snapshot), OLDEST, retention).await.documented(200).json;
    assert_eq!(kept["expiresAt"], "9999-12-31T23:59:59Z");
}
