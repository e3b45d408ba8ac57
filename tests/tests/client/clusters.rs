//! Projects and clusters from creation to being gone, and what stands beside them.

use atlas_backup::{
    AnySnapshot, ClusterKind, ErrorKind, HasState as _, JobState, NewCluster, NewFlexCluster, NewProject, Retention,
    types::{CloudProvider, FlexClusterDescriptionUpdate, GroupUpdate},
};
use atlas_backup_emulator::DEMO_SNAPSHOT;

use super::*;

#[tokio::test]
async fn empty_project_is_created_renamed_and_deleted() {
    let (emulator, _) = hurried().await;
    let atlas = client(&emulator, service_account());
    let organization = atlas.organizations().list().all().await.expect("organizations").remove(0).id;
    let wanted = NewProject::new("restores", &organization).expect("an id").with_tag("team", "storage");
    let created = atlas.projects().create(wanted).await.expect("a project");
    let project = atlas.project(&created.id).expect("an id");
    let renamed = project.update(&GroupUpdate::new().with_name("restores of 2026")).await.expect("it is renamed");
    assert_eq!((&renamed.id, renamed.name.as_deref()), (&created.id, Some("restores of 2026")));
    assert_eq!(project.get().await.expect("the project").name, renamed.name);

    let wanted = NewFlexCluster::new("Flex1", CloudProvider::Aws, "US_EAST_1").expect("a name");
    project.flex_clusters().create(wanted).await.expect("a cluster");
    assert_eq!(project.delete().await.expect_err("it has a cluster").kind(), ErrorKind::Conflict);
    let flex = project.flex_cluster("Flex1").expect("a name");
    brief(flex.wait()).await.expect("it is ready");
    flex.delete().await.expect("it is deleted");
    brief(flex.wait_deleted()).await.expect("it is gone");
    project.delete().await.expect("it is deleted");
    assert_eq!(project.get().await.expect_err("it is gone").kind(), ErrorKind::NotFound);
    let nobodys = brief(flex.wait_deleted()).await.expect_err("the project is not found");
    assert_eq!(nobodys.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn cluster_is_created_changed_and_deleted_with_waits() {
    let (emulator, recorder) = hurried().await;
    let project = project(&client(&emulator, service_account()));
    let wanted = NewCluster::replica_set("Copy0", CloudProvider::Aws, "US_EAST_1", "M10").expect("a cluster");
    let created = project.clusters().create(wanted.with_backup()).await.expect("a cluster");
    let cluster = project.cluster(&created.name).expect("a name");
    let ready = brief(cluster.wait()).await.expect("it is ready");
    assert_eq!(ready.state_name.as_ref().map(|s| s.as_str()), Some("IDLE"));
    assert_eq!((ready.backup_enabled, ready.pit_enabled), (Some(true), Some(false)));

    drop(recorder.take());
    cluster.update(|c| c.pit_enabled = Some(true)).await.expect("it is changed");
    let sent = recorder.take().into_iter().find(|r| r.method == "PATCH").expect("a change");
    assert_eq!(sent.body, r#"{"pitEnabled":true}"#);
    assert_eq!(brief(cluster.wait()).await.expect("it is ready").pit_enabled, Some(true));
    cluster.update(|_| ()).await.expect("the cluster");
    assert!(recorder.take().iter().all(|r| r.method == "GET"), "what did not change is not sent");

    cluster.delete().await.expect("it is deleted");
    let early = brief(cluster.wait()).await.expect_err("it is being deleted");
    assert!(matches!(early.kind(), ErrorKind::Failed | ErrorKind::NotFound), "{early}");
    brief(cluster.wait_deleted()).await.expect("it is gone");
    assert_eq!(cluster.get().await.expect_err("it is gone").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn flex_cluster_is_created_changed_and_deleted() {
    let (emulator, _) = hurried().await;
    let project = project(&client(&emulator, api_key()));
    let wanted = NewFlexCluster::new("Flex1", CloudProvider::Gcp, "CENTRAL_US").expect("a name");
    project.flex_clusters().create(wanted.with_tag("a", "b").with_termination_protection()).await.expect("a cluster");
    let flex = project.flex_cluster("Flex1").expect("a name");
    let ready = brief(flex.wait()).await.expect("it is ready");
    assert_eq!((ready.termination_protection_enabled, ready.tags.as_ref().map(Vec::len)), (Some(true), Some(1)));
    let kind = brief(project.cluster("Flex1").expect("a name").wait()).await.expect_err("it is flex").kind();
    assert_eq!(kind, ErrorKind::BadRequest);

    let change = FlexClusterDescriptionUpdate::new().with_termination_protection_enabled(false);
    let changed = flex.update(&change).await.expect("it is changed");
    assert_eq!(changed.termination_protection_enabled, Some(false));
    brief(flex.wait()).await.expect("it is ready");
    flex.delete().await.expect("it is deleted");
    brief(flex.wait_deleted()).await.expect("it is gone");
    let listed = project.flex_clusters().list().all().await.expect("flex clusters");
    assert!(listed.iter().all(|cluster| cluster.name.as_str() != "Flex1"));
}

#[tokio::test]
async fn wait_follows_take_on_every_dedicated_cluster() {
    let (emulator, _) = hurried().await;
    let atlas = client(&emulator, service_account());
    for name in ["Cluster0", "Sharded0"] {
        let snapshots = cluster(&atlas, name).snapshots();
        let taken = snapshots.take("before migration", Retention::weeks(1)).await.expect("a snapshot");
        let done = brief(snapshots.wait(&taken.id)).await.expect("it completes");
        assert_eq!((&done.id, done.job_state()), (&taken.id, JobState::Succeeded), "{name}");
        assert!(done.storage_size_bytes.is_some(), "{name}");
    }
}

#[tokio::test]
async fn any_cluster_finds_the_operations_of_its_kind() {
    let (emulator, recorder) = hurried().await;
    let project = project(&client(&emulator, service_account()));
    for (name, kind) in
        [("Cluster0", ClusterKind::ReplicaSet), ("Sharded0", ClusterKind::Sharded), ("Flex0", ClusterKind::Flex)]
    {
        let cluster = project.any_cluster(name).expect("a name");
        let snapshots = cluster.snapshots().all().await.expect("snapshots");
        assert!(!snapshots.is_empty() && snapshots.iter().all(|snapshot| snapshot.kind() == kind), "{name}");
        drop(recorder.take());
        assert_eq!((cluster.kind().await.expect("a kind"), recorder.take().len()), (kind, 0), "{name}");
        let alone = project.any_cluster(name).expect("a name");
        assert_eq!(&alone.snapshot(snapshots[0].id()).await.expect("the snapshot"), &snapshots[0]);
        let document = project.any_cluster(name).expect("a name").get().await.expect("the cluster");
        assert_eq!((document.name().as_str(), document.kind()), (name, kind));
        let saved = serde_json::to_value(&snapshots).expect("JSON");
        assert_eq!(serde_json::from_value::<Vec<AnySnapshot>>(saved).expect("snapshots"), snapshots);
        let jobs = project.any_cluster(name).expect("a name").restores().all().await.expect("restore jobs");
        for job in jobs {
            assert_eq!(alone.restore(job.id()).await.expect("the job").id(), job.id());
        }
    }
    let missing = project.any_cluster("Nowhere").expect("a name").snapshots().all().await.expect_err("none");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn sharded_snapshot_is_taken_awaited_and_deleted() {
    let (emulator, _) = hurried().await;
    let sharded = cluster(&client(&emulator, service_account()), "Sharded0").sharded_snapshots();
    let taken = sharded.take("before migration", Retention::weeks(1)).await.expect("a snapshot");
    let done = brief(sharded.wait(&taken.id)).await.expect("it completes");
    assert!(done.members.as_ref().is_some_and(|members| !members.is_empty()));
    sharded.delete(&taken.id).await.expect("it is deleted");
    assert_eq!(sharded.get(&taken.id).await.expect_err("it is gone").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn longer_retention_moves_expiry_by_its_unit() {
    let (emulator, _) = demo().await;
    let snapshots = cluster(&client(&emulator, service_account()), "Cluster0").snapshots();
    let mut kept = Vec::new();
    for retention in [Retention::days(2), Retention::weeks(2), Retention::months(2), Retention::years(2)] {
        let changed = snapshots.change_retention(DEMO_SNAPSHOT, retention).await.expect("it is changed");
        kept.push((changed.expires_at.expect("an expiry") - changed.created_at.expect("a time")).num_days());
    }
    assert_eq!(kept[..2], [2, 14]);
    assert!((59..=62).contains(&kept[2]) && (729..=732).contains(&kept[3]), "{kept:?}");
}

#[tokio::test]
async fn inventory_regions_and_limits_are_listed() {
    let (emulator, _) = demo().await;
    let atlas = client(&emulator, service_account());
    let inventory = atlas.projects().list_with_clusters().all().await.expect("the inventory");
    let clusters = inventory[0].clusters.as_ref().expect("clusters");
    assert!(inventory[0].id.as_str() == DEMO_PROJECT && clusters.len() >= 3, "{inventory:?}");

    let offers = project(&atlas).provider_regions().of_providers([CloudProvider::Aws]).of_tier("M30").list();
    let offers = offers.all().await.expect("regions");
    let sizes: Vec<_> = offers.iter().flat_map(|o| o.instance_sizes.iter().flatten()).collect();
    assert!(sizes.iter().all(|s| s.name.as_deref() == Some("M30")) && !sizes.is_empty(), "{offers:?}");

    let limits = atlas.rate_limits().list().all().await.expect("limits");
    let got = atlas.rate_limits().get(&limits[0].id).await.expect("the limit");
    assert_eq!((&got.id, &got.endpoint_set_name), (&limits[0].id, &limits[0].endpoint_set_name));
}

#[tokio::test]
async fn database_user_and_access_list_entry_last_until_deleted() {
    let (emulator, _) = demo().await;
    let atlas = client(&emulator, api_key());
    let project = project(&atlas);
    let (users, list) = (project.database_users(), project.access_list());
    let user = atlas_backup::NewDatabaseUser::with_password("reader", &"rehearsal".into()).expect("a user");
    let user = user.with_role("readAnyDatabase", "admin").only_on("Cluster0").expect("a name");
    let created = users.create(user.clone()).await.expect("it is created");
    assert_eq!((created.name.as_str(), &created.password), ("reader", &None));
    assert_eq!(users.create(user).await.expect_err("it exists").kind(), ErrorKind::Conflict);
    brief(cluster(&atlas, "Cluster0").wait_applied()).await.expect("it is applied");
    let changed = users.update("admin", "reader", |user| user.description = Some("for tests".to_owned())).await;
    let changed = changed.expect("it is changed");
    assert_eq!(changed.description.as_deref(), Some("for tests"));
    assert_eq!(users.get("admin", "reader").await.expect("the user").scopes, changed.scopes);
    assert!(users.list().all().await.expect("users").iter().any(|user| user.name.as_str() == "reader"));
    users.delete("admin", "reader").await.expect("it is deleted");
    assert_eq!(users.get("admin", "reader").await.expect_err("it is gone").kind(), ErrorKind::NotFound);

    let entry = atlas_backup::types::AccessListEntry::new().with_cidr_block("10.0.0.0/8").with_comment("office");
    let all = list.add(&[entry]).await.expect("it is added");
    assert!(all.results.iter().any(|entry| entry.cidr_block.as_deref() == Some("10.0.0.0/8")));
    brief(list.wait("10.0.0.0/8")).await.expect("it is in force");
    assert_eq!(list.get("10.0.0.0/8").await.expect("the entry").comment.as_deref(), Some("office"));
    assert_eq!(list.list().all().await.expect("entries").len(), all.results.len());
    list.delete("10.0.0.0/8").await.expect("it is deleted");
    assert_eq!(list.get("10.0.0.0/8").await.expect_err("it is gone").kind(), ErrorKind::NotFound);
}
