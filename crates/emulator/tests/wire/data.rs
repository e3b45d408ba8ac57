//! Cluster data: deterministic per cluster, kept by snapshots, changed by restores.

use crate::support::{Bench, NEWEST, demo};
use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Seed};
use http::Method;
use serde_json::{Value, json};

const RESTORES: &str = "/clusters/Cluster0/backup/restoreJobs";
const SNAPSHOTS: &str = "/clusters/Cluster0/backup/snapshots";

/// The id of a complete snapshot of `Cluster0`.
async fn snapshot(bench: &Bench) -> String {
    let taken = bench.post(&demo(SNAPSHOTS), json!({"retentionInDays": 1})).await.documented(200).json;
    bench.advance(60);
    taken["id"].as_str().unwrap().to_owned()
}

fn insert(bench: &Bench, cluster: &str, document: Value) {
    bench.emulator.data(DEMO_PROJECT, cluster).unwrap().insert("shop", "notes", vec![document]).unwrap();
}

fn notes(bench: &Bench, cluster: &str) -> Vec<Value> {
    bench.emulator.data(DEMO_PROJECT, cluster).unwrap().documents("shop", "notes")
}

async fn restore(bench: &Bench, body: Value) -> String {
    let job = bench.post(&demo(RESTORES), body).await.documented(200).json;
    demo(&format!("{RESTORES}/{}", job["id"].as_str().unwrap()))
}

#[tokio::test]
async fn cluster_data_is_deterministic_and_differs_by_cluster() {
    let (one, two) = (Bench::demo().await, Bench::demo().await);
    let orders =
        |bench: &Bench, cluster| bench.emulator.data(DEMO_PROJECT, cluster).unwrap().documents("shop", "orders");
    assert_eq!(orders(&one, "Cluster0"), orders(&two, "Cluster0"));
    assert_eq!(orders(&one, "Cluster0").len(), 400);
    assert_ne!(orders(&one, "Cluster0"), orders(&one, "Sharded0"));
    let data = one.emulator.data(DEMO_PROJECT, "Flex0").unwrap();
    assert_eq!(data.databases(), ["shop", "telemetry"]);
    assert_eq!(data.collections("shop"), ["customers", "orders", "products"]);
}

#[tokio::test]
async fn inserted_document_keeps_types_and_gets_id() {
    let bench = Bench::demo().await;
    let document = json!({"_id": {"$numberInt": "7"}, "n": {"$numberLong": "7"}, "d": {"$numberDouble": "7.0"}});
    insert(&bench, "Cluster0", document.clone());
    insert(&bench, "Cluster0", json!({"plain": true}));
    let notes = notes(&bench, "Cluster0");
    assert_eq!(notes[0], document);
    assert!(notes[1]["_id"]["$oid"].is_string());
    assert_eq!(notes[1]["plain"], true);
}

#[tokio::test]
async fn automated_restore_replaces_target_data_when_it_ends() {
    let bench = Bench::demo().await;
    insert(&bench, "Cluster0", json!({"_id": "before"}));
    let snapshot = snapshot(&bench).await;
    insert(&bench, "Cluster0", json!({"_id": "after"}));
    insert(&bench, "Sharded0", json!({"_id": "in the way"}));
    let body = json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "Sharded0", "targetGroupId": DEMO_PROJECT});
    restore(&bench, body).await;
    bench.advance(119);
    assert_eq!(notes(&bench, "Sharded0"), [json!({"_id": "in the way"})]);
    bench.advance(1);
    assert_eq!(notes(&bench, "Sharded0"), [json!({"_id": "before"})]);
    assert_eq!(notes(&bench, "Cluster0").len(), 2, "the source is unchanged");
}

#[tokio::test]
async fn point_in_time_restore_applies_data_of_that_time() {
    let bench = Bench::demo().await;
    insert(&bench, "Cluster0", json!({"_id": 1}));
    bench.advance(60);
    let moment = bench.emulator.clock().now().timestamp();
    bench.advance(60);
    bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap().drop_collection("shop", "notes").unwrap();
    assert!(notes(&bench, "Cluster0").is_empty());
    let body = json!({"deliveryType": "pointInTime", "pointInTimeUTCSeconds": moment, "targetClusterName": "Cluster0", "targetGroupId": DEMO_PROJECT});
    restore(&bench, body).await;
    bench.advance(120);
    assert_eq!(notes(&bench, "Cluster0"), [json!({"_id": {"$numberInt": "1"}})]);
}

#[tokio::test]
async fn flex_restore_applies_snapshot_data() {
    let bench = Bench::demo().await;
    insert(&bench, "Flex0", json!({"_id": 1}));
    let body = json!({"snapshotId": bench.newest("/flexClusters/Flex0/backup/snapshots").await, "targetDeploymentItemName": "Flex0", "targetProjectId": DEMO_PROJECT});
    let jobs = demo("/flexClusters/Flex0/backup/restoreJobs");
    bench.send_json(Method::POST, &jobs, NEWEST, body).await.documented(200);
    assert_eq!(notes(&bench, "Flex0").len(), 1);
    bench.advance(60);
    assert!(notes(&bench, "Flex0").is_empty());
}

#[tokio::test]
async fn invalid_mongodb_names_are_refused() {
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo)).await;
    let data = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    for (database, collection) in
        [("", "c"), ("a/b", "c"), ("..", "c"), ("d", ""), ("d", "a\0b"), ("d", "system.users"), ("d", "$c")]
    {
        assert!(data.insert(database, collection, vec![json!({})]).is_err(), "{database:?}.{collection:?}");
    }
    assert!(data.insert("d", "c", vec![json!([])]).is_err());
    assert!(bench.emulator.data(DEMO_PROJECT, "none").is_err());
}
