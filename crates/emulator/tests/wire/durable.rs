//! The state on disk and as a document: it survives, it is checked, it goes on.

use atlas_backup_emulator::{Builder, Emulator, Seed};
use serde_json::{Value, json};

use crate::support::{Bench, demo};

fn on_disk(folder: &tempfile::TempDir) -> Builder {
    Emulator::builder().seed(Seed::Demo).stepped_clock().data_dir(folder.path())
}

async fn take(bench: &Bench, description: &str) -> Value {
    let list = demo("/clusters/Cluster0/backup/snapshots");
    bench.post(&list, json!({"description": description, "retentionInDays": 30})).await.documented(200).json
}

#[tokio::test]
async fn a_stopped_emulator_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(on_disk(&folder)).await;
    let taken = take(&bench, "kept").await;
    bench.advance(3_600);
    bench
        .delete(&demo("/clusters/Flex0"), crate::support::OLDEST)
        .await
        .refused(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");
    let before = bench.emulator.export_state();
    bench.emulator.stop().await;

    // The seed and the clock's start only count for a new folder.
    let bench = Bench::with(Emulator::builder().stepped_clock().data_dir(folder.path())).await;
    assert_eq!(bench.emulator.export_state(), before);
    let path = demo(&format!("/clusters/Cluster0/backup/snapshots/{}", taken["id"].as_str().unwrap()));
    assert_eq!(bench.get(&path).await.documented(200).json["status"], "completed");
    assert_ne!(take(&bench, "another").await["id"], taken["id"]);
}

#[tokio::test]
async fn an_exported_state_is_the_whole_state() {
    let bench = Bench::demo().await;
    take(&bench, "exported").await;
    bench.advance(90);
    let exported = bench.emulator.export_state();
    let other = Bench::with(Emulator::builder().stepped_clock()).await;
    other.emulator.import_state(exported.clone()).await.unwrap();
    assert_eq!(other.emulator.export_state(), exported);
    assert_eq!(other.emulator.clock().now(), bench.emulator.clock().now());
}
