use std::time::Duration;

use atlas_backup::{Client, Cluster, Credentials, Result, Retention, SnapshotId, testing::CannedService};
use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Seed};
use serde_json::json;

/// The code under test.
async fn take_and_wait(cluster: &Cluster) -> Result<SnapshotId> {
    let taken = cluster.snapshots().take("nightly", Retention::days(7)).await?;
    Ok(cluster.snapshots().wait(&taken.id).await?.id.clone())
}

/// Canned responses: what was sent, and how the code reacts. Paused time makes waits end at
/// once.
#[tokio::test(start_paused = true)]
async fn failed_snapshot_is_an_error() {
    let service = CannedService::new();
    let snapshot = |status: &str| json!({ "id": "5f3e8e7d9b1c2a0012345678", "status": status });
    service.answer("takeGroupClusterBackupSnapshots", snapshot("queued"));
    service.answer("getGroupClusterBackupSnapshot", snapshot("inProgress"));
    service.answer("getGroupClusterBackupSnapshot", snapshot("failed"));

    let cluster = service.client().project("32b6e34b3d91647abb20e7b8").and_then(|p| p.cluster("Cluster0"));
    let error = take_and_wait(&cluster.expect("a cluster")).await.expect_err("the snapshot failed");
    assert_eq!(error.kind(), atlas_backup::ErrorKind::Failed);
    assert_eq!(service.sent()[0].json(), json!({ "description": "nightly", "retentionInDays": 7 }));
}

/// The emulator: a whole story on its own clock, over real HTTP.
#[tokio::test]
async fn snapshot_completes_once_its_time_has_come() {
    let emulator = Emulator::builder().seed(Seed::Demo).api_key("public", "private").stepped_clock();
    let emulator = emulator.start().await.expect("a free port");
    let atlas = Client::builder()
        .base_url(emulator.base_url())
        .credentials(Credentials::api_key("public", "private"))
        .build()
        .expect("a client");
    let cluster = atlas.project(DEMO_PROJECT).and_then(|p| p.cluster("Cluster0")).expect("a cluster");

    let taken = cluster.snapshots().take("nightly", Retention::days(7)).await.expect("a snapshot");
    emulator.clock().advance(Duration::from_secs(3600));
    let done = cluster.snapshots().wait(&taken.id).await.expect("it is complete");
    assert_eq!(done.id, taken.id);
}
