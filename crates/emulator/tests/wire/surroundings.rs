//! The surroundings of backups: projects with settings, users, addresses and networks, and clusters that keep the
//! attributes they were sent.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, NEWEST, OLDEST, demo};

async fn patch(bench: &Bench, path: &str, body: Value) -> crate::support::Answer {
    bench.send_json(Method::PATCH, path, NEWEST, body).await
}

#[tokio::test]
async fn project_settings_change_only_what_is_sent() {
    let bench = Bench::demo().await;
    let before = bench.get(&demo("/settings")).await.documented(200).json;
    let after = patch(&bench, &demo("/settings"), json!({"isDataExplorerEnabled": false})).await.documented(200).json;
    assert_eq!((&before["isDataExplorerEnabled"], &after["isDataExplorerEnabled"]), (&json!(true), &json!(false)));
    assert_eq!(before["isSchemaAdvisorEnabled"], after["isSchemaAdvisorEnabled"]);
    assert_eq!(bench.get(&demo("/settings")).await.json, after);

    assert_eq!(bench.get(&demo("/managedSlowMs")).await.documented(200).json, json!(true));
    bench.delete(&demo("/managedSlowMs/disable"), OLDEST).await.documented(204);
    assert_eq!(bench.get(&demo("/managedSlowMs")).await.json, json!(false));
    bench
        .send(bench.request(Method::POST, &demo("/managedSlowMs/enable")).header("accept", OLDEST), "")
        .await
        .documented(204);
    assert_eq!(bench.get(&demo("/managedSlowMs")).await.json, json!(true));

    assert_eq!(bench.get(&demo("/teams")).await.documented(200).json["totalCount"], 0);
    let limits = bench.get(&demo("/limits")).await.documented(200).json;
    assert_eq!(
        (&limits[0]["name"], &limits[0]["currentUsage"]),
        (&json!("atlas.project.deployment.clusters"), &json!(3))
    );
    let addresses = bench.get(&demo("/ipAddresses")).await.documented(200).json;
    assert_eq!(addresses["services"]["clusters"][0]["clusterName"], "Cluster0");
}

#[tokio::test]
async fn organizations_and_projects_are_found_by_id_and_name() {
    let bench = Bench::demo().await;
    let status = bench.get("/api/atlas/v2").await.documented(200).json;
    assert_eq!(status["appName"], "MongoDB Atlas");
    let project = bench.get(&demo("")).await.documented(200).json;
    assert_eq!(bench.get("/api/atlas/v2/groups/byName/demo").await.documented(200).json, project);
    bench.get("/api/atlas/v2/groups/byName/none").await.refused(404, "GROUP_NAME_NOT_FOUND");
    let organization = format!("/api/atlas/v2/orgs/{}", project["orgId"].as_str().unwrap());
    assert_eq!(bench.get(&organization).await.documented(200).json["id"], project["orgId"]);
    let projects = bench.get(&format!("{organization}/groups?name=DE")).await.documented(200).json;
    assert_eq!(projects["results"], json!([project]));
    assert_eq!(bench.get(&format!("{organization}/groups?name=x")).await.json["totalCount"], 0);
    bench.get("/api/atlas/v2/orgs/66aaaaaaaaaaaaaaaaaaaaaa").await.refused(404, "ORG_NOT_FOUND");
}

#[tokio::test]
async fn access_list_holds_addresses_until_they_expire() {
    let bench = Bench::demo().await;
    let path = demo("/accessList");
    let entries = json!([
        {"ipAddress": "192.0.2.1", "comment": "office"},
        {"cidrBlock": "198.51.100.0/24", "deleteAfterDate": "2026-09-01T13:00:00Z"},
        {"awsSecurityGroup": "sg-903004f8"},
    ]);
    let list = bench.post(&path, entries).await.documented(200).json;
    assert_eq!((&list["totalCount"], &list["results"][0]["cidrBlock"]), (&json!(3), &json!("192.0.2.1/32")));
    let list = bench.post(&path, json!([{"cidrBlock": "192.0.2.1/32", "comment": "home"}])).await.documented(200).json;
    assert_eq!((&list["totalCount"], &list["results"][0]["comment"]), (&json!(3), &json!("home")));
    for entry in ["192.0.2.1", "192.0.2.1%2F32"] {
        assert_eq!(bench.get(&format!("{path}/{entry}")).await.documented(200).json["ipAddress"], "192.0.2.1");
    }
    let status = bench.get(&format!("{path}/192.0.2.1/status")).await.documented(200).json;
    assert_eq!(status, json!({"STATUS": "ACTIVE"}));
    bench.advance(3600);
    bench.get(&format!("{path}/198.51.100.0%2F24")).await.refused(404, "ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND");
    bench.delete(&format!("{path}/192.0.2.1"), OLDEST).await.documented(204);
    assert_eq!(bench.get(&path).await.documented(200).json["totalCount"], 1);
    bench.post(&path, json!([{"cidrBlock": "192.0.2.1/33"}])).await.refused(400, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION");
}

#[tokio::test]
async fn database_users_are_kept_without_their_passwords() {
    let bench = Bench::demo().await;
    let path = demo("/databaseUsers");
    let user = json!({
        "databaseName": "admin", "groupId": "32b6e34b3d91647abb20e7b8", "username": "drill", "password": "long enough",
        "roles": [{"databaseName": "admin", "roleName": "readAnyDatabase"}],
    });
    let created = bench.post(&path, user.clone()).await.documented(201);
    assert!(!created.text.contains("long enough"));
    bench.post(&path, user).await.refused(409, "USER_ALREADY_EXISTS");
    let one = format!("{path}/admin/drill");
    assert_eq!(bench.get(&one).await.documented(200).json, created.json);
    let change = json!({
        "databaseName": "admin", "groupId": "32b6e34b3d91647abb20e7b8", "username": "drill",
        "roles": [{"databaseName": "shop", "roleName": "read"}],
    });
    assert_eq!(patch(&bench, &one, change).await.documented(200).json["roles"][0]["databaseName"], "shop");
    assert_eq!(bench.get(&path).await.documented(200).json["totalCount"], 1);
    bench.delete(&one, OLDEST).await.documented(204);
    bench.get(&one).await.refused(404, "USERNAME_NOT_FOUND");
}

#[tokio::test]
async fn cloud_roles_are_authorized_and_name_the_buckets_that_use_them() {
    let bench = Bench::demo().await;
    let path = demo("/cloudProviderAccess");
    let role = bench.post(&path, json!({"providerName": "AWS"})).await.documented(200).json;
    let id = role["roleId"].as_str().unwrap();
    assert!(role["atlasAssumedRoleExternalId"].is_string() && role.get("authorizedDate").is_none());
    let one = format!("{path}/{id}");
    let arn = json!({"providerName": "AWS", "iamAssumedRoleArn": "arn:aws:iam::123456789012:role/backups"});
    assert!(patch(&bench, &one, arn).await.documented(200).json["authorizedDate"].is_string());
    let bucket = json!({"cloudProvider": "AWS", "bucketName": "exports", "iamRoleId": id});
    let bucket = bench.post(&demo("/backup/exportBuckets"), bucket).await.documented(200).json;
    let role = bench.get(&one).await.documented(200).json;
    assert_eq!(role["featureUsages"][0]["featureId"]["exportBucketId"], bucket["_id"]);
    for (provider, name) in [("AZURE", "azureServicePrincipals"), ("GCP", "gcpServiceAccounts")] {
        bench.post(&path, json!({ "providerName": provider })).await.documented(200);
        let roles = bench.get(&path).await.documented(200).json;
        assert_eq!(roles[name].as_array().unwrap().len(), 1, "{roles}");
    }
    bench.delete(&format!("{path}/AWS/{id}"), OLDEST).await.documented(204);
    bench.get(&one).await.refused(404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND");
}

fn region(provider: &str, name: &str, priority: i64, nodes: i64) -> Value {
    json!({
        "providerName": provider, "regionName": name, "priority": priority,
        "electableSpecs": {"instanceSize": "M30", "nodeCount": nodes},
    })
}

#[tokio::test]
async fn each_region_of_a_cluster_has_a_network() {
    let bench = Bench::demo().await;
    let regions =
        [region("AWS", "US_EAST_1", 7, 2), region("AZURE", "EUROPE_WEST", 6, 2), region("GCP", "US_EAST_4", 5, 1)];
    let cluster =
        json!({"name": "Wide", "clusterType": "REPLICASET", "replicationSpecs": [{ "regionConfigs": regions }]});
    bench.send_json(Method::POST, &demo("/clusters"), NEWEST, cluster).await.documented(201);
    for (provider, field, expected) in [
        ("AWS", "regionName", json!("US_EAST_1")),
        ("AZURE", "region", json!("EUROPE_WEST")),
        ("GCP", "regions", json!([])),
    ] {
        let list = bench.get(&demo(&format!("/containers?providerName={provider}"))).await.documented(200).json;
        let last = list["results"].as_array().unwrap().last().unwrap();
        assert_eq!(last[field], expected, "{provider}");
        let one = bench.get(&demo(&format!("/containers/{}", last["id"].as_str().unwrap()))).await.documented(200).json;
        assert_eq!(&one, last);
    }
    bench.get(&demo("/containers/66aaaaaaaaaaaaaaaaaaaaaa")).await.refused(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn clusters_answer_with_what_was_sent() {
    let bench = Bench::demo().await;
    let mut config = region("AWS", "US_EAST_1", 7, 3);
    config["electableSpecs"] = json!({
        "instanceSize": "M30", "nodeCount": 3, "diskSizeGB": 40, "diskIOPS": 2000, "ebsVolumeType": "PROVISIONED",
    });
    config["autoScaling"] = json!({
        "compute": {"enabled": true, "scaleDownEnabled": true, "minInstanceSize": "M30", "maxInstanceSize": "M50"},
        "diskGB": {"enabled": true},
    });
    let cluster = json!({
        "name": "Kept", "clusterType": "REPLICASET", "replicationSpecs": [{ "regionConfigs": [config] }],
        "versionReleaseSystem": "CONTINUOUS", "biConnector": {"enabled": true, "readPreference": "analytics"},
        "advancedConfiguration": {"minimumEnabledTlsProtocol": "TLS1_3"},
    });
    bench.send_json(Method::POST, &demo("/clusters"), NEWEST, cluster.clone()).await.documented(201);
    bench.advance(3600);
    let path = demo("/clusters/Kept");
    let shown = bench.get_as(&path, NEWEST).await.documented(200).json;
    let shown_region = &shown["replicationSpecs"][0]["regionConfigs"][0];
    for name in ["electableSpecs", "autoScaling"] {
        for (key, value) in config_of(&cluster)[name].as_object().unwrap() {
            let same = shown_region[name][key] == *value
                || shown_region[name][key].as_f64() == value.as_f64() && value.is_number();
            assert!(same, "{name}.{key}: {}", shown_region[name]);
        }
    }
    assert_eq!(shown["versionReleaseSystem"], "CONTINUOUS");
    assert_eq!(shown["biConnector"], cluster["biConnector"]);
    let arguments = bench.get_as(&format!("{path}/processArgs"), NEWEST).await.documented(200).json;
    assert_eq!(arguments["minimumEnabledTlsProtocol"], "TLS1_3");
    patch(&bench, &format!("{path}/processArgs"), json!({"defaultMaxTimeMS": 500})).await.documented(200);
    assert_eq!(bench.get(&format!("{path}/status")).await.documented(200).json["changeStatus"], "PENDING");
    bench.advance(3600);
    assert_eq!(bench.get(&format!("{path}/status")).await.documented(200).json["changeStatus"], "APPLIED");
    let changed = json!({"redactClientLogData": true, "replicaSetScalingStrategy": "NODE_TYPE"});
    patch(&bench, &path, changed).await.documented(200);
    let after = bench.get_as(&path, NEWEST).await.documented(200).json;
    assert_eq!(
        (&after["redactClientLogData"], &after["replicaSetScalingStrategy"]),
        (&json!(true), &json!("NODE_TYPE"))
    );
    assert_eq!(after["replicationSpecs"], shown["replicationSpecs"]);
    let oldest = bench.get(&path).await.documented(200).json;
    assert_eq!(
        (&oldest["providerSettings"]["diskIOPS"], &oldest["autoScaling"]["diskGBEnabled"]),
        (&json!(2000), &json!(true))
    );
}

fn config_of(cluster: &Value) -> &Value {
    &cluster["replicationSpecs"][0]["regionConfigs"][0]
}

#[tokio::test]
async fn shards_that_differ_are_shown_by_the_newest_version_only() {
    let bench = Bench::demo().await;
    let shard = |size: &str, disk: i64| {
        json!({"zoneName": "Zone 1", "regionConfigs": [{
            "providerName": "AWS", "regionName": "US_EAST_1", "priority": 7,
            "electableSpecs": {"instanceSize": size, "nodeCount": 3, "diskSizeGB": disk},
        }]})
    };
    let cluster = |name: &str, specs: Value| json!({"name": name, "clusterType": "SHARDED", "replicationSpecs": specs});
    let clusters = demo("/clusters");
    let uneven = cluster("Disks", json!([shard("M30", 50), shard("M30", 60)]));
    bench.send_json(Method::POST, &clusters, NEWEST, uneven).await.refused(400, "DISK_SIZE_GB_INCONSISTENT");
    let sizes = cluster("Sizes", json!([shard("M30", 50), shard("M40", 50)]));
    bench.send_json(Method::POST, &clusters, NEWEST, sizes).await.documented(201);
    let path = demo("/clusters/Sizes");
    bench.get_as(&path, NEWEST).await.documented(200);
    bench.get(&path).await.refused(400, "ASYMMETRIC_SHARD_UNSUPPORTED");
    let names = |list: Value| list["results"].to_string().contains("\"Sizes\"");
    assert!(names(bench.get_as(&clusters, NEWEST).await.documented(200).json));
    assert!(!names(bench.get(&clusters).await.documented(200).json));
}

#[tokio::test]
async fn free_clusters_have_no_backups_until_they_are_upgraded() {
    let bench = Bench::demo().await;
    let free = |backup: bool| {
        json!({"name": "Free", "clusterType": "REPLICASET", "backupEnabled": backup, "replicationSpecs": [{"regionConfigs": [{
            "providerName": "TENANT", "backingProviderName": "AWS", "regionName": "US_EAST_1", "priority": 7,
            "electableSpecs": {"instanceSize": "M0"},
        }]}]})
    };
    let clusters = demo("/clusters");
    bench.send_json(Method::POST, &clusters, NEWEST, free(true)).await.refused(400, "INVALID_TENANT_BACKUP_ENABLED");
    bench.send_json(Method::POST, &clusters, NEWEST, free(false)).await.documented(201);
    bench.advance(3600);
    let path = demo("/clusters/Free");
    let shown = bench.get_as(&path, NEWEST).await.documented(200).json;
    assert_eq!(
        shown["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"],
        json!({"diskSizeGB": 0.5, "instanceSize": "M0"})
    );
    assert_eq!(bench.get(&path).await.documented(200).json["providerSettings"]["providerName"], "TENANT");
    patch(&bench, &path, json!({"tags": []})).await.refused(400, "TENANT_CLUSTER_UPDATE_UNSUPPORTED");
    bench
        .post(&demo("/clusters/Free/backup/snapshots"), json!({"description": "x", "retentionInDays": 1}))
        .await
        .refused(400, "BACKUP_JOB_NOT_FOUND");
    let upgrade = json!({
        "name": "Free", "providerBackupEnabled": true,
        "providerSettings": {"providerName": "AWS", "instanceSizeName": "M10", "regionName": "US_EAST_1"},
    });
    bench.post(&demo("/clusters/tenantUpgrade"), upgrade.clone()).await.documented(200);
    bench.advance(3600);
    let shown = bench.get_as(&path, NEWEST).await.documented(200).json;
    assert_eq!((&shown["backupEnabled"], &shown["stateName"]), (&json!(true), &json!("IDLE")));
    bench.post(&demo("/clusters/tenantUpgrade"), upgrade).await.refused(400, "INVALID_TENANT_CONFIGURATION");
}
