//! The operations of the main job, end to end, with either kind of credentials.

use std::sync::Arc;

use atlas_backup::{ErrorCode, ErrorKind, Retention, compat};
use atlas_backup_emulator::DEMO_PROJECT;

use super::*;

#[tokio::test]
async fn organizations_projects_and_clusters_are_listed_and_fetched() {
    let (emulator, _) = demo().await;
    for credentials in [api_key(), service_account()] {
        let atlas = client(&emulator, credentials);
        let organizations = atlas.organizations().list().all().await.expect("organizations");
        assert_eq!(organizations[0].name.as_deref(), Some("Demo Organization"));

        let projects = atlas.projects().list().all().await.expect("projects");
        assert_eq!(projects.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), [DEMO_PROJECT]);
        let got = atlas.projects().get(&projects[0].id).await.expect("the project");
        assert_eq!((&got.id, &got.name), (&projects[0].id, &projects[0].name));

        let clusters = project(&atlas).clusters().list().all().await.expect("clusters");
        let mut names: Vec<_> = clusters.iter().map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Cluster0", "Sharded0"]);
        let got = project(&atlas).clusters().get("Cluster0").await.expect("the cluster");
        assert_eq!(got.state_name.as_ref().map(|s| s.as_str()), Some("IDLE"));

        let flex = project(&atlas).flex_clusters().list().all().await.expect("flex clusters");
        assert_eq!(flex[0].name.as_str(), "Flex0");
        assert!(project(&atlas).flex_clusters().get(&flex[0].name).await.is_ok());
    }
}

#[tokio::test]
async fn dedicated_snapshots_are_listed_over_all_pages_and_fetched() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    let snapshots = cluster(&atlas, "Cluster0").snapshots();
    let whole = snapshots.list().items_per_page(500).all().await.expect("all at once");
    drop(recorder.take());

    let mut streamed = Vec::new();
    let mut items = snapshots.list().items_per_page(50).items();
    while let Some(snapshot) = items.try_next().await.expect("a snapshot") {
        streamed.push(snapshot.id);
    }
    assert!(streamed.len() > 100, "the demo has {} snapshots", streamed.len());
    assert_eq!(streamed, whole.iter().map(|s| s.id.clone()).collect::<Vec<_>>());
    assert_eq!(recorder.take().len(), streamed.len().div_ceil(50));

    let got = snapshots.get(&streamed[0]).await.expect("the snapshot");
    assert_eq!((&got.id, &got.created_at), (&whole[0].id, &whole[0].created_at));
    assert_eq!(got.meta().version().map(|v| v.to_string()).as_deref(), Some("2023-01-01"));
    assert!(got.meta().rate_limit().is_some());
}

#[tokio::test]
async fn sharded_and_flex_snapshots_and_exports_are_listed_and_fetched() {
    let (emulator, _) = demo().await;
    let atlas = client(&emulator, api_key());

    let sharded = cluster(&atlas, "Sharded0").sharded_snapshots();
    let listed = sharded.list().all().await.expect("sharded snapshots");
    assert!(!listed.is_empty());
    assert_eq!(sharded.get(&listed[0].id).await.expect("the snapshot").id, listed[0].id);

    let exports = cluster(&atlas, "Cluster0").exports();
    let listed = exports.list().all().await.expect("exports");
    assert!(!listed.is_empty());
    let got = exports.get(&listed[0].id).await.expect("the export");
    assert_eq!((&got.id, &got.state), (&listed[0].id, &listed[0].state));

    let flex = project(&atlas).flex_cluster("Flex0").expect("a name").snapshots();
    let listed = flex.list().all().await.expect("flex snapshots");
    assert!(!listed.is_empty());
    assert_eq!(flex.get(&listed[0].id).await.expect("the snapshot").id, listed[0].id);
}

#[tokio::test]
#[allow(deprecated, reason = "the shims are what the test is about")]
async fn shared_tier_and_serverless_snapshots_come_from_flex() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    let flex = project(&atlas).flex_cluster("Flex0").expect("a name").snapshots().list().all().await.expect("flex");
    drop(recorder.take());

    let shared = compat::shared_tier::list_shared_cluster_backups(&atlas, DEMO_PROJECT, "Flex0").expect("a list");
    let shared = shared.all().await.expect("shared-tier snapshots");
    assert_eq!(shared.iter().map(|s| &s.id).collect::<Vec<_>>(), flex.iter().map(|s| &s.id).collect::<Vec<_>>());
    assert_eq!(shared[0].finish_time, flex[0].finish_time);
    assert_eq!(shared[0].meta().served_by(), Some("listGroupFlexClusterBackupSnapshots"));

    let path = format!("/api/atlas/v1.0/groups/{DEMO_PROJECT}/clusters/Flex0/backup/tenant/snapshots");
    let by_path = compat::shared_tier::list_shared_cluster_backups_at(&atlas, &path).expect("a list");
    assert_eq!(by_path.all().await.expect("by the old path"), shared);
    let got = compat::shared_tier::get_shared_cluster_backup(&atlas, DEMO_PROJECT, "Flex0", &shared[0].id).await;
    assert_eq!(got.expect("the snapshot").id, shared[0].id);

    let serverless = compat::serverless::list_serverless_backups(&atlas, DEMO_PROJECT, "Flex0").expect("a list");
    let serverless = serverless.items_per_page(3).all().await.expect("serverless snapshots");
    assert_eq!(serverless.len(), flex.len());
    assert_eq!(serverless[0].status.as_ref().map(|s| s.as_str()), Some("completed"));
    assert_eq!(serverless[0].expires_at, flex[0].expiration);
    assert_eq!(serverless[0].mongod_version, flex[0].mongo_db_version);
    let got = compat::serverless::get_serverless_backup(&atlas, DEMO_PROJECT, "Flex0", &serverless[0].id).await;
    assert_eq!(got.expect("the snapshot").serverless_instance_name.as_deref(), Some("Flex0"));

    assert!(recorder.take().iter().all(|r| r.path.contains("/flexClusters/") && r.status == 200));
}

#[tokio::test]
async fn snapshot_is_taken_and_awaited() {
    let (emulator, recorder) = hurried().await;
    let snapshots = cluster(&client(&emulator, api_key()), "Cluster0").snapshots();
    let taken = snapshots.take("before migration", Retention::days(7)).await.expect("a snapshot");
    assert_eq!(taken.description.as_deref(), Some("before migration"));

    let states = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = states.clone();
    let done = brief(snapshots.wait(&taken.id))
        .on_progress(move |s| sink.lock().expect("not poisoned").push(s.status.clone().expect("a status").to_string()))
        .await
        .expect("it completes");
    assert_eq!(done.id, taken.id);
    assert!(done.created_at.is_some() && done.storage_size_bytes.is_some_and(|bytes| bytes > 0));
    assert_eq!(states.lock().expect("not poisoned").last().map(String::as_str), Some("completed"));
    assert_eq!(recorder.take().iter().filter(|r| r.method == "POST" && r.status == 200).count(), 1);
}

#[tokio::test]
async fn service_errors_have_kind_code_and_status() {
    let (emulator, _) = demo().await;
    let atlas = client(&emulator, api_key());
    let missing = cluster(&atlas, "Cluster9").get().await.expect_err("no such cluster");
    assert_eq!((missing.kind(), missing.code()), (ErrorKind::NotFound, Some(&ErrorCode::ClusterNotFound)));
    assert_eq!((missing.status().map(|s| s.as_u16()), missing.operation()), (Some(404), Some("getGroupCluster")));

    let flex = cluster(&atlas, "Flex0").snapshots().list().all().await.expect_err("a flex cluster");
    assert_eq!(flex.code(), Some(&ErrorCode::CannotUseFlexClusterInClusterApi));
    let dedicated = project(&atlas).flex_cluster("Cluster0").expect("a name").get().await.expect_err("not flex");
    assert_eq!(dedicated.code(), Some(&ErrorCode::CannotUseNonFlexClusterInFlexApi));
}

#[tokio::test]
async fn enveloped_and_pretty_responses_equal_plain_ones() {
    let (emulator, recorder) = demo().await;
    let plain = client(&emulator, service_account());
    let wrapped = Client::builder().base_url(emulator.base_url()).credentials(service_account());
    let wrapped = wrapped.envelope(true).pretty(true).build().expect("a client");

    let list = |atlas: &Client| cluster(atlas, "Cluster0").exports().list().all();
    let listed = list(&plain).await.expect("exports");
    assert_eq!(list(&wrapped).await.expect("enveloped exports").len(), listed.len());
    let get = |atlas: &Client| {
        let (exports, id) = (cluster(atlas, "Cluster0").exports(), listed[0].id.clone());
        async move { exports.get(&id).await.map(atlas_backup::Entity::into_document) }
    };
    assert_eq!(get(&wrapped).await.expect("enveloped"), get(&plain).await.expect("plain"));

    drop(recorder.take());
    let missing = cluster(&wrapped, "Cluster9").get().await.expect_err("no such cluster");
    assert_eq!((missing.kind(), missing.code()), (ErrorKind::NotFound, Some(&ErrorCode::ClusterNotFound)));
    assert_eq!(recorder.take()[0].query.as_deref(), Some("envelope=true&pretty=true"));
}

#[tokio::test]
async fn snapshot_retention_is_changed_and_snapshot_deleted() {
    let (emulator, recorder) = demo().await;
    let snapshots = cluster(&client(&emulator, service_account()), "Cluster0").snapshots();
    let id = atlas_backup_emulator::DEMO_SNAPSHOT;
    let before = snapshots.get(id).await.expect("the snapshot").expires_at;
    let changed = snapshots.change_retention(id, Retention::days(1000)).await.expect("it is kept for longer");
    let sent = recorder.take().pop().expect("a request");
    let body: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
    assert_eq!(body, serde_json::json!({"retentionUnit": "DAYS", "retentionValue": 1000}));
    assert!(changed.expires_at > before, "{:?} to {:?}", before, changed.expires_at);
    let never = snapshots.change_retention(id, Retention::days(0)).await.expect_err("no days");
    assert_eq!((never.kind(), recorder.take().len()), (ErrorKind::InvalidInput, 0));

    snapshots.delete(id).await.expect("it is deleted");
    assert_eq!(snapshots.get(id).await.expect_err("it is gone").kind(), ErrorKind::NotFound);
    assert_eq!(snapshots.delete(id).await.expect_err("it is gone").kind(), ErrorKind::NotFound);
}
