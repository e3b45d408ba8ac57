//! Creating and deleting projects and clusters.

use crate::support::{Bench, NEWEST, OLDEST, demo};
use http::Method;
use serde_json::{Value, json};

fn replica_set(name: &str) -> Value {
    json!({
        "name": name,
        "clusterType": "REPLICASET",
        "backupEnabled": true,
        "replicationSpecs": [{"regionConfigs": [{
            "providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7,
            "electableSpecs": {"instanceSize": "M10", "nodeCount": 3, "diskSizeGB": 2.0},
        }]}],
    })
}

#[tokio::test]
async fn project_is_created_found_renamed_and_deleted() {
    let bench = Bench::demo().await;
    let body = json!({"name": "rehearsal", "orgId": atlas_backup_emulator::ORGANIZATION});
    let answer = bench.post("/api/atlas/v2/groups", body.clone()).await.documented(201);
    assert!(answer.header("location").ends_with(answer.json["id"].as_str().unwrap()), "{:?}", answer.headers);
    let mut created = answer.json;
    bench.post("/api/atlas/v2/groups", body).await.refused(409, "GROUP_ALREADY_EXISTS");
    let path = format!("/api/atlas/v2/groups/{}", created["id"].as_str().unwrap());
    // The response of the creation omits the empty list and has links to the contents of a project.
    created["tags"] = json!([]);
    assert_eq!(created["links"].as_array().unwrap().len(), 7);
    created["links"].as_array_mut().unwrap().truncate(1);
    assert_eq!(bench.get(&path).await.documented(200).json, created);
    let renamed = bench.send_json(Method::PATCH, &path, OLDEST, json!({"name": "renamed"})).await.documented(200);
    assert_eq!(renamed.json["name"], "renamed");
    let deleted = bench.delete(&path, OLDEST).await.documented(202);
    assert_eq!(deleted.text, "{}");
    bench.get(&path).await.refused(404, "GROUP_NOT_FOUND");
}

#[tokio::test]
async fn project_with_clusters_is_not_deleted() {
    let bench = Bench::demo().await;
    bench.delete(&demo(""), OLDEST).await.refused(409, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS");
}

#[tokio::test]
async fn project_requires_existing_organization() {
    let bench = Bench::demo().await;
    let body = json!({"name": "x", "orgId": "66aaaaaaaaaaaaaaaaaaaaaa"});
    bench.post("/api/atlas/v2/groups", body).await.refused(404, "ORG_NOT_FOUND");
    let body = json!({"name": "", "orgId": atlas_backup_emulator::ORGANIZATION});
    bench.post("/api/atlas/v2/groups", body).await.refused(400, "INVALID_GROUP_NAME");
}

#[tokio::test]
async fn cluster_is_creating_idle_deleting_then_removed() {
    let bench = Bench::demo().await;
    let create = async || bench.send_json(Method::POST, &demo("/clusters"), NEWEST, replica_set("fresh")).await;
    let created = create().await.documented(201).json;
    assert_eq!(created["stateName"], "CREATING");
    assert_eq!(created["connectionStrings"], json!({}));
    let disk = &created["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]["diskSizeGB"];
    assert_eq!(disk, 10.0, "the minimum disk size, whatever was requested");
    create().await.refused(400, "DUPLICATE_CLUSTER_NAME");
    let state = async || bench.get_as(&demo("/clusters/fresh"), NEWEST).await.documented(200).json["stateName"].clone();
    bench.advance(180);
    assert_eq!(state().await, "IDLE");
    bench.delete(&demo("/clusters/fresh"), NEWEST).await.documented(202);
    assert_eq!(state().await, "DELETING");
    bench.advance(60);
    bench.get_as(&demo("/clusters/fresh"), NEWEST).await.refused(404, "CLUSTER_NOT_FOUND");
    create().await.documented(201);
}

#[tokio::test]
async fn every_version_creates_cluster_from_its_schema() {
    let bench = Bench::demo().await;
    let mut zoned = replica_set("zoned");
    zoned["clusterType"] = "SHARDED".into();
    zoned["replicationSpecs"][0]["numShards"] = 3.into();
    let hardware = &mut zoned["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"];
    hardware.as_object_mut().unwrap().remove("diskSizeGB");
    let oldest = json!({
        "name": "oldest", "clusterType": "REPLICASET", "providerBackupEnabled": true,
        "providerSettings": {"providerName": "AWS", "instanceSizeName": "M10", "regionName": "EU_WEST_1"},
    });
    for (version, body) in [("2023-02-01", zoned), ("2023-01-01", oldest)] {
        let accept = format!("application/vnd.atlas.{version}+json");
        let name = body["name"].as_str().unwrap().to_owned();
        bench.send_json(Method::POST, &demo("/clusters"), &accept, body).await.documented(201);
        let newest = bench.get_as(&demo(&format!("/clusters/{name}")), NEWEST).await.documented(200).json;
        let shards = newest["replicationSpecs"].as_array().unwrap().len();
        assert_eq!(shards, if name == "zoned" { 3 } else { 1 });
    }
    let incomplete = json!({"name": "bare", "clusterType": "REPLICASET"});
    bench.send_json(Method::POST, &demo("/clusters"), NEWEST, incomplete).await.refused(400, "MISSING_ATTRIBUTE");
}

#[tokio::test]
async fn flex_cluster_is_served_by_flex_operations_only() {
    let bench = Bench::demo().await;
    let body = json!({"name": "small", "providerSettings": {"backingProviderName": "AWS", "regionName": "EU_WEST_1"}});
    let created = bench.send_json(Method::POST, &demo("/flexClusters"), NEWEST, body).await.documented(201).json;
    assert_eq!((&created["stateName"], &created["versionReleaseSystem"]), (&"CREATING".into(), &"LTS".into()));
    let dedicated = bench.get_as(&demo("/clusters"), NEWEST).await.documented(200).json;
    assert!(dedicated["results"].as_array().unwrap().iter().all(|c| c["name"] != "small"));
    let protect = json!({"terminationProtectionEnabled": true});
    let path = demo("/flexClusters/small");
    bench.send_json(Method::PATCH, &path, NEWEST, protect).await.documented(200);
    let code = "CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED";
    bench.delete(&path, NEWEST).await.refused(400, code);
    let unprotect = json!({"terminationProtectionEnabled": false});
    bench.send_json(Method::PATCH, &path, NEWEST, unprotect).await.documented(200);
    bench.delete(&path, NEWEST).await.documented(204);
    bench.advance(60);
    bench.get_as(&path, NEWEST).await.refused(404, "CLUSTER_NOT_FOUND");
}

#[tokio::test]
async fn cluster_that_no_version_can_represent_is_refused() {
    let bench = Bench::demo().await;
    let cluster = |size: &str, region: &str| {
        json!({"name": "odd", "clusterType": "REPLICASET", "replicationSpecs": [{"regionConfigs": [{
            "providerName": "AWS", "regionName": region, "priority": 7,
            "electableSpecs": {"instanceSize": size, "nodeCount": 3},
        }]}]})
    };
    for (size, region, code) in [
        ("M5", "EU_WEST_1", "INVALID_CLUSTER_CONFIGURATION"),
        ("M90", "EU_WEST_1", "INVALID_CLUSTER_CONFIGURATION"),
        ("M10", "NOWHERE_1", "INVALID_REGION"),
    ] {
        let request = cluster(size, region);
        bench.send_json(Method::POST, &demo("/clusters"), NEWEST, request).await.refused(400, code);
    }
    bench.send_json(Method::POST, &demo("/clusters"), NEWEST, cluster("M10", "EU_WEST_1")).await.documented(201);
    for name in ["", &"x".repeat(65)] {
        let request = bench.send_json(Method::PATCH, &demo(""), OLDEST, json!({"name": name})).await;
        request.refused(400, "INVALID_GROUP_NAME");
    }
}
