//! The state on disk and as a document: it is kept, checked and continued.

use atlas_backup_emulator::{Builder, Emulator, Fleet, Seed};
use serde_json::{Value, json};

use crate::support::{Bench, NEWEST, OLDEST, demo};

fn on_disk(folder: &tempfile::TempDir) -> Builder {
    Emulator::builder().seed(Seed::Demo).stepped_clock().data_dir(folder.path())
}

/// The folder after a crash at this moment, without a clean stop.
fn crash(from: &tempfile::TempDir, to: &tempfile::TempDir) {
    std::fs::copy(from.path().join("state.redb"), to.path().join("state.redb")).unwrap();
}

async fn take(bench: &Bench, description: &str) -> Value {
    let list = demo("/clusters/Cluster0/backup/snapshots");
    bench.post(&list, json!({"description": description, "retentionInDays": 30})).await.documented(200).json
}

#[tokio::test]
async fn restarted_emulator_continues_with_saved_state() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(on_disk(&folder)).await;
    let taken = take(&bench, "kept").await;
    bench.advance(3_600);
    bench.delete(&demo("/clusters/Flex0"), OLDEST).await.refused(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");
    let before = bench.emulator.export_state();
    bench.emulator.stop().await;

    // The seed and the start of the clock apply only to a new folder.
    let bench = Bench::with(Emulator::builder().stepped_clock().data_dir(folder.path())).await;
    assert!(bench.emulator.export_state() == before);
    let path = demo(&format!("/clusters/Cluster0/backup/snapshots/{}", taken["id"].as_str().unwrap()));
    assert_eq!(bench.get(&path).await.documented(200).json["status"], "completed");
    assert_ne!(take(&bench, "another").await["id"], taken["id"]);
}

#[tokio::test]
async fn exported_state_is_complete() {
    let bench = Bench::demo().await;
    take(&bench, "exported").await;
    bench.advance(90);
    let exported = bench.emulator.export_state();
    let other = Bench::with(Emulator::builder().stepped_clock()).await;
    other.emulator.import_state(exported.clone()).await.unwrap();
    assert!(other.emulator.export_state() == exported);
    assert_eq!(other.emulator.clock().now(), bench.emulator.clock().now());
}

#[tokio::test]
async fn emulator_starts_with_an_exported_state() {
    let bench = Bench::demo().await;
    take(&bench, "exported").await;
    bench.advance(90);
    let exported = bench.emulator.export_state();
    let seeded = Bench::with(Emulator::builder().seed(Seed::from_export(exported.clone())).stepped_clock()).await;
    assert!(seeded.emulator.export_state() == exported);
    let refused = Emulator::builder().seed(Seed::from_export(json!({"format": "a letter"}))).start().await;
    assert!(refused.unwrap_err().to_string().contains("format"));
}

#[tokio::test]
async fn import_is_saved_to_disk() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bench = Bench::with(on_disk(&folder)).await;
    let empty = Bench::with(Emulator::builder().stepped_clock()).await.emulator.export_state();
    bench.emulator.import_state(empty.clone()).await.unwrap();
    crash(&folder, &copy);
    let after = Bench::with(on_disk(&copy)).await;
    assert!(after.emulator.export_state() == empty);
}

#[tokio::test]
async fn clock_continues_after_crash() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let scaled = |folder: &tempfile::TempDir| Emulator::builder().time_scale(60.0).data_dir(folder.path());
    let bench = Bench::with(scaled(&folder)).await;
    bench.advance(86_400);
    bench.emulator.flush().await.unwrap();
    let before = bench.emulator.clock().now();
    crash(&folder, &copy);
    let after = Bench::with(scaled(&copy)).await;
    let now = after.emulator.clock().now();
    assert!(now >= before && now - before < chrono::TimeDelta::hours(1), "{before} {now}");
    assert!(after.emulator.clock().unscaled() >= bench.emulator.clock().unscaled() - chrono::TimeDelta::minutes(1));
}

#[tokio::test]
async fn fleet_seed_has_requested_size_and_is_deterministic() {
    let fleet = Seed::Fleet(Fleet { projects: 3, clusters: 2, snapshots: 7 });
    let bench = Bench::with(Emulator::builder().seed(fleet.clone()).stepped_clock()).await;
    let projects = bench.get("/api/atlas/v2/groups").await.documented(200).json;
    assert_eq!(projects["totalCount"], 3);
    let project = projects["results"][2]["id"].as_str().unwrap();
    assert_eq!(
        bench.get_as(&format!("/api/atlas/v2/groups/{project}/clusters"), NEWEST).await.documented(200).json["totalCount"],
        2
    );
    let list = format!("/api/atlas/v2/groups/{project}/clusters/cluster-1/backup/snapshots");
    let snapshots = bench.get(&list).await.documented(200).json;
    assert_eq!(snapshots["totalCount"], 7);
    assert!(snapshots["results"].as_array().unwrap().iter().all(|s| s["status"] == "completed"));
    let again = Bench::with(Emulator::builder().seed(fleet).stepped_clock()).await;
    assert!(again.emulator.export_state() == bench.emulator.export_state());
}

/// Every file below a folder.
fn files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path.display().to_string()] });
    let mut all: Vec<String> = below.collect();
    all.sort();
    all
}

#[tokio::test]
async fn request_names_never_create_files_outside_data_folder() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().data_dir(&folder)).await;
    let before = files(parent.path());
    assert_eq!(before.len(), 2, "the state and its lock: {before:?}");
    for name in ["../../escaped", "..%2f..%2fescaped", "/etc/escaped", "state.redb", "lock", "a\0b", "."] {
        let project = json!({"name": name, "orgId": atlas_backup_emulator::ORGANIZATION});
        bench.post("/api/atlas/v2/groups", project).await;
        let bucket = json!({"bucketName": name, "cloudProvider": "GCP", "roleId": "66aaaaaaaaaaaaaaaaaaaaaa"});
        bench.send_json(http::Method::POST, &demo("/backup/exportBuckets"), NEWEST, bucket).await;
        let flex = json!({"name": name, "providerSettings": {"backingProviderName": "AWS", "regionName": name}});
        bench.send_json(http::Method::POST, &demo("/flexClusters"), NEWEST, flex).await;
        take(&bench, name).await;
        bench.advance(600);
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        bench.get(&demo(&format!("/clusters/{encoded}/backup/snapshots/{encoded}"))).await;
        bench.get(&format!("/{encoded}")).await;
    }
    // Exports are written only to their folder.
    let exports = folder.join("exports").display().to_string();
    let after: Vec<_> = files(parent.path()).into_iter().filter(|file| !file.starts_with(&exports)).collect();
    assert_eq!(after, before);
    assert!(!std::path::Path::new("/etc/escaped").exists());
}
