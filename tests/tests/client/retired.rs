//! The retired operations of the shared tier and of serverless instances, each served by flex in its own form.
#![allow(deprecated, reason = "the shims are what these tests are about")]

use atlas_backup::{
    ErrorKind, SnapshotId,
    compat::{FlexForm, serverless, shared_tier},
    types::{DeliveryType, ServerlessBackupRestoreJob, TenantRestore},
};
use serde_json::{Value, json};

use super::*;

/// A client, what it asked, and a snapshot of `Flex0`, on an emulator on which what takes minutes takes milliseconds.
async fn served() -> (Emulator, Recorder, Client, SnapshotId) {
    let (emulator, recorder) = hurried().await;
    let atlas = client(&emulator, service_account());
    let flex = project(&atlas).flex_cluster("Flex0").expect("a name");
    let snapshot = flex.snapshots().list().all().await.expect("snapshots").remove(0).id;
    drop(recorder.take());
    (emulator, recorder, atlas, snapshot)
}

fn last(recorder: &Recorder) -> (String, Value) {
    let request = recorder.take().pop().expect("a request");
    (format!("{} {}", request.method, request.path), serde_json::from_slice(&request.body).unwrap_or_default())
}

/// A POST to a path below the backups of `Flex0`.
fn post(path: &str) -> String {
    format!("POST /api/atlas/v2/groups/{DEMO_PROJECT}/flexClusters/Flex0/backup/{path}")
}

#[tokio::test]
async fn shared_tier_restores_and_downloads_use_flex() {
    let (_emulator, recorder, atlas, snapshot) = served().await;
    let request = TenantRestore::new(&snapshot, "Flex0").with_target_project_id(DEMO_PROJECT);
    let job = shared_tier::create_shared_cluster_backup_restore_job(&atlas, DEMO_PROJECT, "Flex0", &request).await;
    let job = job.expect("a job");
    let target = json!({"snapshotId": snapshot.as_str(), "targetDeploymentItemName": "Flex0",
        "targetProjectId": DEMO_PROJECT});
    assert_eq!(last(&recorder), (post("restoreJobs"), target));
    assert_eq!(
        (job.cluster_name.as_deref(), job.meta().served_by()),
        (Some("Flex0"), Some("createGroupFlexClusterBackupRestoreJob"))
    );

    let download = shared_tier::download_shared_cluster_backup(&atlas, DEMO_PROJECT, "Flex0", &request).await;
    let download = download.expect("a job");
    let only = json!({"snapshotId": snapshot.as_str()});
    assert_eq!(last(&recorder), (post("download"), only));
    assert_eq!(download.delivery_type.as_ref().map(|kind| kind.as_str()), Some("DOWNLOAD"));

    let listed = shared_tier::list_shared_cluster_backup_restore_jobs(&atlas, DEMO_PROJECT, "Flex0").expect("a list");
    let listed = listed.all().await.expect("jobs");
    assert!([&job.id, &download.id].iter().all(|id| listed.iter().any(|job| &job.id == *id)));
    let got = shared_tier::get_shared_cluster_backup_restore_job(&atlas, DEMO_PROJECT, "Flex0", &job.id).await;
    let got = got.expect("the job");
    assert_eq!((&got.id, &got.snapshot_id), (&job.id, &job.snapshot_id));

    let flex = project(&atlas).flex_cluster("Flex0").expect("a name").restores();
    let done = brief(flex.wait(&job.id)).await.expect("it completes");
    let old = TenantRestore::from_flex(done.document()).expect("a shared-tier job");
    assert_eq!((old.cluster_name.as_deref(), &old.restore_finished_date), (Some("Flex0"), &done.restore_finished_date));
    assert_eq!(&old.to_flex().expect("a flex job"), done.document());
}

#[tokio::test]
async fn serverless_restores_use_flex_and_refuse_points_in_time() {
    let (_emulator, recorder, atlas, snapshot) = served().await;
    let request =
        |kind: DeliveryType| ServerlessBackupRestoreJob::new(kind, "Flex0", DEMO_PROJECT).with_snapshot_id(&snapshot);
    let create = |request: ServerlessBackupRestoreJob| {
        let atlas = atlas.clone();
        async move { serverless::create_serverless_backup_restore_job(&atlas, DEMO_PROJECT, "Flex0", &request).await }
    };
    let job = create(request(DeliveryType::Automated)).await.expect("a job");
    assert!(last(&recorder).0.ends_with("/backup/restoreJobs"));
    assert_eq!((job.target_cluster_name.as_deref(), job.failed), (Some("Flex0"), Some(false)));
    assert_eq!((job.cancelled, job.expired), (None, None), "what flex does not know is absent");
    assert_eq!(job.delivery_type.as_ref().map(|kind| kind.as_str()), Some("automated"));
    let download = create(request(DeliveryType::Download)).await.expect("a job");
    assert!(last(&recorder).0.ends_with("/backup/download"));
    assert_eq!(download.delivery_type.as_ref().map(|kind| kind.as_str()), Some("download"));

    for refused in [request(DeliveryType::PointInTime), request(DeliveryType::Automated).with_oplog_ts(7)] {
        assert_eq!(create(refused).await.expect_err("no counterpart").kind(), ErrorKind::InvalidInput);
    }
    assert!(recorder.take().is_empty());

    let listed = serverless::list_serverless_backup_restore_jobs(&atlas, DEMO_PROJECT, "Flex0").expect("a list");
    let listed = listed.items_per_page(1).all().await.expect("jobs");
    assert!(listed.iter().any(|listed| listed.id == job.id));
    let got = serverless::get_serverless_backup_restore_job(&atlas, DEMO_PROJECT, "Flex0", &job.id).await;
    assert_eq!(got.expect("the job").snapshot_id, job.snapshot_id);
}
