//! The scenarios of the official command line, from an empty organization to a restore.

use atlas_backup_emulator::{Emulator, ORGANIZATION};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, OLDEST, demo};

async fn send(bench: &Bench, method: Method, path: &str, body: Value) -> Answer {
    bench.send_json(method, path, NEWEST, body).await
}

#[tokio::test]
async fn default_version_is_public_plain_text() {
    let bench = Bench::with(Emulator::builder().api_key("public", "private")).await;
    let answer = bench.get("/api/private/unauth/nds/defaultMongoDBMajorVersion").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "8.0"));
    assert!(answer.header("content-type").starts_with("text/plain"));
}

#[tokio::test]
async fn empty_organization_supports_setup_through_restore() {
    let bench = Bench::with(Emulator::builder().stepped_clock()).await;
    let organizations = bench.get("/api/atlas/v2/orgs").await.documented(200).json;
    assert_eq!(organizations["results"][0]["id"], ORGANIZATION);
    let project = json!({"name": "rehearsal", "orgId": ORGANIZATION});
    let project = bench.post("/api/atlas/v2/groups", project).await.documented(201).json["id"].clone();
    let project = project.as_str().unwrap();
    let at = |rest: &str| format!("/api/atlas/v2/groups/{project}{rest}");
    let regions = bench.get(&at("/clusters/provider/regions?providers=AWS&tier=M10")).await.documented(200).json;
    let region = regions["results"][0]["instanceSizes"][0]["availableRegions"][0]["name"].clone();
    let cluster = json!({"name": "one", "clusterType": "REPLICASET", "backupEnabled": true, "replicationSpecs": [{
        "regionConfigs": [{"providerName": "AWS", "regionName": region, "priority": 7,
            "electableSpecs": {"instanceSize": "M10", "nodeCount": 3, "diskSizeGB": 2.0}}]}]});
    send(&bench, Method::POST, &at("/clusters"), cluster).await.documented(201);
    bench.advance(180);
    let shown = bench.get_as(&at("/clusters/one"), NEWEST).await.documented(200).json;
    let size = &shown["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]["diskSizeGB"];
    assert_eq!((&shown["stateName"], size), (&"IDLE".into(), &json!(10.0)));

    let schedule = at("/clusters/one/backup/schedule");
    let changed = send(&bench, Method::PATCH, &schedule, json!({"referenceHourOfDay": 5})).await.documented(200).json;
    assert_eq!(changed["referenceHourOfDay"], 5);
    let snapshots = at("/clusters/one/backup/snapshots");
    let taken = bench.post(&snapshots, json!({"description": "mine", "retentionInDays": 1})).await.documented(200).json;
    bench.advance(60);
    let snapshot = taken["id"].as_str().unwrap();
    let done = bench.get(&format!("{snapshots}/{snapshot}")).await.documented(200).json;
    assert_eq!(done["status"], "completed");

    let restores = at("/clusters/one/backup/restoreJobs");
    for (kind, ready) in [("automated", "finishedAt"), ("download", "expiresAt")] {
        let body =
            json!({"deliveryType": kind, "snapshotId": snapshot, "targetClusterName": "one", "targetGroupId": project});
        let job = bench.post(&restores, body).await.documented(200).json;
        bench.advance(120);
        let job = bench.get(&format!("{restores}/{}", job["id"].as_str().unwrap())).await.documented(200).json;
        assert!(job[ready].is_string(), "{job}");
    }

    let bucket = json!({"bucketName": "exports", "cloudProvider": "AWS", "iamRoleId": "66aaaaaaaaaaaaaaaaaaaaaa"});
    let bucket =
        send(&bench, Method::POST, &at("/backup/exportBuckets"), bucket).await.documented(200).json["_id"].clone();
    let job = json!({"snapshotId": snapshot, "exportBucketId": bucket});
    let exports = at("/clusters/one/backup/exports");
    let job = bench.post(&exports, job).await.documented(200).json;
    bench.advance(90);
    let job = bench.get(&format!("{exports}/{}", job["id"].as_str().unwrap())).await.documented(200).json;
    assert_eq!(job["state"], "Successful");

    bench.delete(&at(""), OLDEST).await.refused(409, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS");
    bench.delete(&at("/clusters/one"), NEWEST).await.documented(202);
    bench.advance(60);
    bench.delete(&at(""), OLDEST).await.documented(202);
    bench.get(&at("/backup/exportBuckets")).await.refused(404, "GROUP_NOT_FOUND");
}

#[tokio::test]
async fn upgraded_flex_cluster_is_dedicated_and_keeps_data() {
    let bench = Bench::demo().await;
    let project = atlas_backup_emulator::DEMO_PROJECT;
    let data = bench.emulator.data(project, "Flex0").unwrap();
    data.insert("mine", "own", vec![json!({"_id": 1})]).unwrap();
    let body = json!({"name": "Flex0", "clusterType": "REPLICASET", "backupEnabled": true, "replicationSpecs": [{"regionConfigs": [{
        "providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7, "electableSpecs": {"instanceSize": "M30", "nodeCount": 3}}]}]});
    let upgrade = demo("/flexClusters:tenantUpgrade");
    let answer = send(&bench, Method::POST, &upgrade, body.clone()).await.documented(200).json;
    assert_eq!((&answer["name"], &answer["stateName"]), (&"Flex0".into(), &"UPDATING".into()));
    bench.get_as(&demo("/flexClusters/Flex0"), NEWEST).await.refused(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API");
    let dedicated = bench.get_as(&demo("/clusters/Flex0"), NEWEST).await.documented(200).json;
    let specs = &dedicated["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"];
    assert_eq!((&specs["instanceSize"], &dedicated["backupEnabled"]), (&"M30".into(), &true.into()));
    bench.advance(60);
    assert_eq!(bench.get_as(&demo("/clusters/Flex0"), NEWEST).await.json["stateName"], "IDLE");
    assert_eq!(bench.emulator.data(project, "Flex0").unwrap().collections("mine"), ["own"]);
    bench.advance(86_400);
    let snapshots = bench.get(&demo("/clusters/Flex0/backup/snapshots")).await.documented(200).json;
    assert!(snapshots["totalCount"].as_u64().unwrap() >= 4, "six-hourly from now on");
    send(&bench, Method::POST, &upgrade, body).await.refused(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API");
    let unknown = json!({"name": "none"});
    send(&bench, Method::POST, &upgrade, unknown).await.refused(404, "CLUSTER_NOT_FOUND");
}

#[tokio::test]
async fn private_endpoints_are_limited_to_one_per_region() {
    let bench = Bench::demo().await;
    let path = demo("/backup/AWS/privateEndpoints");
    let body = json!({"cloudProvider": "AWS", "regionName": "US_EAST_1"});
    let endpoint = send(&bench, Method::POST, &path, body.clone()).await.documented(201).json;
    assert_eq!((&endpoint["status"], &endpoint["vpcRegionName"]), (&"INITIATING".into(), &"US_EAST_1".into()));
    let again = send(&bench, Method::POST, &path, body.clone()).await;
    again.refused(409, "PRIVATELINK_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION");
    assert_eq!(bench.get_as(&path, NEWEST).await.documented(200).json["totalCount"], 1);
    let one = format!("{path}/{}", endpoint["id"].as_str().unwrap());
    bench.delete(&one, NEWEST).await.documented(204);
    bench.advance(30);
    send(&bench, Method::POST, &path, body).await.documented(201);
    bench.get_as(&one, NEWEST).await.refused(404, "RESOURCE_NOT_FOUND");
    bench.get_as(&demo("/backup/AZURE/privateEndpoints"), NEWEST).await.refused(400, "INVALID_PATH_PARAMETER");
}
