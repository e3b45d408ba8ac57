//! Refusals of the service, and the check that a test covers every row of the table of refusals.

use std::{fs, path::Path};

use atlas_backup_emulator::{Access, DEMO_PROJECT, DEMO_SNAPSHOT, Emulator, Role, Seed, refusals};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, demo};

/// Refusals that no test can cause: a system without random numbers, a full disk, a body that never arrives.
const BEYOND_TESTS: [&str; 4] =
    ["UNEXPECTED_ERROR", "EMULATOR_NOT_SAVED", "REQUEST_TIMEOUT", "EMULATOR_NOT_IMPLEMENTED"];

#[test]
fn refusal_has_a_test_that_names_its_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let sources = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text: String = sources.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap()).collect();
    let modelled = refusals().iter().filter(|refusal| refusal.not_modelled.is_none());
    let untested = modelled.map(|refusal| refusal.code);
    let untested: Vec<_> = untested.filter(|code| !text.contains(&format!("\"{code}\""))).collect();
    assert!(untested.is_empty(), "{untested:?}");
    assert!(BEYOND_TESTS.iter().all(|code| refusals().iter().any(|refusal| refusal.code == *code)));
}

#[tokio::test]
async fn refusal_that_is_not_modelled_can_be_ordered_over_the_control_api() {
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().control(true)).await;
    let order = async |code: &str| {
        let effect = json!({"kind": "refusal", "code": code, "parameters": ["Cluster0"]});
        let body = json!({"operation": "getGroupCluster", "count": 1, "effect": effect});
        bench.send(bench.request(Method::POST, "/control/faults"), body.to_string()).await
    };
    let mut ordered = 0;
    for refusal in refusals().iter().filter(|refusal| refusal.not_modelled.is_some()) {
        if refusals().iter().any(|other| other.code == refusal.code && other.not_modelled.is_none()) {
            continue;
        }
        assert_eq!(order(refusal.code).await.status, 200, "{}", refusal.code);
        let refused = bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.refused(refusal.status, refusal.code);
        assert_eq!(refused.json["parameters"], json!(["Cluster0"]));
        ordered += 1;
    }
    assert!(ordered > 100, "{ordered}");
    order("NO_SUCH_CODE").await.refused(400, "CONTROL_INVALID");
    bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.documented(200);
}

const UNKNOWN: &str = "66aaaaaaaaaaaaaaaaaaaaaa";

fn item(frequency: &str, interval: i64, unit: &str, value: i64) -> Value {
    json!({"frequencyType": frequency, "frequencyInterval": interval, "retentionUnit": unit, "retentionValue": value})
}

fn with(mut document: Value, name: &str, value: impl Into<Value>) -> Value {
    document[name] = value.into();
    document
}

/// A new cluster at the newest version.
fn cluster(name: &str, kind: &str, shards: usize, size: &str) -> Value {
    let spec = json!({"regionConfigs": [{"providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7,
        "electableSpecs": {"instanceSize": size, "nodeCount": 3}}]});
    json!({"name": name, "clusterType": kind, "backupEnabled": true, "replicationSpecs": vec![spec; shards]})
}

async fn send(bench: &Bench, method: Method, path: &str, body: Value) -> Answer {
    bench.send_json(method, &demo(path), NEWEST, body).await
}

/// A ready cluster.
async fn create_ready(bench: &Bench, body: Value) {
    send(bench, Method::POST, "/clusters", body).await.documented(201);
    bench.advance(200);
}

#[tokio::test]
async fn schedule_request_is_refused_with_the_published_code() {
    let bench = Bench::demo().await;
    let path = "/clusters/Sharded0/backup/schedule";
    let schedule = bench.get_as(&demo(path), NEWEST).await.documented(200).json;
    let (policy, known) = (&schedule["policies"][0]["id"], &schedule["policies"][0]["policyItems"][0]);
    let zone = &bench.get_as(&demo("/clusters/Sharded0"), NEWEST).await.json["replicationSpecs"][0]["zoneId"];
    let items = |items: Value| json!({"policies": [{"id": policy, "policyItems": items}]});
    let copy = |more: Value| {
        let mut setting = json!({"cloudProvider": "AWS", "regionName": "US_EAST_1", "zoneId": zone});
        setting.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([setting])
    };
    let daily = item("daily", 1, "days", 14);
    let mut incomplete = daily.clone();
    incomplete.as_object_mut().unwrap().remove("retentionValue");
    for (body, code) in [
        (json!({"referenceHourOfDay": 24}), "INVALID_REFERENCE_HOUR_OF_DAY"),
        (json!({"referenceMinuteOfHour": 60}), "INVALID_REFERENCE_MINUTE_OF_HOUR"),
        (json!({"policies": [schedule["policies"][0], schedule["policies"][0]]}), "INVALID_NUM_OF_POLICIES"),
        (json!({"policies": []}), "INVALID_NUM_OF_POLICIES"),
        (items(json!([])), "INVALID_NUM_OF_POLICY_ITEMS"),
        (json!({"policies": [{"id": UNKNOWN, "policyItems": [daily]}]}), "INVALID_POLICY_ID"),
        (items(json!([with(daily.clone(), "id", UNKNOWN)])), "INVALID_POLICY_ITEM_ID"),
        (
            items(json!([with(item("weekly", 1, "weeks", 4), "id", known["id"].clone())])),
            "INVALID_FREQUENCY_TYPE_CHANGE",
        ),
        (items(json!([incomplete])), "MISSING_POLICY_ITEM_PARAMETERS"),
        (items(json!([item("hourly", 6, "days", 2), item("hourly", 12, "days", 2)])), "INVALID_BACKUP_POLICY"),
        (items(json!([item("weekly", 6, "days", 6)])), "INVALID_BACKUP_POLICY"),
        (items(json!([item("monthly", 40, "weeks", 4)])), "INVALID_BACKUP_POLICY"),
        (items(json!([item("yearly", 1, "months", 11)])), "INVALID_BACKUP_POLICY"),
        (json!({"autoExportEnabled": true}), "MISSING_ATTRIBUTE"),
        (json!({"copySettings": copy(json!({"cloudProvider": "GCP", "frequencies": ["DAILY"]}))}), "INVALID_ATTRIBUTE"),
        (json!({"copySettings": copy(json!({"zoneId": UNKNOWN, "frequencies": ["DAILY"]}))}), "INVALID_ATTRIBUTE"),
        (
            json!({"copyPolicyItemsEnabled": true, "copySettings": copy(json!({"frequencies": ["DAILY"]}))}),
            "INVALID_ATTRIBUTE",
        ),
        (json!({"copyPolicyItemsEnabled": false, "deleteCopySnapshots": true}), "INVALID_ATTRIBUTE"),
        (
            json!({"copySettings": copy(json!({"shouldCopyOplogs": true, "frequencies": ["DAILY"]}))}),
            "INVALID_ATTRIBUTE",
        ),
        (json!({"export": {"exportBucketId": UNKNOWN, "frequencyType": "monthly"}}), "INVALID_ATTRIBUTE"),
    ] {
        send(&bench, Method::PATCH, path, body).await.refused(400, code);
    }
    for fits in [item("weekly", 6, "days", 7), item("monthly", 40, "weeks", 5), item("yearly", 1, "years", 1)] {
        send(&bench, Method::PATCH, path, items(json!([fits]))).await.documented(200);
    }
}

#[tokio::test]
async fn continuous_backup_requires_hourly_retention_of_window() {
    let bench = Bench::demo().await;
    let path = "/clusters/Cluster0/backup/schedule";
    let mut schedule = bench.get_as(&demo(path), NEWEST).await.documented(200).json;
    send(&bench, Method::PATCH, path, json!({"restoreWindowDays": 8})).await.refused(400, "INVALID_RESTORE_WINDOW");
    send(&bench, Method::PATCH, path, json!({"restoreWindowDays": 7})).await.documented(200);
    let items = schedule["policies"][0]["policyItems"].as_array_mut().unwrap();
    items.retain(|item| item["frequencyType"] != "hourly");
    let body = json!({"policies": schedule["policies"]});
    send(&bench, Method::PATCH, path, body).await.refused(400, "ATLAS_GENERAL_ERROR");
}

#[tokio::test]
async fn cluster_request_is_refused_with_the_published_code() {
    let bench = Bench::demo().await;
    let plain = |name: &str| cluster(name, "REPLICASET", 1, "M10");
    create_ready(&bench, plain("A23456789012345678901230")).await;
    let nodes = |count: i64| {
        let mut body = plain("nodes");
        body["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]["nodeCount"] = count.into();
        body
    };
    let without_backup = |body: Value| with(body, "backupEnabled", false);
    for (body, code) in [
        (with(plain("paused"), "paused", true), "CANNOT_CREATE_PAUSED_CLUSTER"),
        (plain("A23456789012345678901231"), "DUPLICATE_CLUSTER_NAME_PREFIX"),
        (plain(&"A".repeat(65)), "CLUSTER_NAME_TOO_LONG"),
        (nodes(4), "CLUSTER_REPLICATION_FACTOR_INVALID"),
        (with(without_backup(plain("pit")), "pitEnabled", true), "ATLAS_GENERAL_ERROR"),
        (without_backup(cluster("nvme", "REPLICASET", 1, "M40_NVME")), "NVME_STORAGE_PROVIDER_BACKUP_REQUIRED"),
        (with(plain("keys"), "encryptionAtRestProvider", "AWS"), "ENCRYPTION_AT_REST_NOT_ENABLED"),
        (cluster("shards", "REPLICASET", 2, "M10"), "INVALID_CLUSTER_CONFIGURATION"),
    ] {
        send(&bench, Method::POST, "/clusters", body).await.refused(400, code);
    }
    let renamed = send(&bench, Method::PATCH, "/clusters/Cluster0", json!({"name": "Renamed"})).await;
    renamed.refused(400, "CLUSTER_CANNOT_CHANGE_NAME");
    let off = send(&bench, Method::PATCH, "/clusters/Cluster0", json!({"backupEnabled": false})).await;
    assert_eq!(off.documented(200).json["pitEnabled"], false, "continuous backup is disabled with backup");
}

#[tokio::test]
async fn restore_into_a_cluster_that_does_not_fit_is_refused() {
    let bench = Bench::demo().await;
    create_ready(&bench, with(cluster("old", "REPLICASET", 1, "M10"), "mongoDBMajorVersion", "7.0")).await;
    let restore = async |source: &str, snapshot: &str, target: &str| {
        let body = json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": target,
            "targetGroupId": DEMO_PROJECT});
        send(&bench, Method::POST, &format!("/clusters/{source}/backup/restoreJobs"), body).await
    };
    restore("Cluster0", DEMO_SNAPSHOT, "old").await.refused(400, "DB_VERSION_NOT_SUPPORTED");
    let sharded = bench.get_as(&demo("/clusters/Sharded0/backup/snapshots/shardedClusters"), NEWEST).await.json;
    let sharded = sharded["results"][0]["id"].as_str().unwrap();
    let specs = cluster("", "SHARDED", 3, "M10")["replicationSpecs"].clone();
    send(&bench, Method::PATCH, "/clusters/Sharded0", json!({"replicationSpecs": specs})).await.documented(200);
    bench.advance(100);
    restore("Sharded0", sharded, "Sharded0").await.refused(409, "RESTORE_INITIATION_FAILED");
    let flex = bench.get_as(&demo("/flexClusters/Flex0/backup/snapshots"), NEWEST).await.json;
    let body = json!({"snapshotId": flex["results"][0]["id"], "targetDeploymentItemName": "old",
        "targetProjectId": DEMO_PROJECT});
    let mismatch = send(&bench, Method::POST, "/flexClusters/Flex0/backup/restoreJobs", body).await;
    mismatch.refused(400, "TENANT_RESTORE_VERSION_MISMATCH");
}

#[tokio::test]
async fn restore_into_a_project_without_rights_there_is_refused() {
    let owner = Access::with([Role::GroupOwner]).in_project(DEMO_PROJECT);
    let builder = Emulator::builder().seed(Seed::Demo).stepped_clock();
    let bench = Bench::with(builder.bearer_token("all", Access::default()).bearer_token("owner", owner)).await;
    let send = async |token: &str, path: &str, body: Value| {
        let request = bench.request(Method::POST, path).header("accept", NEWEST).header("content-type", NEWEST);
        bench.send(request.header("authorization", format!("Bearer {token}")), body.to_string()).await
    };
    let project = json!({"name": "other", "orgId": atlas_backup_emulator::ORGANIZATION});
    let other = send("all", "/api/atlas/v2/groups", project).await.documented(201).json["id"].clone();
    let other = other.as_str().unwrap();
    let clusters = format!("/api/atlas/v2/groups/{other}/clusters");
    send("all", &clusters, cluster("target", "REPLICASET", 1, "M10")).await.documented(201);
    bench.advance(200);
    let body = json!({"deliveryType": "automated", "snapshotId": DEMO_SNAPSHOT, "targetClusterName": "target",
        "targetGroupId": other});
    let jobs = demo("/clusters/Cluster0/backup/restoreJobs");
    send("owner", &jobs, body.clone()).await.refused(403, "CANNOT_RESTORE_TO_TARGET");
    send("all", &jobs, body).await.documented(200);
}

#[tokio::test]
async fn compliance_policy_is_not_weakened_without_the_services_support() {
    let bench = Bench::demo().await;
    let put = async |items: Value, window: i64| {
        let body = json!({"authorizedEmail": "a@example.com", "authorizedUserFirstName": "A",
            "authorizedUserLastName": "B", "pitEnabled": true, "restoreWindowDays": window, "scheduledPolicyItems": items});
        let answer = bench.send_json(Method::PUT, &demo("/backupCompliancePolicy"), NEWEST, body).await;
        bench.advance(60);
        answer
    };
    let (hourly, daily) = (item("hourly", 6, "days", 7), item("daily", 1, "days", 7));
    put(json!([hourly, daily]), 5).await.documented(200);
    put(json!([hourly, daily]), 3).await.refused(400, "CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY");
    put(json!([hourly]), 5).await.refused(400, "BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID");
    put(json!([hourly, daily]), 0).await.refused(400, "BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID");
    put(json!([item("hourly", 3, "days", 7), daily]), 5).await.refused(400, "INVALID_BACKUP_POLICY");
    put(json!([hourly, daily]), 6).await.documented(200);
    assert!(bench.emulator.clear_compliance_policy(DEMO_PROJECT));
    put(json!([hourly]), 3).await.documented(200);
}

#[tokio::test]
async fn export_request_is_refused_where_the_service_does() {
    let bench = Bench::demo().await;
    let bucket = |name: &str| json!({"bucketName": name, "cloudProvider": "AWS", "iamRoleId": UNKNOWN});
    for name in ["a..b", "s3://x", "Upper", "10.0.0.1", "-a-", "ab"] {
        let refused = send(&bench, Method::POST, "/backup/exportBuckets", bucket(name)).await;
        assert!(refused.status == 400, "{name}: {}", refused.text);
    }
    let refused = send(&bench, Method::POST, "/backup/exportBuckets", bucket("a..b")).await;
    refused.refused(400, "EXPORT_BUCKET_NAME_INVALID");
    let azure = json!({"bucketName": "container", "cloudProvider": "AZURE", "roleId": UNKNOWN,
        "serviceUrl": "https://account.blob.core.windows.net/container"});
    let azure = send(&bench, Method::POST, "/backup/exportBuckets", azure).await.documented(200).json;
    let path = format!("/backup/exportBuckets/{}", azure["_id"].as_str().unwrap());
    let change = json!({"requirePrivateNetworking": true});
    send(&bench, Method::PATCH, &path, change).await.refused(400, "INVALID_ATTRIBUTE");
    let twice = send(&bench, Method::POST, "/backup/exportBuckets", bucket("exports")).await.documented(200).json;
    send(&bench, Method::POST, "/backup/exportBuckets", bucket("exports")).await.documented(200);
    let export = json!({"exportBucketId": twice["_id"], "snapshotId": DEMO_SNAPSHOT});
    send(&bench, Method::POST, "/clusters/Cluster0/backup/exports", export.clone()).await.documented(200);
    let second = send(&bench, Method::POST, "/clusters/Cluster0/backup/exports", export).await;
    second.refused(400, "ATLAS_GENERAL_ERROR");
}

#[tokio::test]
async fn paused_cluster_takes_no_changes_and_no_snapshots() {
    let bench = Bench::demo().await;
    let change = async |body: Value| send(&bench, Method::PATCH, "/clusters/Cluster0", body).await;
    let newest = async || bench.newest("/clusters/Cluster0/backup/snapshots").await;
    change(json!({"paused": true, "tags": []})).await.refused(409, "CANNOT_UPDATE_AND_PAUSE_CLUSTER");
    assert_eq!(change(json!({"paused": true})).await.documented(200).json["paused"], true);
    change(json!({"paused": true})).await.refused(409, "CLUSTER_ALREADY_PAUSED");
    change(json!({"tags": []})).await.refused(409, "CANNOT_UPDATE_PAUSED_CLUSTER");
    let restore = json!({"deliveryType": "automated", "snapshotId": DEMO_SNAPSHOT, "targetClusterName": "Cluster0",
        "targetGroupId": DEMO_PROJECT});
    let restore = send(&bench, Method::POST, "/clusters/Cluster0/backup/restoreJobs", restore).await;
    restore.refused(400, "CLUSTER_PAUSED_CANNOT_RESTORE");
    let before = newest().await;
    bench.advance(12 * 3_600);
    assert_eq!(newest().await, before);
    assert_eq!(change(json!({"paused": false})).await.documented(200).json["paused"], false);
    change(json!({"paused": true})).await.refused(400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER");
    bench.advance(12 * 3_600);
    assert_ne!(newest().await, before);
    create_ready(&bench, cluster("nvme", "REPLICASET", 1, "M40_NVME")).await;
    let nvme = send(&bench, Method::PATCH, "/clusters/nvme", json!({"paused": true})).await;
    nvme.refused(409, "CANNOT_PAUSE_NVME_CLUSTER");
}

#[tokio::test]
async fn disabling_backup_deletes_snapshots_and_schedule() {
    let bench = Bench::demo().await;
    let change = async |body: Value| send(&bench, Method::PATCH, "/clusters/Cluster0", body).await;
    let count =
        async || bench.get_as(&demo("/clusters/Cluster0/backup/snapshots"), NEWEST).await.json["totalCount"].clone();
    let restore = async |seconds: i64| {
        let body = json!({"deliveryType": "pointInTime", "pointInTimeUTCSeconds": seconds, "targetClusterName": "Sharded0",
            "targetGroupId": DEMO_PROJECT});
        send(&bench, Method::POST, "/clusters/Cluster0/backup/restoreJobs", body).await
    };
    let earlier = bench.emulator.clock().now().timestamp() - 600;
    change(json!({"pitEnabled": false})).await.documented(200);
    change(json!({"pitEnabled": true})).await.documented(200);
    restore(earlier).await.refused(400, "INVALID_PIT_RESTORE_TIME");
    change(json!({"backupEnabled": false, "retainBackups": true})).await.documented(200);
    assert!(count().await.as_u64() > Some(0), "they were to be retained");
    change(json!({"backupEnabled": true})).await.documented(200);
    change(json!({"backupEnabled": false})).await.documented(200);
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn malformed_request_is_refused_with_the_published_code() {
    let bench = Bench::demo().await;
    let (clusters, exports) = ("/clusters", "/clusters/Cluster0/backup/exports");
    let snapshots = "/clusters/Cluster0/backup/snapshots";
    let plain = |name: &str| cluster(name, "REPLICASET", 1, "M10");
    let mut negative = plain("negative");
    negative["replicationSpecs"][0]["regionConfigs"][0]["priority"] = (-1).into();
    for (path, body, code, parameters) in [
        (exports, json!({"snapshotId": UNKNOWN}), "MISSING_ATTRIBUTE", json!(["exportBucketId"])),
        (exports, json!({}), "MISSING_ATTRIBUTES", json!(["snapshotId", "exportBucketId"])),
        (exports, json!([]), "INVALID_JSON", json!([])),
        (snapshots, json!({"retentionInDays": "x"}), "INVALID_JSON_ATTRIBUTE", json!(["retentionInDays"])),
        (snapshots, json!({"retentionInDays": -1}), "ATTRIBUTE_NEGATIVE_OR_ZERO", json!(["retentionInDays"])),
        (snapshots, json!({"retention": 1}), "INVALID_ATTRIBUTE", json!(["retention"])),
        (clusters, with(plain("kind"), "clusterType", "ROUND"), "INVALID_ENUM_VALUE", json!(["ROUND"])),
        (clusters, negative, "ATTRIBUTE_NEGATIVE", json!(["replicationSpecs.0.regionConfigs.0.priority"])),
        (
            "/backup/exportBuckets",
            json!({"bucketName": "container", "cloudProvider": "AZURE", "roleId": UNKNOWN,
            "serviceUrl": "an-address-without-a-scheme-and-a-host"}),
            "INVALID_URL",
            json!(["an-address-without-a-scheme-and-a-host"]),
        ),
    ] {
        let refused = send(&bench, Method::POST, path, body).await.refused(400, code);
        let mut named = refused.json["parameters"].as_array().unwrap().clone();
        named.sort_by_key(|name| !parameters.as_array().unwrap().contains(name));
        assert_eq!(named.len(), parameters.as_array().unwrap().len(), "{code}");
        assert!(named.iter().all(|name| parameters.as_array().unwrap().contains(name)), "{code}: {named:?}");
    }
    for (path, code, parameters) in [
        ("/clusters/Cluster0/backup/snapshots/zzz", "PATH_PARAM_PARSE_ERROR", json!(["zzz"])),
        ("/clusters/no_name", "INVALID_PATH_PARAMETER", json!(["no_name"])),
        ("/clusters?pageNum=0", "INVALID_QUERY_PARAMETER", json!(["pageNum", "0"])),
        ("/clusters/Cluster0/backup/snapshots?oplogTs=5", "MISSING_QUERY_PARAMETER", json!(["oplogInc"])),
        ("/clusters/Cluster0/backup/snapshots?oplogInc=5", "MISSING_QUERY_PARAMETER", json!(["oplogTs"])),
        (
            "/clusters/Cluster0/backup/snapshots?oplogTs=5&oplogInc=1&pointInTimeUtcSeconds=5",
            "MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS",
            json!(["pointInTimeUtcSeconds", "oplogTs"]),
        ),
    ] {
        let refused = bench.get_as(&demo(path), NEWEST).await.refused(400, code);
        assert_eq!(refused.json["parameters"], parameters, "{path}");
    }
}

#[tokio::test]
async fn list_with_a_moment_shows_the_snapshot_before_it() {
    let bench = Bench::demo().await;
    let list = async |query: &str| {
        let path = demo(&format!("/clusters/Cluster0/backup/snapshots{query}"));
        bench.get_as(&path, NEWEST).await.documented(200).json["results"].as_array().unwrap().clone()
    };
    let all = list("").await;
    let seconds = |at: &Value| at.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    let created = seconds(&all[3]["createdAt"]);
    for query in [format!("?pointInTimeUtcSeconds={}", created + 5), format!("?oplogTs={created}&oplogInc=1")] {
        let found = list(&query).await;
        assert_eq!((found.len(), &found[0]["id"]), (1, &all[3]["id"]), "{query}");
    }
    assert!(list("?pointInTimeUtcSeconds=1").await.is_empty());
}

#[tokio::test]
async fn name_that_the_service_forbids_is_refused() {
    let bench = Bench::demo().await;
    let plain = |name: &str| cluster(name, "REPLICASET", 1, "M10");
    for (name, code) in [
        ("atlas-abc123", "ATLAS_RESERVED_CLUSTER_NAME"),
        ("A234567890123456789012-more", "CLUSTER_NAME_PREFIX_INVALID"),
        ("un_derscore", "CLUSTER_NAME_INVALID"),
    ] {
        send(&bench, Method::POST, "/clusters", plain(name)).await.refused(400, code);
    }
    let project = async |name: &str| {
        let body = json!({"name": name, "orgId": atlas_backup_emulator::ORGANIZATION});
        bench.send_json(Method::POST, "/api/atlas/v2/groups", NEWEST, body).await
    };
    project("10gen-x").await.refused(400, "INVALID_GROUP_NAME_10GEN");
    project("").await.refused(400, "INVALID_GROUP_NAME");
    for n in 1..250 {
        project(&format!("project{n}")).await.documented(201);
    }
    project("surplus").await.refused(400, "MAX_GROUPS_PER_ORG_EXCEEDED");
    let restore = |target: &str| {
        json!({"collections": [{"sourceNamespace": "shop.orders", "targetNamespace": target}],
            "snapshotId": DEMO_SNAPSHOT, "indexStrategy": "ALL", "writeStrategy": "CREATE_NEW",
            "targetClusterName": "Cluster0", "targetGroupId": DEMO_PROJECT})
    };
    for (target, code) in [
        (format!("{}.orders", "d".repeat(64)), "INVALID_DATABASE_NAME"),
        ("shop.$orders".to_owned(), "INVALID_COLLECTION_NAME"),
        (format!("shop.{}", "c".repeat(251)), "INVALID_NAMESPACE"),
    ] {
        let path = "/clusters/Cluster0/collectionRestoreJobs";
        send(&bench, Method::POST, path, restore(&target)).await.refused(400, code);
    }
    let mut sourceless = restore("shop.copy");
    sourceless.as_object_mut().unwrap().remove("snapshotId");
    let refused = send(&bench, Method::POST, "/clusters/Cluster0/collectionRestoreJobs", sourceless).await;
    refused.refused(400, "MISSING_ONE_OF_THREE_ATTRIBUTES");
}

#[tokio::test]
async fn part_of_a_sharded_snapshot_is_neither_deleted_nor_restored_alone() {
    let bench = Bench::demo().await;
    let list = bench.get_as(&demo("/clusters/Sharded0/backup/snapshots/shardedClusters"), NEWEST).await.documented(200);
    let (whole, part) = (&list.json["results"][0]["id"], &list.json["results"][0]["members"][0]["id"]);
    let path = format!("/clusters/Sharded0/backup/snapshots/{}", part.as_str().unwrap());
    bench.delete(&demo(&path), NEWEST).await.refused(403, "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT");
    let restore = |snapshot: &Value| {
        json!({"deliveryType": "automated", "snapshotId": snapshot, "targetClusterName": "Sharded0",
            "targetGroupId": DEMO_PROJECT})
    };
    let jobs = "/clusters/Sharded0/backup/restoreJobs";
    send(&bench, Method::POST, jobs, restore(part)).await.refused(400, "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED");
    bench.delete(&demo("/clusters/Sharded0"), NEWEST).await.documented(202);
    let code = "CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT";
    send(&bench, Method::POST, jobs, restore(whole)).await.refused(409, code);
    bench.delete(&demo("/clusters/Cluster0"), NEWEST).await.documented(202);
    let download = json!({"deliveryType": "download", "snapshotId": DEMO_SNAPSHOT});
    let refused = send(&bench, Method::POST, "/clusters/Cluster0/backup/restoreJobs", download).await;
    refused.refused(409, "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT");
}
