//! The programs of the guide, as they are printed there, against the emulator.

use std::task::Poll;

use atlas_backup::{
    CloudRoleId, HasState as _, JobState, NewCluster, NewProject, PointInTime, WaitPolicy, types::CloudProvider,
};
use atlas_backup_emulator::{DEMO_PROJECT, DEMO_SNAPSHOT};

use super::*;

#[path = "../../../crates/ergonomic/src/guide/programs/compliance_policy.rs"]
mod compliance_policy;
#[path = "../../../crates/ergonomic/src/guide/programs/download_sharded.rs"]
mod download_sharded;
#[path = "../../../crates/ergonomic/src/guide/programs/edit_schedule.rs"]
mod edit_schedule;
#[path = "../../../crates/ergonomic/src/guide/programs/export.rs"]
mod export;
#[path = "../../../crates/ergonomic/src/guide/programs/fleet.rs"]
mod fleet;
#[path = "../../../crates/ergonomic/src/guide/programs/nightly_snapshot.rs"]
mod nightly_snapshot;
#[path = "../../../crates/ergonomic/src/guide/programs/other_parts.rs"]
mod other_parts;
#[path = "../../../crates/ergonomic/src/guide/programs/point_in_time.rs"]
mod point_in_time;
#[path = "../../../crates/ergonomic/src/guide/programs/restore_elsewhere.rs"]
mod restore_elsewhere;
#[path = "../../../crates/ergonomic/src/guide/programs/testing.rs"]
mod testing;
#[path = "../../../crates/ergonomic/src/guide/programs/web_service.rs"]
mod web_service;

/// An emulator on a fast clock, and a client that polls often.
async fn fast() -> (Emulator, Client) {
    // Fast enough that jobs end at once, and slow enough that no download expires.
    let (emulator, _) = started(demo_builder().time_scale(500.0)).await;
    let policy = WaitPolicy::default().interval(Duration::from_millis(5)).longest_interval(Duration::from_millis(50));
    let atlas = client(&emulator, service_account()).with_wait_policy(policy);
    (emulator, atlas)
}

#[tokio::test]
async fn guide_takes_and_verifies_nightly_snapshot() {
    let (_emulator, atlas) = fast().await;
    for (name, archives) in [("Cluster0", 1), ("Sharded0", 2)] {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = nightly_snapshot::nightly_snapshot(&atlas, DEMO_PROJECT, name, folder.path()).await;
        let saved = saved.expect("taken and verified");
        assert_eq!(saved.len(), archives, "{name}");
        assert!(saved.iter().all(|saved| saved.path.is_file()), "{saved:?}");
    }
}

#[tokio::test]
async fn guide_restores_into_another_project() {
    let (_emulator, atlas) = fast().await;
    let organization = atlas.organizations().list().all().await.expect("organizations").remove(0).id;
    let other = atlas.projects().create(NewProject::new("staging", &organization).expect("an id")).await;
    let other = atlas.project(&other.expect("a project").id).expect("an id");
    let wanted = NewCluster::replica_set("Staging", CloudProvider::Aws, "US_EAST_1", "M10").expect("a cluster");
    other.clusters().create(wanted.with_backup()).await.expect("a cluster");
    let target = other.cluster("Staging").expect("a name");
    target.wait().await.expect("it is ready");

    let restored = restore_elsewhere::restore_elsewhere(&cluster(&atlas, "Cluster0"), &target).await;
    let job = restored.expect("restored").expect("there is a snapshot");
    assert_eq!(job.target_group_id.as_deref(), Some(other.id().as_str()));
    assert!(job.finished_at.is_some());
    let nothing =
        restore_elsewhere::restore_elsewhere(&target, &target).await.expect("a missing snapshot is not an error");
    assert!(nothing.is_none());
}

#[tokio::test]
async fn guide_restores_to_point_in_time() {
    let (emulator, atlas) = fast().await;
    let cluster = cluster(&atlas, "Cluster0");
    let moment = PointInTime::time(emulator.clock().now() - chrono::TimeDelta::hours(1));
    let job = point_in_time::restore_to(&cluster, &cluster, moment).await.expect("restored");
    assert_eq!(job.job_state(), JobState::Succeeded);
}

#[tokio::test]
async fn guide_downloads_sharded_cluster() {
    let (_emulator, atlas) = fast().await;
    let cluster = project(&atlas).any_cluster("Sharded0").expect("a name");
    let snapshots = cluster.snapshots().all().await.expect("snapshots");
    let folder = tempfile::tempdir().expect("a folder");
    let saved = download_sharded::download_sharded(&cluster, snapshots[0].id(), folder.path()).await.expect("saved");
    assert_eq!(saved.len(), 2);
    assert!(saved.iter().all(|saved| saved.unpacked_into.as_ref().is_some_and(|folder| folder.is_dir())), "{saved:?}");
}

#[tokio::test]
async fn guide_edits_schedule() {
    let (_emulator, atlas) = fast().await;
    let schedule = edit_schedule::keep_daily_snapshots(&cluster(&atlas, "Cluster0"), 9).await.expect("changed");
    let items = schedule.policies.iter().flatten().flat_map(|policy| policy.policy_items.iter().flatten());
    let daily = items.filter(|item| item.frequency_type.as_ref().is_some_and(|f| f.as_str() == "daily"));
    assert!(daily.map(|item| item.retention_value).eq([Some(9)]), "{schedule:?}");
}

#[tokio::test]
async fn guide_protects_project() {
    let (_emulator, atlas) = fast().await;
    let policy = compliance_policy::protect(&project(&atlas), "ada@example.com").await.expect("protected");
    assert_eq!(policy.job_state(), JobState::Succeeded);
}

#[tokio::test]
async fn guide_exports_snapshot_and_registers_bucket_once() {
    let (_emulator, atlas) = fast().await;
    let role = CloudRoleId::new("5e2211c17a3e5a48f5497de3").expect("an id");
    let snapshot = DEMO_SNAPSHOT.parse().expect("an id");
    let before = project(&atlas).export_buckets().list().all().await.expect("buckets").len();
    for _ in 0..2 {
        let export = export::export(&atlas, DEMO_PROJECT, "Cluster0", &snapshot, role.as_str()).await;
        assert_eq!(export.expect("exported").job_state(), JobState::Succeeded);
    }
    assert_eq!(project(&atlas).export_buckets().list().all().await.expect("buckets").len(), before + 1);
}

#[tokio::test]
async fn guide_walks_fleet() {
    let (emulator, _) = demo().await;
    let (newest, unread) = fleet::newest_snapshots(&client(&emulator, api_key())).await;
    let (cluster, _) = newest.iter().next().expect("clusters with snapshots");
    assert!(newest.len() > 2 && cluster.starts_with(DEMO_PROJECT) && unread.is_empty(), "{newest:?} {unread:?}");
}

#[tokio::test]
async fn guide_serves_web_requests_and_shuts_down_after_started_jobs() {
    let (_emulator, atlas) = fast().await;
    let count = || async { cluster(&atlas, "Cluster0").snapshots().list().all().await.expect("snapshots").len() };
    let before = count().await;
    let (app, ended) = web_service::App::new(atlas.clone());
    assert_eq!(app.list(DEMO_PROJECT, "Cluster0").await.expect("snapshots").len(), before);
    {
        // The caller goes away while the request is under way.
        let mut take = std::pin::pin!(app.take(DEMO_PROJECT, "Cluster0"));
        let is_begun = std::future::poll_fn(|context| Poll::Ready(take.as_mut().poll(context).is_pending()));
        assert!(is_begun.await);
    }
    web_service::shut_down(app, ended).await;
    assert_eq!(count().await, before + 1, "the request was not cut off");
}

#[tokio::test]
async fn guide_reads_other_parts_of_the_api() {
    let (emulator, _) = demo().await;
    let settings = other_parts::project_settings(&client(&emulator, api_key()), DEMO_PROJECT).await.expect("settings");
    assert!(settings.as_object().is_some_and(|settings| !settings.is_empty()), "{settings}");
}

#[test]
fn guide_shows_and_runs_every_program() {
    let guide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/ergonomic/src/guide");
    let programs = guide.join("programs").read_dir().expect("programs");
    let names: Vec<_> =
        programs.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let chapter = std::fs::read_to_string(guide.join(&name)).unwrap_or_else(|_| panic!("{name} has no chapter"));
        assert!(chapter.contains(&format!("#![doc = include_str!(\"programs/{name}\")]")), "{name} is not shown");
        assert!(include_str!("guide.rs").contains(&format!("/programs/{name}\"]")), "{name} is not run");
    }
}
