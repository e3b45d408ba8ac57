//! Fleets and downloads on the emulator: what comes is what the single calls bring.

use std::collections::BTreeSet;

use atlas_backup::ErrorKind;
use atlas_backup_emulator::DEMO_SNAPSHOT;
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::*;

#[tokio::test]
async fn fleet_returns_same_items_as_cluster_lists() {
    let (emulator, _) = demo().await;
    let atlas = client(&emulator, service_account());
    let mut expected = BTreeSet::new();
    for project in atlas.projects().list().all().await.expect("projects") {
        let project = atlas.project(&project.id).expect("a project");
        for cluster in project.clusters().list().all().await.expect("clusters") {
            let cluster = project.cluster(&cluster.name).expect("a cluster");
            let sharded = cluster.name().as_str().starts_with("Sharded");
            let ids: Vec<_> = match sharded {
                true => cluster.sharded_snapshots().list().items().map_ok(|s| s.id).try_collect().await,
                false => cluster.snapshots().list().items().map_ok(|s| s.id).try_collect().await,
            }
            .expect("snapshots");
            expected.extend(ids);
        }
        for flex in project.flex_clusters().list().all().await.expect("flex clusters") {
            let snapshots = project.flex_cluster(&flex.name).expect("a cluster").snapshots();
            expected.extend(snapshots.list().all().await.expect("snapshots").into_iter().map(|s| s.id));
        }
    }
    let found: Vec<_> =
        atlas.fleet().snapshots().map_ok(|found| found.item.id().clone()).try_collect().await.expect("all");
    assert!(found.len() > 10, "{}", found.len());
    assert_eq!(found.len(), expected.len(), "nothing comes twice");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);

    let schedules = atlas.fleet().schedules().filter(|s| std::future::ready(s.is_ok())).count().await;
    let exports = atlas.fleet().exports().try_collect::<Vec<_>>().await.expect("exports");
    assert!(schedules > 0 && !exports.is_empty(), "{schedules} schedules, {} exports", exports.len());
}

#[tokio::test]
async fn emulator_archive_is_downloaded_and_verified() {
    let (emulator, _) = hurried().await;
    let atlas = client(&emulator, api_key());
    let folder = tempfile::tempdir().expect("a folder");
    let restores = cluster(&atlas, "Cluster0").restores();
    let download = restores.download(DEMO_SNAPSHOT).await.expect("a job").interval(Duration::from_millis(5));
    let saved = download.verify().save_to(folder.path().join("dump.tar.gz")).await.expect("saved");
    assert_eq!(std::fs::metadata(&saved.path).expect("the file").len(), saved.bytes);

    let flex = project(&atlas).flex_cluster("Flex0").expect("a name");
    let snapshot = flex.snapshots().list().all().await.expect("snapshots").remove(0).id;
    let download = flex.restores().download(&snapshot).await.expect("a job").interval(Duration::from_millis(5));
    let saved = download.verify().save_to(folder.path().join("flex.tar.gz")).await.expect("saved");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2);
    assert!(saved.bytes > 0);
}

#[tokio::test]
async fn download_of_expired_job_fails_with_job() {
    let (emulator, _) = started(demo_builder().stepped_clock()).await;
    let restores = cluster(&client(&emulator, api_key()), "Cluster0").restores();
    let download = restores.download(DEMO_SNAPSHOT).await.expect("a job");
    emulator.clock().advance(Duration::from_secs(24 * 3600));
    let error = download.open().await.expect_err("it has expired");
    assert_eq!((error.kind(), error.document().map(|d| &d["expired"])), (ErrorKind::Failed, Some(&true.into())));
}
