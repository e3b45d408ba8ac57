//! Restore jobs from request to end: what is sent, what a wait ends with.

use atlas_backup::{ErrorKind, PointInTime, RestoreJob};
use atlas_backup_emulator::{DEMO_PROJECT, DEMO_SNAPSHOT};
use serde_json::{Value, json};

use super::*;

fn sent(recorder: &Recorder) -> Value {
    let posted = recorder.take().into_iter().rfind(|r| r.method == "POST" && !r.path.ends_with("/token"));
    serde_json::from_slice(&posted.expect("a request with a body").body).expect("JSON")
}

#[tokio::test]
async fn restore_jobs_are_listed_over_all_pages_and_fetched() {
    let (emulator, _) = demo().await;
    let restores = cluster(&client(&emulator, api_key()), "Cluster0").restores();
    let listed = restores.list().items_per_page(1).all().await.expect("restore jobs");
    assert!(listed.len() > 1, "the demo has {} restore jobs", listed.len());
    let got = restores.get(&listed[0].id).await.expect("the job");
    assert_eq!((&got.id, &got.snapshot_id), (&listed[0].id, &listed[0].snapshot_id));
    let missing = restores.get("ffffffffffffffffffffffff").await.expect_err("there is none");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn snapshot_is_restored_over_named_cluster() {
    let (emulator, recorder) = hurried().await;
    let atlas = client(&emulator, service_account());
    let source = cluster(&atlas, "Cluster0");
    let job = source.restores().automated(DEMO_SNAPSHOT, &cluster(&atlas, "Sharded0")).await.expect("a job");
    let expected = json!({"deliveryType": "automated", "snapshotId": DEMO_SNAPSHOT,
        "targetClusterName": "Sharded0", "targetGroupId": DEMO_PROJECT});
    assert_eq!(sent(&recorder), expected);
    assert_eq!(job.finished_at, None);
    let done = brief(source.restores().wait(&job.id)).await.expect("it finishes");
    assert!(done.id == job.id && done.finished_at.is_some());
}

#[tokio::test]
async fn point_in_time_is_time_or_oplog_position() {
    let (emulator, recorder) = hurried().await;
    let source = cluster(&client(&emulator, service_account()), "Cluster0");
    let time = emulator.clock().now() - chrono::TimeDelta::hours(1);
    let common = json!({"deliveryType": "pointInTime", "targetClusterName": "Cluster0", "targetGroupId": DEMO_PROJECT});

    let by_time = source.restores().point_in_time(time, &source).await.expect("a job");
    let mut expected = common.clone();
    expected["pointInTimeUTCSeconds"] = time.timestamp().into();
    assert_eq!(sent(&recorder), expected);
    assert!(brief(source.restores().wait(&by_time.id)).await.expect("it finishes").finished_at.is_some());

    let seconds = u32::try_from(time.timestamp()).expect("this century");
    source.restores().point_in_time(PointInTime::oplog(seconds, 7), &source).await.expect("a job");
    let mut expected = common;
    expected["oplogTs"] = seconds.into();
    expected["oplogInc"] = 7.into();
    assert_eq!(sent(&recorder), expected);
}

#[tokio::test]
async fn download_job_changes_no_cluster_and_ends_with_url() {
    let (emulator, recorder) = started(demo_builder().stepped_clock()).await;
    let restores = cluster(&client(&emulator, service_account()), "Cluster0").restores();
    let job = restores.download(DEMO_SNAPSHOT).await.expect("a job");
    assert_eq!(sent(&recorder), json!({"deliveryType": "download", "snapshotId": DEMO_SNAPSHOT}));
    emulator.clock().advance(Duration::from_secs(600));
    let done = brief(restores.wait(&job.id)).await.expect("it can be fetched");
    assert!(done.delivery_url.as_ref().is_some_and(|urls| !urls.is_empty()) && done.finished_at.is_none());
}

#[tokio::test]
async fn wait_for_cancelled_or_expired_job_fails_with_document() {
    let (emulator, _) = started(demo_builder().stepped_clock()).await;
    let cluster = cluster(&client(&emulator, service_account()), "Cluster0");
    let restores = cluster.restores();
    let outcome = |job: &RestoreJob| {
        let wait = brief(restores.wait(&job.id));
        async move { wait.await.expect_err("it never finishes") }
    };

    let job = restores.automated(DEMO_SNAPSHOT, &cluster).await.expect("a job");
    let writes = restores.cancel(&job.id).await.expect_err("it writes to a cluster");
    assert_eq!(writes.kind(), ErrorKind::BadRequest);
    let job = restores.download(DEMO_SNAPSHOT).await.expect("a job");
    restores.cancel(&job.id).await.expect("it is cancelled");
    let error = outcome(&job).await;
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.to_string().contains("was cancelled"), "{error}");
    assert_eq!(error.document().map(|d| &d["cancelled"]), Some(&true.into()));

    let job = restores.download(DEMO_SNAPSHOT).await.expect("a job");
    emulator.clock().advance(Duration::from_secs(2 * 3600));
    let error = outcome(&job).await;
    assert_eq!((error.kind(), error.document().map(|d| &d["expired"])), (ErrorKind::Failed, Some(&true.into())));
    let over = restores.cancel(&job.id).await.expect_err("it is over");
    assert_eq!(over.kind(), ErrorKind::BadRequest);
}

#[tokio::test]
async fn impossible_restore_is_refused() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, api_key());
    let source = cluster(&atlas, "Cluster0");
    let taken = source.snapshots().take("not complete", atlas_backup::Retention::days(1)).await.expect("a snapshot");
    let early = source.restores().download(&taken.id).await.expect_err("it is not complete");
    assert_eq!(early.kind(), ErrorKind::Conflict);
    let nowhere = source.restores().automated(DEMO_SNAPSHOT, &cluster(&atlas, "Cluster9")).await;
    assert_eq!(nowhere.expect_err("no such target").kind(), ErrorKind::NotFound);
    drop(recorder.take());
    let no_id = source.restores().download("not-an-id").await.expect_err("no id");
    assert_eq!((no_id.kind(), recorder.take().len()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn flex_snapshot_is_restored_over_named_cluster() {
    let (emulator, recorder) = hurried().await;
    let flex = project(&client(&emulator, service_account())).flex_cluster("Flex0").expect("a name");
    let snapshot = flex.snapshots().list().all().await.expect("snapshots").remove(0).id;
    let job = flex.restores().create(&snapshot, &flex).await.expect("a job");
    let expected = json!({"snapshotId": snapshot.as_str(), "targetDeploymentItemName": "Flex0",
        "targetProjectId": DEMO_PROJECT});
    assert_eq!(sent(&recorder), expected);
    let done = brief(flex.restores().wait(&job.id)).await.expect("it completes");
    assert!(done.id == job.id && done.restore_finished_date.is_some());

    let listed = flex.restores().list().items_per_page(1).all().await.expect("jobs");
    assert!(listed.iter().any(|j| j.id == job.id));
    assert_eq!(flex.restores().get(&job.id).await.expect("the job").status, done.status);
    let missing = flex.restores().wait("ffffffffffffffffffffffff").await.expect_err("there is none");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn flex_download_has_no_target_and_is_awaited() {
    let (emulator, recorder) = hurried().await;
    let flex = project(&client(&emulator, service_account())).flex_cluster("Flex0").expect("a name");
    let snapshot = flex.snapshots().list().all().await.expect("snapshots").remove(0).id;
    let job = flex.restores().download(&snapshot).await.expect("a job");
    assert_eq!(job.delivery_type.as_ref().map(|kind| kind.as_str()), Some("DOWNLOAD"));
    assert_eq!(sent(&recorder), json!({"snapshotId": snapshot.as_str()}));
    assert!(brief(flex.restores().wait(&job.id)).await.expect("it completes").target_deployment_item_name.is_none());
}
