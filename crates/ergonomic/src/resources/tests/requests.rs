//! What each method sends.

use serde_json::{Value, json};

use crate::{
    model::error_kind::ErrorKind,
    resources::{
        cloud_roles::NewCloudRole,
        collection_restores::NewCollectionRestore,
        database_users::NewDatabaseUser,
        export_buckets::NewExportBucket,
        new_cluster::{NewCluster, NewFlexCluster},
        projects::NewProject,
        restores::PointInTime,
        retention::Retention,
        tests::*,
    },
};
use atlas_backup_generated::types::AccessListEntry;
use atlas_backup_generated::types::BackupRestoreJob;
use atlas_backup_generated::types::BackupSnapshot;
use atlas_backup_generated::types::CloudProvider;
use atlas_backup_generated::types::CollectionRestoreJobRequest;
use atlas_backup_generated::types::FlexClusterDescriptionUpdate;
use atlas_backup_generated::types::GroupUpdate;
use atlas_backup_generated::types::IndexStrategy;

fn page(item: Value) -> Value {
    json!({ "results": [item], "links": [], "totalCount": 1 })
}

fn named() -> Value {
    json!({ "id": ID, "name": "shop" })
}

#[tokio::test]
async fn projects_are_created_changed_and_deleted() {
    let create = asked(named(), async |client: Client| {
        let wanted = NewProject::new("restores", PROJECT)?.with_tag("team", "storage").with_owner(ID)?;
        client.projects().create(wanted).await
    });
    let body = r#"{"name":"restores","orgId":"P","tags":[{"key":"team","value":"storage"}]}"#;
    assert_eq!(create.await, [format!("POST /groups?projectOwnerId={ID} {body}")]);
    let update =
        asked(named(), async |client: Client| project(&client).update(&GroupUpdate::new().with_name("b")).await);
    assert_eq!(update.await, [r#"PATCH /groups/P {"name":"b"}"#]);
    let delete = asked(json!({}), async |client: Client| project(&client).delete().await);
    assert_eq!(delete.await, ["DELETE /groups/P"]);
}

#[tokio::test]
async fn inventory_lists_projects_with_their_clusters() {
    let answer = page(json!({ "groupId": PROJECT, "clusters": [{ "name": "Cluster0" }] }));
    let listed = asked(answer, async |client: Client| client.projects().list_with_clusters().all().await);
    assert_eq!(listed.await, ["GET /clusters?pageNum=1"]);
    let named =
        asked(page(json!({ "id": ID })), async |client: Client| client.organizations().named("a b").list().all().await);
    assert_eq!(named.await, ["GET /orgs?name=a+b&pageNum=1"]);
}

#[tokio::test]
async fn clusters_are_created_changed_and_deleted() {
    let create = asked(named(), async |client: Client| {
        let wanted =
            NewCluster::replica_set("Copy0", CloudProvider::Azure, "US_EAST_2", "M10")?.with_continuous_backup();
        project(&client).clusters().create(wanted).await
    });
    let region = r#"{"electableSpecs":{"instanceSize":"M10","nodeCount":3},"priority":7,"providerName":"AZURE","regionName":"US_EAST_2"}"#;
    let body = format!(
        r#"{{"backupEnabled":true,"clusterType":"REPLICASET","name":"Copy0","pitEnabled":true,"replicationSpecs":[{{"regionConfigs":[{region}]}}]}}"#
    );
    assert_eq!(create.await, [format!("POST /groups/P/clusters {body}")]);

    let current = json!({ "name": "Cluster0", "stateName": "IDLE", "paused": false, "tags": [], "invented": 1 });
    let update = asked(current.clone(), async |client: Client| {
        cluster(&client).update(|c| (c.paused, c.state_name) = (Some(true), None)).await
    });
    assert_eq!(
        update.await,
        ["GET /groups/P/clusters/Cluster0", r#"PATCH /groups/P/clusters/Cluster0 {"paused":true}"#]
    );
    let same = asked(current, async |client: Client| cluster(&client).update(|c| c.group_id = Some("x".into())).await);
    assert_eq!(same.await, ["GET /groups/P/clusters/Cluster0"], "what only the service sets is not sent");

    let delete = asked(Value::Null, async |client: Client| cluster(&client).delete().await);
    assert_eq!(delete.await, ["DELETE /groups/P/clusters/Cluster0"]);
    let delete = asked(Value::Null, async |client: Client| cluster(&client).delete_retaining_backups().await);
    assert_eq!(delete.await, ["DELETE /groups/P/clusters/Cluster0?retainBackups=true"]);
    let listed =
        asked(page(named()), async |client: Client| project(&client).clusters().list_with_deleted().all().await);
    assert_eq!(listed.await, ["GET /groups/P/clusters?includeDeletedWithRetainedBackups=true&pageNum=1"]);
}

#[test]
fn cluster_without_name_or_dedicated_provider_is_refused() {
    for refused in [
        NewCluster::replica_set("Copy0", CloudProvider::Flex, "US_EAST_1", "M10"),
        NewCluster::replica_set("no name", CloudProvider::Aws, "US_EAST_1", "M10"),
    ] {
        assert_eq!(refused.expect_err("it is refused").kind(), ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn regions_and_rate_limits_are_listed_with_filters() {
    let regions = asked(page(json!({ "provider": "AWS" })), async |client: Client| {
        let regions = project(&client).provider_regions().of_providers([CloudProvider::Aws, CloudProvider::Gcp]);
        regions.of_tier("M30").list().all().await
    });
    assert_eq!(
        regions.await,
        ["GET /groups/P/clusters/provider/regions?pageNum=1&providers=AWS&providers=GCP&tier=M30"]
    );
    let limit = json!({ "endpointSetId": "a/b" });
    let limits = asked(page(limit.clone()), async |client: Client| {
        let limits = client.rate_limits().of_project(PROJECT)?.with_endpoint("/api/atlas/v2/clusters").named("n");
        limits.list().all().await
    });
    let query = "endpointPath=%2Fapi%2Fatlas%2Fv2%2Fclusters&groupId=P&name=n&pageNum=1";
    assert_eq!(limits.await, [format!("GET /rateLimits?{query}")]);
    let one = asked(limit, async |client: Client| {
        let limits = client.rate_limits().of_organization(ID)?.of_caller("key");
        limits.of_address([127, 0, 0, 1]).get("a/b").await
    });
    assert_eq!(one.await, [format!("GET /rateLimits/a%2Fb?ipAddress=127.0.0.1&orgId={ID}&userId=key")]);
}

#[tokio::test]
async fn retention_has_a_unit_and_a_new_snapshot_counts_days() {
    for (retention, sent) in [
        (Retention::days(2), r#"{"retentionUnit":"DAYS","retentionValue":2}"#),
        (Retention::weeks(2), r#"{"retentionUnit":"WEEKS","retentionValue":2}"#),
        (Retention::months(2), r#"{"retentionUnit":"MONTHS","retentionValue":2}"#),
        (Retention::years(2), r#"{"retentionUnit":"YEARS","retentionValue":2}"#),
    ] {
        let change =
            asked(named(), async |client: Client| cluster(&client).snapshots().change_retention(ID, retention).await);
        assert_eq!(change.await, [format!("PATCH /groups/P/clusters/Cluster0/backup/snapshots/I {sent}")]);
    }
    let take = asked(named(), async |client: Client| cluster(&client).snapshots().take("d", Retention::weeks(2)).await);
    let path = "/groups/P/clusters/Cluster0/backup/snapshots";
    assert_eq!(take.await, [format!(r#"POST {path} {{"description":"d","retentionInDays":14}}"#)]);
    let (client, script) = scripted(vec![(200, named())]);
    let refused = cluster(&client).snapshots().take("d", Retention::months(1)).await.expect_err("no number of days");
    assert_eq!((refused.kind(), script.sent().len()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn snapshot_before_moment_is_selected_by_time_or_oplog() {
    let path = "GET /groups/P/clusters/Cluster0/backup/snapshots";
    let time = chrono::DateTime::from_timestamp(1_790_000_000, 5).expect("a time");
    let by_time =
        asked(page(named()), async |client: Client| cluster(&client).snapshots().list_before(time).all().await);
    assert_eq!(by_time.await, [format!("{path}?pageNum=1&pointInTimeUtcSeconds=1790000000")]);
    let moment = PointInTime::oplog(1_790_000_000, 7);
    let by_oplog =
        asked(page(named()), async |client: Client| cluster(&client).snapshots().list_before(moment).all().await);
    assert_eq!(by_oplog.await, [format!("{path}?oplogInc=7&oplogTs=1790000000&pageNum=1")]);
}

#[tokio::test]
async fn sharded_snapshot_is_taken_and_deleted() {
    let answer = json!({ "id": ID, "type": "shardedCluster", "members": [{ "id": ID }], "snapshotIds": [ID] });
    let (client, script) = scripted(vec![(200, answer)]);
    let sharded = cluster(&client).sharded_snapshots();
    let taken = sharded.take("d", Retention::days(1)).await.expect("a snapshot");
    assert_eq!((taken.id.as_str(), taken.members.as_ref().map(Vec::len)), (ID, Some(1)));
    sharded.delete(&taken.id).await.expect("it is deleted");
    assert_eq!(lines(&script)[1], "DELETE /groups/P/clusters/Cluster0/backup/snapshots/shardedCluster/I");
}

#[tokio::test]
async fn snapshot_databases_and_collections_are_listed_and_fetched() {
    let path = "/groups/P/clusters/Cluster0/backup/snapshots/I/databases";
    let databases = |client: &Client| cluster(client).snapshots().databases(ID);
    let listed = asked(page(named()), async |client: Client| databases(&client)?.list().all().await);
    assert_eq!(listed.await, [format!("GET {path}?pageNum=1")]);
    let got = asked(named(), async |client: Client| databases(&client)?.get("shop").await);
    assert_eq!(got.await, [format!("GET {path}/shop")]);
    let listed =
        asked(page(named()), async |client: Client| databases(&client)?.collections("shop")?.list().all().await);
    assert_eq!(listed.await, [format!("GET {path}/shop/collections?pageNum=1")]);
    let got = asked(named(), async |client: Client| databases(&client)?.collections("shop")?.get("a/b?ä.c").await);
    assert_eq!(got.await, [format!("GET {path}/shop/collections/a%2Fb%3F%C3%A4.c")]);
}

#[tokio::test]
async fn collection_restore_overwrites_only_when_requested() {
    let path = "/groups/P/clusters/Cluster0/collectionRestoreJobs";
    let create = asked(named(), async |client: Client| {
        let cluster = cluster(&client);
        let wanted = NewCollectionRestore::from_snapshot(ID, &cluster)?.collection_as("shop.orders", "shop.old")?;
        cluster.collection_restores().create(wanted.database("crm")?).await
    });
    let body = r#"{"collections":[{"sourceNamespace":"shop.orders","targetNamespace":"shop.old"}],"databases":[{"sourceNamespace":"crm"}],"indexStrategy":"ALL","snapshotId":"I","targetClusterName":"Cluster0","targetGroupId":"P","writeStrategy":"CREATE_NEW"}"#;
    assert_eq!(create.await, [format!("POST {path} {body}")]);
    let create = asked(named(), async |client: Client| {
        let cluster = cluster(&client);
        let wanted = NewCollectionRestore::at(PointInTime::oplog(9, 1), &cluster).collection("shop.orders")?;
        let wanted = wanted.database_as("crm", "crm2")?.overwriting().indexes(IndexStrategy::None);
        cluster.collection_restores().create(wanted).await
    });
    let body = r#"{"collections":[{"sourceNamespace":"shop.orders"}],"databases":[{"sourceNamespace":"crm","targetNamespace":"crm2"}],"indexStrategy":"NONE","oplogInc":1,"oplogTs":9,"targetClusterName":"Cluster0","targetGroupId":"P","writeStrategy":"OVERWRITE_EXISTING"}"#;
    assert_eq!(create.await, [format!("POST {path} {body}")]);
    let document = CollectionRestoreJobRequest::new("ALL", "Cluster0", PROJECT, "CREATE_NEW");
    let create = asked(named(), async |client: Client| {
        let wanted = document.clone().with_collection_suffix("_old").into();
        cluster(&client).collection_restores().create(wanted).await
    });
    assert!(create.await[0].contains(r#""collectionSuffix":"_old""#));

    let (client, script) = scripted(vec![(200, named())]);
    let refused =
        NewCollectionRestore::from_snapshot(ID, &cluster(&client)).and_then(|wanted| wanted.collection("shop"));
    assert_eq!((refused.expect_err("no namespace").kind(), script.sent().len()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn collection_restores_and_their_collections_are_listed_and_got() {
    let path = "GET /groups/P/clusters/Cluster0/collectionRestoreJobs";
    let listed = asked(page(named()), async |client: Client| cluster(&client).collection_restores().list().all().await);
    assert_eq!(listed.await, [format!("{path}?pageNum=1")]);
    let got = asked(named(), async |client: Client| cluster(&client).collection_restores().get(ID).await);
    assert_eq!(got.await, [format!("{path}/I")]);
    let collection = json!({ "sourceNamespace": "shop.orders", "state": "FAILED" });
    let listed = asked(page(collection.clone()), async |client: Client| {
        let collections = cluster(&client).collection_restores().collections(ID)?.in_state("FAILED");
        collections.from_namespace("shop.orders")?.to_namespace("a.b")?.list().all().await
    });
    let query = "pageNum=1&sourceNamespace=shop.orders&state=FAILED&targetNamespace=a.b";
    assert_eq!(listed.await, [format!("{path}/I/collections?{query}")]);
    let got = asked(collection, async |client: Client| {
        cluster(&client).collection_restores().collections(ID)?.get("shop.orders").await
    });
    assert_eq!(got.await, [format!("{path}/I/collections/shop.orders")]);
}

#[tokio::test]
async fn cloud_roles_are_created_authorized_and_deleted() {
    let path = "/groups/P/cloudProviderAccess";
    let roles = |client: &Client| project(client).cloud_roles();
    let listed = asked(json!({ "awsIamRoles": [] }), async |client: Client| roles(&client).list().await);
    assert_eq!(listed.await, [format!("GET {path}")]);
    let answers = [("AWS", "roleId"), ("AZURE", "_id"), ("GCP", "roleId")];
    let requests = [
        (NewCloudRole::aws(), r#"{"providerName":"AWS"}"#),
        (
            NewCloudRole::azure("a", "s", "t"),
            r#"{"atlasAzureAppId":"a","providerName":"AZURE","servicePrincipalId":"s","tenantId":"t"}"#,
        ),
        (NewCloudRole::gcp(), r#"{"providerName":"GCP"}"#),
    ];
    for ((provider, key), (role, body)) in answers.into_iter().zip(requests) {
        let answer = json!({ "providerName": provider, key: ID });
        let created = asked(answer.clone(), async |client: Client| roles(&client).create(role.clone()).await);
        assert_eq!(created.await, [format!("POST {path} {body}")]);
        let got = asked(answer, async |client: Client| roles(&client).get(ID).await);
        assert_eq!(got.await, [format!("GET {path}/I")]);
    }
    let role = json!({ "providerName": "AWS", "roleId": ID });
    let authorized =
        asked(role, async |client: Client| roles(&client).authorize_aws(ID, "arn:aws:iam::1:role/r").await);
    let body = r#"{"iamAssumedRoleArn":"arn:aws:iam::1:role/r","providerName":"AWS"}"#;
    assert_eq!(authorized.await, [format!("PATCH {path}/I {body}")]);
    let deleted = asked(Value::Null, async |client: Client| roles(&client).delete(CloudProvider::Aws, ID).await);
    assert_eq!(deleted.await, [format!("DELETE {path}/AWS/I")]);
}

#[tokio::test]
async fn database_users_are_created_changed_and_deleted() {
    let path = "/groups/P/databaseUsers";
    let user = json!({ "username": "a", "databaseName": "admin" });
    let users = |client: &Client| project(client).database_users();
    let listed = asked(page(user.clone()), async |client: Client| users(&client).list().all().await);
    assert_eq!(listed.await, [format!("GET {path}?pageNum=1")]);
    let created = asked(user.clone(), async |client: Client| {
        let new = NewDatabaseUser::with_password("a", &"hunter2hunter2".into())?.with_role("read", "shop");
        assert!(!format!("{new:?}").contains("hunter2"), "{new:?}");
        let expires = "2026-01-01T00:00:00Z".parse().expect("a time");
        users(&client).create(new.only_on("Cluster0")?.until(expires)).await
    });
    let body = r#"{"databaseName":"admin","deleteAfterDate":"2026-01-01T00:00:00Z","groupId":"P","password":"hunter2hunter2","roles":[{"databaseName":"shop","roleName":"read"}],"scopes":[{"name":"Cluster0","type":"CLUSTER"}],"username":"a"}"#;
    assert_eq!(created.await, [format!("POST {path} {body}")]);
    let got = asked(user.clone(), async |client: Client| users(&client).get("$external", "CN=a/b").await);
    assert_eq!(got.await, [format!("GET {path}/%24external/CN%3Da%2Fb")]);
    let updated = asked(user, async |client: Client| {
        users(&client).update("admin", "a", |user| user.description = Some("d".to_owned())).await
    });
    let body = r#"{"databaseName":"admin","description":"d","username":"a"}"#;
    assert_eq!(updated.await, [format!("GET {path}/admin/a"), format!("PATCH {path}/admin/a {body}")]);
    let deleted = asked(Value::Null, async |client: Client| users(&client).delete("admin", "a").await);
    assert_eq!(deleted.await, [format!("DELETE {path}/admin/a")]);
}

#[tokio::test]
async fn access_list_entries_are_added_got_and_deleted() {
    let path = "/groups/P/accessList";
    let entry = json!({ "cidrBlock": "10.0.0.0/8" });
    let list = |client: &Client| project(client).access_list();
    let listed = asked(page(entry.clone()), async |client: Client| list(&client).list().all().await);
    assert_eq!(listed.await, [format!("GET {path}?pageNum=1")]);
    let new = AccessListEntry::new().with_cidr_block("10.0.0.0/8").with_comment("office");
    let added = asked(page(entry.clone()), async |client: Client| list(&client).add(std::slice::from_ref(&new)).await);
    assert_eq!(added.await, [format!(r#"POST {path} [{{"cidrBlock":"10.0.0.0/8","comment":"office"}}]"#)]);
    let got = asked(entry, async |client: Client| list(&client).get("10.0.0.0/8").await);
    assert_eq!(got.await, [format!("GET {path}/10.0.0.0%2F8")]);
    let deleted = asked(Value::Null, async |client: Client| list(&client).delete("10.0.0.0/8").await);
    assert_eq!(deleted.await, [format!("DELETE {path}/10.0.0.0%2F8")]);
}

#[tokio::test]
async fn private_endpoints_are_listed_got_created_and_deleted() {
    let path = "/groups/P/backup/AWS/privateEndpoints";
    let endpoints = |client: &Client| project(client).backup_private_endpoints(CloudProvider::Aws);
    let listed = asked(page(named()), async |client: Client| endpoints(&client).list().all().await);
    assert_eq!(listed.await, [format!("GET {path}?pageNum=1")]);
    let got = asked(named(), async |client: Client| endpoints(&client).get(ID).await);
    assert_eq!(got.await, [format!("GET {path}/I")]);
    let created = asked(named(), async |client: Client| endpoints(&client).create("US_EAST_1").await);
    assert_eq!(created.await, [format!(r#"POST {path} {{"cloudProvider":"AWS","regionName":"US_EAST_1"}}"#)]);
    let created =
        asked(named(), async |client: Client| endpoints(&client).create_across("US_EAST_1", "US_WEST_2").await);
    let body = r#"{"cloudProvider":"AWS","regionName":"US_EAST_1","vpcRegionName":"US_WEST_2"}"#;
    assert_eq!(created.await, [format!("POST {path} {body}")]);
    let deleted = asked(Value::Null, async |client: Client| endpoints(&client).delete(ID).await);
    assert_eq!(deleted.await, [format!("DELETE {path}/I")]);
}

#[tokio::test]
async fn flex_clusters_are_created_changed_upgraded_and_deleted() {
    let create = asked(named(), async |client: Client| {
        let wanted = NewFlexCluster::new("Flex1", CloudProvider::Aws, "US_EAST_1")?.with_tag("a", "b");
        project(&client).flex_clusters().create(wanted.with_termination_protection()).await
    });
    let body = r#"{"name":"Flex1","providerSettings":{"backingProviderName":"AWS","regionName":"US_EAST_1"},"tags":[{"key":"a","value":"b"}],"terminationProtectionEnabled":true}"#;
    assert_eq!(create.await, [format!("POST /groups/P/flexClusters {body}")]);
    let change = FlexClusterDescriptionUpdate::new().with_termination_protection_enabled(false);
    let update = asked(named(), async |client: Client| flex(&client).update(&change).await);
    assert_eq!(update.await, [r#"PATCH /groups/P/flexClusters/Flex0 {"terminationProtectionEnabled":false}"#]);
    let delete = asked(Value::Null, async |client: Client| flex(&client).delete().await);
    assert_eq!(delete.await, ["DELETE /groups/P/flexClusters/Flex0"]);

    let wanted = |name: &str| NewCluster::replica_set(name, CloudProvider::Aws, "US_EAST_1", "M10");
    let upgrade = asked(named(), async |client: Client| flex(&client).upgrade(wanted("Flex0")?).await);
    let sent = upgrade.await;
    assert!(sent[0].starts_with(r#"POST /groups/P/flexClusters:tenantUpgrade {"#), "{sent:?}");
    assert!(sent[0].contains(r#""name":"Flex0""#) && sent[0].contains(r#""instanceSize":"M10""#), "{sent:?}");
    let (client, script) = scripted(vec![(200, named())]);
    let other = flex(&client).upgrade(wanted("Other0").expect("a cluster")).await.expect_err("another name");
    assert_eq!((other.kind(), script.sent().len()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
#[allow(deprecated, reason = "the legacy backup is deprecated as a whole")]
async fn legacy_backup_operations_are_all_callable() {
    let path = "/groups/P/clusters/Cluster0";
    let legacy = |client: &Client| cluster(client).legacy_backup();
    let listed = asked(page(named()), async |client: Client| legacy(&client).list_snapshots().all().await);
    assert_eq!(listed.await, [format!("GET {path}/snapshots?completed=all&pageNum=1")]);
    let got = asked(named(), async |client: Client| legacy(&client).get_snapshot(ID).await);
    assert_eq!(got.await, [format!("GET {path}/snapshots/I")]);
    let change = BackupSnapshot::new().with_do_not_delete(true);
    let changed = asked(named(), async |client: Client| legacy(&client).update_snapshot(ID, &change).await);
    assert_eq!(changed.await, [format!(r#"PATCH {path}/snapshots/I {{"doNotDelete":true}}"#)]);
    let deleted = asked(Value::Null, async |client: Client| legacy(&client).delete_snapshot(ID).await);
    assert_eq!(deleted.await, [format!("DELETE {path}/snapshots/I")]);

    let listed = asked(page(named()), async |client: Client| legacy(&client).list_restore_jobs().all().await);
    assert_eq!(listed.await, [format!("GET {path}/restoreJobs?pageNum=1")]);
    let listed = asked(page(named()), async |client: Client| legacy(&client).list_restore_jobs_of(ID)?.all().await);
    assert_eq!(listed.await, [format!("GET {path}/restoreJobs?batchId={ID}&pageNum=1")]);
    let got = asked(named(), async |client: Client| legacy(&client).get_restore_job(ID).await);
    assert_eq!(got.await, [format!("GET {path}/restoreJobs/I")]);
    let (client, script) = scripted(vec![(200, page(named()))]);
    let job: BackupRestoreJob = serde_json::from_value(json!({ "snapshotId": ID })).expect("a job");
    let created = legacy(&client).create_restore_job(&job).await.expect("jobs");
    assert_eq!((created.len(), created[0].id.as_str()), (1, ID));
    assert_eq!(lines(&script), [format!(r#"POST {path}/restoreJobs {{"snapshotId":"I"}}"#)]);

    let listed = asked(page(named()), async |client: Client| legacy(&client).list_checkpoints().all().await);
    assert_eq!(listed.await, [format!("GET {path}/backupCheckpoints?pageNum=1")]);
    let got = asked(named(), async |client: Client| legacy(&client).get_checkpoint(ID).await);
    assert_eq!(got.await, [format!("GET {path}/backupCheckpoints/I")]);
}

#[tokio::test]
#[allow(deprecated, reason = "the legacy backup is deprecated as a whole")]
async fn legacy_schedule_is_sent_complete_and_only_when_changed() {
    let path = "/groups/P/clusters/Cluster0/snapshotSchedule";
    let current = json!({ "clusterId": "c", "links": [{ "rel": "self" }], "snapshotIntervalHours": 6, "invented": 1 });
    let changed = asked(current.clone(), async |client: Client| {
        cluster(&client).legacy_backup().update_schedule(|s| s.snapshot_interval_hours = Some(8)).await
    });
    let body = r#"{"clusterId":"c","snapshotIntervalHours":8,"invented":1}"#;
    assert_eq!(changed.await, [format!("GET {path}"), format!("PATCH {path} {body}")]);
    let same = asked(current, async |client: Client| {
        cluster(&client).legacy_backup().update_schedule(|s| s.links = None).await
    });
    assert_eq!(same.await, [format!("GET {path}")]);
}

#[tokio::test]
async fn schedule_under_older_pin_is_refused() {
    for (pin, refused) in [("2023-01-01", true), ("2024-08-04", true), ("2024-08-05", false), ("2025-01-01", false)] {
        let (client, script) = scripted(vec![(200, json!({ "restoreWindowDays": 2 }))]);
        let client = client.with_pin(pin.parse().expect("a version"));
        let schedule = cluster(&client).schedule();
        let outcome = schedule.update(|s| s.restore_window_days = Some(3)).await.map(drop).map_err(|e| e.kind());
        let expected = if refused { (Err(ErrorKind::UnsupportedVersion), 0) } else { (Ok(()), 2) };
        assert_eq!((outcome, script.sent().len()), expected, "{pin}");
    }
}

#[tokio::test]
async fn invalid_ids_are_refused_before_sending() {
    let (client, script) = scripted(vec![(200, named())]);
    let (dedicated, flex) = (cluster(&client), flex(&client));
    let kinds = [
        client.project("x").map(drop),
        project(&client).cluster("-x").map(drop),
        dedicated.snapshots().get("x").await.map(drop),
        dedicated.snapshots().databases("x").map(drop),
        dedicated.sharded_snapshots().delete("x").await.map(drop),
        dedicated.restores().cancel("x").await.map(drop),
        dedicated.restores().wait("x").await.map(drop),
        dedicated.exports().create("x", ID).await.map(drop),
        dedicated.exports().create(ID, "x").await.map(drop),
        dedicated.collection_restores().wait("x").await.map(drop),
        project(&client).export_buckets().delete("x").await.map(drop),
        NewExportBucket::gcp("b", "x").map(drop),
        project(&client).cloud_roles().authorize_aws("x", "arn").await.map(drop),
        flex.snapshots().wait("x").await.map(drop),
        flex.restores().download("x").await.map(drop),
        project(&client).backup_private_endpoints(CloudProvider::Aws).wait_deleted("x").await,
        client.rate_limits().get("..").await.map(drop),
        NewProject::new("n", "x").map(drop),
    ];
    for (at, outcome) in kinds.into_iter().enumerate() {
        assert_eq!(outcome.expect_err("it is refused").kind(), ErrorKind::InvalidInput, "{at}");
    }
    assert_eq!(script.sent().len(), 0);
}

#[test]
fn read_only_fields_match_the_document() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/atlas-backup.openapi.json");
    let document: Value = serde_json::from_slice(&std::fs::read(document).expect("the document")).expect("JSON");
    for (schema, ours) in [
        ("ClusterDescription20240805", &super::super::clusters::READ_ONLY[..]),
        ("DiskBackupSnapshotSchedule20240805", &super::super::schedule::READ_ONLY[..]),
        ("DataProtectionSettings20231001", &super::super::compliance_policy::READ_ONLY[..]),
    ] {
        let properties = document["components"]["schemas"][schema]["properties"].as_object().expect(schema);
        let marked =
            properties.iter().filter(|(_, property)| property["readOnly"] == true).map(|(name, _)| name.as_str());
        assert_eq!(marked.collect::<Vec<_>>(), ours, "{schema}");
    }
}
