//! What is in a snapshot and restores of parts of it; private endpoints; the upgrade of a flex cluster; the legacy backup.

use atlas_backup::{
    ErrorKind, NewCluster, NewCollectionRestore,
    types::{CloudProvider, IndexStrategy},
};
use atlas_backup_emulator::DEMO_SNAPSHOT;

use super::*;

#[tokio::test]
async fn snapshot_contents_are_listed_and_fetched() {
    let (emulator, _) = demo().await;
    let snapshots = cluster(&client(&emulator, service_account()), "Cluster0").snapshots();
    let databases = snapshots.databases(DEMO_SNAPSHOT).expect("an id");
    let listed = databases.list().items_per_page(1).all().await.expect("databases");
    assert!(!listed.is_empty());
    for database in &listed {
        assert_eq!(databases.get(&database.name).await.expect("the database").name, database.name);
        let collections = databases.collections(&database.name).expect("a name");
        for collection in collections.list().all().await.expect("collections") {
            assert_eq!(collections.get(&collection.name).await.expect("the collection").name, collection.name);
        }
    }
    assert_eq!(databases.get("none").await.expect_err("there is none").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn collection_is_restored_beside_existing_one() {
    let (emulator, _) = hurried().await;
    let cluster = cluster(&client(&emulator, service_account()), "Cluster0");
    let restores = cluster.collection_restores();
    let wanted = NewCollectionRestore::from_snapshot(DEMO_SNAPSHOT, &cluster).expect("an id");
    let wanted = wanted.collection_as("shop.orders", "shop.orders_of_then").expect("names");
    let job = restores.create(wanted.indexes(IndexStrategy::None)).await.expect("a job");
    let done = brief(restores.wait(&job.id)).await.expect("it is restored");
    assert_eq!((&done.id, done.state.as_ref().map(|s| s.as_str())), (&job.id, Some("SUCCESSFUL")));
    assert!(restores.list().all().await.expect("jobs").iter().any(|listed| listed.id == job.id));
    let data = emulator.data(DEMO_PROJECT, "Cluster0").expect("the data");
    assert!(data.collections("shop").contains(&"orders_of_then".to_owned()));

    let collections = restores.collections(&job.id).expect("an id");
    let listed = collections.clone().in_state("SUCCESSFUL").list().all().await.expect("collections");
    assert_eq!(listed.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["shop.orders"]);
    let got = collections.get("shop.orders").await.expect("the collection");
    assert_eq!(got.effective_target_namespace, listed[0].effective_target_namespace);
    assert_eq!(restores.get("ffffffffffffffffffffffff").await.expect_err("there is none").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn private_endpoint_is_created_awaited_and_deleted() {
    let (emulator, _) = hurried().await;
    let endpoints = project(&client(&emulator, service_account())).backup_private_endpoints(CloudProvider::Aws);
    let created = endpoints.create("US_EAST_1").await.expect("an endpoint");
    assert_eq!(endpoints.create("US_EAST_1").await.expect_err("one a region").kind(), ErrorKind::Conflict);
    let ready = brief(endpoints.wait(&created.id)).await.expect("it is active");
    assert_eq!(ready.status.as_ref().map(|s| s.as_str()), Some("ACTIVE"));
    assert_eq!(endpoints.list().all().await.expect("endpoints").len(), 1);
    endpoints.delete(&created.id).await.expect("it is deleted");
    brief(endpoints.wait_deleted(&created.id)).await.expect("it is gone");
    assert_eq!(endpoints.get(&created.id).await.expect_err("it is gone").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn flex_cluster_is_upgraded_to_dedicated() {
    let (emulator, _) = hurried().await;
    let project = project(&client(&emulator, service_account()));
    let wanted = NewCluster::replica_set("Flex0", CloudProvider::Aws, "US_EAST_1", "M10").expect("a cluster");
    let flex = project.flex_cluster("Flex0").expect("a name");
    flex.upgrade(wanted.with_backup()).await.expect("it is accepted");
    let ready = brief(project.cluster("Flex0").expect("a name").wait()).await.expect("it is ready");
    assert_eq!((ready.name.as_str(), ready.backup_enabled), ("Flex0", Some(true)));
    assert_eq!(flex.get().await.expect_err("it is no longer a flex cluster").kind(), ErrorKind::BadRequest);
}

#[tokio::test]
#[allow(deprecated, reason = "the legacy backup is deprecated as a whole")]
async fn legacy_backup_of_a_cluster_that_never_had_it_is_empty() {
    let (emulator, _) = demo().await;
    let legacy = cluster(&client(&emulator, service_account()), "Cluster0").legacy_backup();
    assert!(legacy.list_snapshots().all().await.expect("snapshots").is_empty());
    assert!(legacy.list_restore_jobs().all().await.expect("jobs").is_empty());
    assert!(legacy.list_checkpoints().all().await.expect("checkpoints").is_empty());
    assert_eq!(legacy.get_schedule().await.expect_err("there is none").kind(), ErrorKind::NotFound);
}
