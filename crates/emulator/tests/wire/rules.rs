//! Rules of the service's documentation, each on a separate emulator.
//!
//! A row names the rule, where it is known from, and what shows it. Rules about one refusal only are rows of the table of
//! refusals and are shown in `refusals`.

use atlas_backup_emulator::{Access, DEMO_PROJECT, DEMO_SNAPSHOT, Emulator, JobKind, Role, Seed, operations};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, demo};

const ROLE: &str = "66aaaaaaaaaaaaaaaaaaaaaa";
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

macro_rules! rules {
    ($($name:ident from $source:literal: |$rules:ident| $check:block)*) => {
        $(
            #[doc = concat!("Source: ", $source)]
            #[tokio::test]
            async fn $name() {
                let $rules = Rules { bench: Bench::demo().await };
                $check
            }
        )*
    };
}

/// The demo, and what the rules have in common.
struct Rules {
    bench: Bench,
}

impl Rules {
    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        self.bench.send_json(method, &demo(path), NEWEST, body).await
    }

    async fn get(&self, path: &str) -> Value {
        self.bench.get_as(&demo(path), NEWEST).await.documented(200).json
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await["results"].as_array().unwrap().clone()
    }

    /// A replica set with one electable node in each region, or three in the only one; ready.
    async fn create_ready(&self, name: &str, size: &str, regions: &[&str], more: Value) {
        let nodes = if regions.len() == 1 { 3 } else { 1 };
        let mut body = json!({"name": name, "clusterType": "REPLICASET", "backupEnabled": true,
            "replicationSpecs": [spec(size, regions, nodes)]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.send(Method::POST, "/clusters", body).await.documented(201);
        self.bench.advance(200);
    }

    async fn schedule(&self, cluster: &str) -> Value {
        self.get(&format!("/clusters/{cluster}/backup/schedule")).await
    }

    async fn change_schedule(&self, cluster: &str, body: Value) -> Answer {
        self.send(Method::PATCH, &format!("/clusters/{cluster}/backup/schedule"), body).await
    }

    /// A copy setting of a cluster's only zone.
    async fn copy(&self, cluster: &str, region: &str, frequencies: &[&str]) -> Value {
        let zone = self.get(&format!("/clusters/{cluster}")).await["replicationSpecs"][0]["zoneId"].clone();
        json!([{"cloudProvider": "AWS", "regionName": region, "zoneId": zone, "frequencies": frequencies}])
    }

    async fn policy(&self, more: Value) -> Answer {
        let mut body = json!({"authorizedEmail": "a@example.com", "authorizedUserFirstName": "A",
            "authorizedUserLastName": "B"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self.send(Method::PUT, "/backupCompliancePolicy", body).await;
        self.bench.advance(60);
        answer
    }

    async fn enable_aws_key(&self, project: &str, region: &str) {
        let path = format!("/api/atlas/v2/groups/{project}/encryptionAtRest");
        let key = json!({"enabled": true, "customerMasterKeyID": "key", "region": region, "roleId": ROLE,
            "secretAccessKey": "secret"});
        self.bench.send_json(Method::PATCH, &path, NEWEST, json!({"awsKms": key})).await.documented(200);
    }

    async fn restore(&self, source: &str, more: Value) -> Answer {
        let mut body = json!({"deliveryType": "automated", "targetGroupId": DEMO_PROJECT});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.send(Method::POST, &format!("/clusters/{source}/backup/restoreJobs"), body).await
    }
}

fn spec(size: &str, regions: &[&str], nodes: i64) -> Value {
    let regions = regions.iter().zip((1..=7).rev()).map(|(region, priority)| {
        json!({"providerName": "AWS", "regionName": region, "priority": priority,
            "electableSpecs": {"instanceSize": size, "nodeCount": nodes}})
    });
    json!({"regionConfigs": regions.collect::<Vec<_>>()})
}

fn item(frequency: &str, interval: i64, unit: &str, value: i64) -> Value {
    json!({"frequencyType": frequency, "frequencyInterval": interval, "retentionUnit": unit, "retentionValue": value})
}

rules! {
    nvme_cluster_takes_hourly_snapshots_every_12_hours_only from "backup schedule page; Terraform provider": |rules| {
        rules.create_ready("Nvme", "M40_NVME", &["EU_WEST_1"], json!({})).await;
        let schedule = rules.schedule("Nvme").await;
        assert_eq!(schedule["policies"][0]["policyItems"][0]["frequencyInterval"], 12);
        for (interval, status) in [(6, 400), (12, 200)] {
            let items = json!([{"policyItems": [item("hourly", interval, "days", 7)]}]);
            let answer = rules.change_schedule("Nvme", json!({"policies": items})).await;
            assert_eq!(answer.status, status, "{}", answer.text);
        }
    }

    item_sent_without_id_leaves_snapshots_as_they_are from "Terraform provider, issue 1357": |rules| {
        let before = rules.list("/clusters/Cluster0/backup/snapshots?itemsPerPage=500").await;
        let items = json!([{"policyItems": [item("hourly", 6, "days", 7), item("daily", 1, "days", 120)]}]);
        rules.change_schedule("Cluster0", json!({"policies": items, "updateSnapshots": true})).await.documented(200);
        let after = rules.list("/clusters/Cluster0/backup/snapshots?itemsPerPage=500").await;
        let expiry = |list: &[Value]| list.iter().map(|s| s["expiresAt"].clone()).collect::<Vec<_>>();
        assert_eq!(expiry(&before), expiry(&after));
    }

    automatic_export_takes_weekly_and_rarer_snapshots from "export page; Terraform provider": |rules| {
        let bucket = rules.list("/backup/exportBuckets").await[0]["_id"].clone();
        for (frequency, status) in [("weekly", 200), ("monthly", 200), ("yearly", 200), ("daily", 400), ("hourly", 400)] {
            let export = json!({"exportBucketId": bucket, "frequencyType": frequency});
            let body = json!({"autoExportEnabled": true, "export": export});
            assert_eq!(rules.change_schedule("Cluster0", body).await.status, status, "{frequency}");
        }
        let off = rules.change_schedule("Cluster0", json!({"autoExportEnabled": false})).await.documented(200);
        assert_eq!(off.json.get("export"), None);
    }

    restore_of_flex_snapshot_requires_target_project from "official command line, issue 3620": |rules| {
        let snapshot = rules.list("/flexClusters/Flex0/backup/snapshots").await[0]["id"].clone();
        let body = json!({"snapshotId": snapshot, "targetDeploymentItemName": "Flex0"});
        let refused = rules.send(Method::POST, "/flexClusters/Flex0/backup/restoreJobs", body).await;
        assert_eq!(refused.refused(400, "MISSING_ATTRIBUTE").json["parameters"], json!(["targetProjectId"]));
    }

    restore_without_snapshot_does_not_find_one from "Terraform provider, acceptance test of downloads": |rules| {
        let body = json!({"deliveryType": "download"});
        rules.restore("Cluster0", body).await.refused(404, "SNAPSHOT_NOT_FOUND");
    }

    automatic_copies_follow_secondary_regions from "snapshot distribution page": |rules| {
        rules.create_ready("Multi", "M10", &["EU_WEST_1", "EU_CENTRAL_1", "EU_WEST_2"], json!({})).await;
        let on = json!({"copyPolicyItemsEnabled": true, "autoCopySettingsEnabled": true});
        let schedule = rules.change_schedule("Multi", on).await.documented(200).json;
        let regions = |schedule: &Value| {
            let settings = schedule["copySettings"].as_array().unwrap().iter();
            settings.map(|s| s["regionName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(regions(&schedule), ["EU_CENTRAL_1", "EU_WEST_2"]);
        assert_eq!(schedule["copySettings"][0]["copyPolicyItems"].as_array().unwrap().len(), 5);
        let mut other = schedule["copySettings"].clone();
        other[0]["regionName"] = "US_WEST_2".into();
        let refused = rules.change_schedule("Multi", json!({"copySettings": other})).await;
        refused.refused(400, "INVALID_ATTRIBUTE");
        let body = json!({"replicationSpecs": [spec("M10", &["EU_WEST_1", "EU_WEST_2", "US_EAST_1"], 1)]});
        rules.send(Method::PATCH, "/clusters/Multi", body).await.documented(200);
        assert_eq!(regions(&rules.schedule("Multi").await), ["EU_WEST_2", "US_EAST_1"]);
    }

    copies_move_to_former_primary_region from "snapshot distribution page": |rules| {
        rules.create_ready("Move", "M10", &["EU_WEST_1"], json!({})).await;
        let copies = rules.copy("Move", "EU_CENTRAL_1", &["DAILY"]).await;
        rules.change_schedule("Move", json!({"copySettings": copies})).await.documented(200);
        let body = json!({"replicationSpecs": [spec("M10", &["EU_CENTRAL_1"], 3)]});
        rules.send(Method::PATCH, "/clusters/Move", body).await.documented(200);
        assert_eq!(rules.schedule("Move").await["copySettings"][0]["regionName"], "EU_WEST_1");
    }

    kept_backups_of_deleted_cluster_keep_their_points_in_time from "compliance policy page": |rules| {
        rules.create_ready("Target", "M10", &["EU_WEST_1"], json!({})).await;
        let moment = rules.bench.emulator.clock().now().timestamp() - 3_600;
        rules.bench.delete(&demo("/clusters/Cluster0?retainBackups=true"), NEWEST).await.documented(202);
        rules.bench.advance(600);
        let body = |seconds: i64| {
            json!({"deliveryType": "pointInTime", "pointInTimeUTCSeconds": seconds, "targetClusterName": "Target"})
        };
        rules.restore("Cluster0", body(moment + 3_600 + 300)).await.refused(400, "INVALID_PIT_RESTORE_TIME");
        rules.restore("Cluster0", body(moment)).await.documented(200);
        let deleted = rules.list("/clusters?includeDeletedWithRetainedBackups=true").await;
        assert!(deleted.iter().any(|cluster| cluster["name"] == "Cluster0"));
    }

    download_of_sharded_snapshot_names_each_shard from "document of restore jobs": |rules| {
        let snapshot = rules.list("/clusters/Sharded0/backup/snapshots/shardedClusters").await[0].clone();
        assert_eq!(snapshot["configServerType"], "EMBEDDED");
        let body = json!({"deliveryType": "download", "snapshotId": snapshot["id"]});
        let job = rules.restore("Sharded0", body).await.documented(200).json;
        rules.bench.advance(120);
        let job = rules.get(&format!("/clusters/Sharded0/backup/restoreJobs/{}", job["id"].as_str().unwrap())).await;
        let urls = job["components"].as_array().unwrap().iter().map(|component| &component["downloadUrl"]);
        assert_eq!(urls.collect::<Vec<_>>(), job["deliveryUrl"].as_array().unwrap().iter().collect::<Vec<_>>());
        assert!(job["components"][0]["replicaSetName"].is_string());
    }

    sharded_restore_requires_same_type_of_config_server from "restore page": |rules| {
        let body = json!({"name": "Dedicated", "clusterType": "SHARDED", "backupEnabled": true,
            "configServerManagementMode": "FIXED_TO_DEDICATED",
            "replicationSpecs": [spec("M30", &["EU_WEST_1"], 3), spec("M30", &["EU_WEST_1"], 3)]});
        let created = rules.send(Method::POST, "/clusters", body).await.documented(201).json;
        assert_eq!(created["configServerType"], "DEDICATED");
        rules.bench.advance(200);
        let snapshot = rules.list("/clusters/Sharded0/backup/snapshots/shardedClusters").await[0]["id"].clone();
        let body = json!({"snapshotId": snapshot, "targetClusterName": "Dedicated"});
        rules.restore("Sharded0", body).await.refused(409, "RESTORE_INITIATION_FAILED");
    }

    export_to_private_bucket_requires_private_endpoint from "export page, private networking": |rules| {
        let bucket = rules.list("/backup/exportBuckets").await[0]["_id"].clone();
        let path = format!("/backup/exportBuckets/{}", bucket.as_str().unwrap());
        let private = json!({"requirePrivateNetworking": true});
        rules.send(Method::PATCH, &path, private).await.documented(200);
        let export = async || {
            let body = json!({"exportBucketId": bucket, "snapshotId": DEMO_SNAPSHOT});
            let job = rules.send(Method::POST, "/clusters/Cluster0/backup/exports", body).await.documented(200).json;
            rules.bench.advance(100);
            rules.get(&format!("/clusters/Cluster0/backup/exports/{}", job["id"].as_str().unwrap())).await["state"].clone()
        };
        assert_eq!(export().await, "Failed");
        let endpoint = json!({"regionName": "EU_WEST_1"});
        rules.send(Method::POST, "/backup/AWS/privateEndpoints", endpoint).await.documented(201);
        rules.bench.advance(60);
        assert_eq!(export().await, "Successful");
    }

    azure_container_is_named_by_its_url from "document of export buckets": |rules| {
        let body = json!({"cloudProvider": "AZURE", "roleId": ROLE,
            "serviceUrl": "https://account.blob.core.windows.net/container"});
        let bucket = rules.send(Method::POST, "/backup/exportBuckets", body).await.documented(200).json;
        assert_eq!(bucket["bucketName"], "container");
    }

    policy_cannot_require_customer_keys_that_clusters_lack from "compliance policy page": |rules| {
        let refused = rules.policy(json!({"encryptionAtRestEnabled": true})).await;
        refused.refused(400, "BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID");
    }

    policy_item_needs_no_interval from "Terraform provider; Kubernetes operator": |rules| {
        let items = json!([item("daily", 0, "days", 7), item("weekly", 0, "weeks", 4)]);
        let on_demand = item("ondemand", 0, "days", 7);
        let body = json!({"scheduledPolicyItems": items, "onDemandPolicyItem": on_demand});
        rules.policy(body).await.documented(200);
    }

    extra_retention_reaches_snapshots_that_are_there from "compliance policy page, extra retention": |rules| {
        rules.policy(json!({})).await.documented(200);
        let daily = async || {
            let list = rules.list("/clusters/Cluster0/backup/snapshots?itemsPerPage=500").await;
            let daily = list.into_iter().find(|s| s["frequencyType"] == "daily").unwrap();
            daily["expiresAt"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap()
        };
        let before = daily().await;
        let extra = json!({"extraRetentionSettings": [{"frequencyType": "DAILY", "retentionDays": 10}]});
        rules.change_schedule("Cluster0", extra).await.documented(200);
        assert_eq!((daily().await - before).num_days(), 10);
    }

    failed_scheduled_snapshot_is_followed_by_fallback from "restore page; alert conditions": |rules| {
        rules.bench.emulator.fail_next(JobKind::Snapshot);
        rules.bench.advance(7 * HOUR);
        let list = rules.list("/clusters/Cluster0/backup/snapshots").await;
        let fallback = list.iter().find(|snapshot| snapshot["snapshotType"] == "fallback").unwrap();
        assert_eq!(fallback["status"], "completed");
        assert!(list.iter().any(|snapshot| snapshot["status"] == "failed"));
        let bucket = rules.list("/backup/exportBuckets").await[0]["_id"].clone();
        let export = json!({"exportBucketId": bucket, "snapshotId": fallback["id"]});
        let refused = rules.send(Method::POST, "/clusters/Cluster0/backup/exports", export).await;
        refused.refused(400, "ATLAS_GENERAL_ERROR");
        let body = json!({"snapshotId": fallback["id"], "targetClusterName": "Cluster0"});
        rules.restore("Cluster0", body).await.documented(200);
    }

    switching_backup_off_deletes_snapshots_unless_retained from "enable and disable backup page": |rules| {
        for (retain, kept) in [(true, true), (false, false)] {
            let change = |on: bool| json!({"backupEnabled": on, "retainBackups": retain});
            rules.send(Method::PATCH, "/clusters/Cluster0", change(false)).await.documented(200);
            rules.send(Method::PATCH, "/clusters/Cluster0", json!({"backupEnabled": true})).await.documented(200);
            assert_eq!(!rules.list("/clusters/Cluster0/backup/snapshots").await.is_empty(), kept);
        }
    }

    switching_continuous_backup_off_deletes_points_in_time from "dedicated cluster backup page": |rules| {
        rules.create_ready("Target", "M10", &["EU_WEST_1"], json!({})).await;
        let moment = rules.bench.emulator.clock().now().timestamp() - 3_600;
        for on in [false, true] {
            rules.send(Method::PATCH, "/clusters/Cluster0", json!({"pitEnabled": on})).await.documented(200);
        }
        let body = json!({"deliveryType": "pointInTime", "pointInTimeUTCSeconds": moment, "targetClusterName": "Target"});
        rules.restore("Cluster0", body).await.refused(400, "INVALID_PIT_RESTORE_TIME");
    }

    project_has_at_most_25_clusters from "limits page": |rules| {
        for n in 0..22 {
            rules.create_ready(&format!("Cluster-{n}"), "M10", &["EU_WEST_1"], json!({})).await;
        }
        let body = json!({"name": "Surplus", "clusterType": "REPLICASET",
            "replicationSpecs": [spec("M10", &["EU_WEST_1"], 3)]});
        rules.send(Method::POST, "/clusters", body).await.refused(400, "ATLAS_GENERAL_ERROR");
    }

    schedule_is_deleted_while_continuous_backup_is_on from "Terraform provider, destroying a schedule": |rules| {
        let path = demo("/clusters/Cluster0/backup/schedule");
        let deleted = rules.bench.delete(&path, NEWEST).await.documented(200).json;
        assert_eq!(deleted["policies"][0]["policyItems"], json!([]));
        let before = rules.list("/clusters/Cluster0/backup/snapshots").await.len();
        rules.bench.advance(DAY);
        assert!(rules.list("/clusters/Cluster0/backup/snapshots").await.len() <= before);
    }

    customer_keys_are_enabled_before_clusters_use_them from "customer keys page; error codes page": |rules| {
        let change = json!({"encryptionAtRestProvider": "AWS"});
        let refused = rules.send(Method::PATCH, "/clusters/Cluster0", change.clone()).await;
        refused.refused(400, "ENCRYPTION_AT_REST_NOT_ENABLED");
        let enable = async |body: Value| rules.send(Method::PATCH, "/encryptionAtRest", json!({"awsKms": body})).await;
        enable(json!({"enabled": true})).await.refused(400, "MISSING_ATTRIBUTE");
        rules.enable_aws_key(DEMO_PROJECT, "EU_WEST_1").await;
        let keys = rules.get("/encryptionAtRest").await;
        assert_eq!((&keys["awsKms"]["valid"], &keys["azureKeyVault"]["enabled"]), (&json!(true), &json!(false)));
        assert_eq!((keys["awsKms"].get("secretAccessKey"), keys["awsKms"].get("roleId")), (None, None));
        let changed = rules.send(Method::PATCH, "/clusters/Cluster0", change).await.documented(200).json;
        assert_eq!(changed["encryptionAtRestProvider"], "AWS");
        enable(json!({"enabled": false})).await.refused(400, "ATLAS_GENERAL_ERROR");
        let free = json!({"name": "Free", "clusterType": "REPLICASET", "encryptionAtRestProvider": "AWS",
            "replicationSpecs": [{"regionConfigs": [{"providerName": "TENANT", "backingProviderName": "AWS",
                "regionName": "EU_WEST_1", "priority": 7, "electableSpecs": {"instanceSize": "M0"}}]}]});
        rules.send(Method::POST, "/clusters", free).await.refused(400, "CANNOT_USE_ENCRYPTION_AT_REST_TENANT");
    }

    encrypted_snapshot_is_restored_only_to_cluster_with_same_keys from "restore page, customer keys": |rules| {
        rules.create_ready("Plain", "M10", &["EU_WEST_1"], json!({})).await;
        rules.enable_aws_key(DEMO_PROJECT, "EU_WEST_1").await;
        rules.create_ready("Other", "M10", &["EU_WEST_1"], json!({"encryptionAtRestProvider": "AWS"})).await;
        let change = json!({"encryptionAtRestProvider": "AWS"});
        rules.send(Method::PATCH, "/clusters/Cluster0", change).await.documented(200);
        rules.bench.advance(7 * HOUR);
        let snapshot = rules.list("/clusters/Cluster0/backup/snapshots").await[0].clone();
        assert_eq!(snapshot["masterKeyUUID"].as_str().unwrap().len(), 36);
        assert_eq!(rules.list("/clusters/Plain/backup/snapshots").await[0].get("masterKeyUUID"), None);
        let restore = |target: &str| json!({"snapshotId": snapshot["id"], "targetClusterName": target});
        rules.restore("Cluster0", restore("Plain")).await.refused(400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION");
        rules.restore("Cluster0", restore("Other")).await.documented(200);
        let moment = rules.bench.emulator.clock().now().timestamp() - 60;
        let body = json!({"deliveryType": "pointInTime", "pointInTimeUTCSeconds": moment, "targetClusterName": "Plain"});
        rules.restore("Cluster0", body).await.refused(400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION");
        let flex = rules.list("/flexClusters/Flex0/backup/snapshots").await[0]["id"].clone();
        let body = json!({"snapshotId": flex, "targetDeploymentItemName": "Other", "targetProjectId": DEMO_PROJECT});
        let refused = rules.send(Method::POST, "/flexClusters/Flex0/backup/restoreJobs", body).await;
        refused.refused(400, "TENANT_RESTORE_DESTINATION_ENCRYPTION");
    }

    aws_keys_of_two_projects_must_be_in_the_same_region from "restore page, customer keys": |rules| {
        let project = json!({"name": "other", "orgId": atlas_backup_emulator::ORGANIZATION});
        let project = rules.bench.post("/api/atlas/v2/groups", project).await.documented(201).json["id"].clone();
        let project = project.as_str().unwrap();
        rules.enable_aws_key(DEMO_PROJECT, "EU_WEST_1").await;
        rules.enable_aws_key(project, "US_EAST_1").await;
        let body = json!({"name": "Target", "clusterType": "REPLICASET", "backupEnabled": true,
            "encryptionAtRestProvider": "AWS", "replicationSpecs": [spec("M10", &["EU_WEST_1"], 3)]});
        let path = format!("/api/atlas/v2/groups/{project}/clusters");
        rules.bench.send_json(Method::POST, &path, NEWEST, body).await.documented(201);
        let change = json!({"encryptionAtRestProvider": "AWS"});
        rules.send(Method::PATCH, "/clusters/Cluster0", change.clone()).await.documented(200);
        rules.bench.advance(7 * HOUR);
        let snapshot = rules.list("/clusters/Cluster0/backup/snapshots").await[0]["id"].clone();
        let body = json!({"snapshotId": snapshot, "targetClusterName": "Target", "targetGroupId": project});
        rules.restore("Cluster0", body.clone()).await.refused(400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION");
        rules.enable_aws_key(project, "EU_WEST_1").await;
        rules.restore("Cluster0", body.clone()).await.documented(200);

        rules.bench.advance(HOUR);
        let none = json!({"encryptionAtRestProvider": "NONE"});
        rules.send(Method::PATCH, "/clusters/Cluster0", none).await.documented(200);
        let off = json!({"awsKms": {"enabled": false}});
        rules.send(Method::PATCH, "/encryptionAtRest", off).await.documented(200);
        rules.restore("Cluster0", body).await.refused(400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION");
    }

    policy_that_requires_customer_keys_keeps_clusters_encrypted from "compliance policy page": |rules| {
        rules.enable_aws_key(DEMO_PROJECT, "EU_WEST_1").await;
        for cluster in ["Cluster0", "Sharded0"] {
            let change = json!({"encryptionAtRestProvider": "AWS"});
            rules.send(Method::PATCH, &format!("/clusters/{cluster}"), change).await.documented(200);
        }
        rules.policy(json!({"encryptionAtRestEnabled": true})).await.documented(200);
        let off = rules.send(Method::PATCH, "/clusters/Cluster0", json!({"encryptionAtRestProvider": "NONE"})).await;
        off.refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY");
        let weaker = rules.policy(json!({"encryptionAtRestEnabled": false})).await;
        weaker.refused(400, "BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID");
        let body = json!({"name": "Plain", "clusterType": "REPLICASET",
            "replicationSpecs": [spec("M10", &["EU_WEST_1"], 3)]});
        rules.send(Method::POST, "/clusters", body).await.refused(400, "ATLAS_GENERAL_ERROR");
    }

    bucket_is_deleted_while_an_export_runs from "Terraform provider, destroying a bucket": |rules| {
        let bucket = rules.list("/backup/exportBuckets").await[0]["_id"].clone();
        let export = json!({"exportBucketId": bucket, "snapshotId": DEMO_SNAPSHOT});
        rules.send(Method::POST, "/clusters/Cluster0/backup/exports", export).await.documented(200);
        let path = demo(&format!("/backup/exportBuckets/{}", bucket.as_str().unwrap()));
        rules.bench.delete(&path, NEWEST).await.documented(204);
    }
}

/// Source: user roles page.
#[tokio::test]
async fn backup_roles_include_what_the_roles_page_says() {
    let role = |role: Role| Access::with([role]);
    let builder = Emulator::builder().seed(Seed::Demo).stepped_clock();
    let builder = builder.bearer_token("manager", role(Role::GroupBackupManager));
    let builder = builder.bearer_token("operator", role(Role::GroupBackupRecoveryOperator));
    let bench = Bench::with(builder).await;
    let send = async |token: &str, method: Method, path: &str, body: Value| {
        let request = bench.request(method, &demo(path)).header("accept", NEWEST).header("content-type", NEWEST);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        bench.send(request.header("authorization", format!("Bearer {token}")), body).await.status.as_u16()
    };
    let jobs = "/clusters/Cluster0/backup/restoreJobs";
    let snapshots = "/clusters/Cluster0/backup/snapshots";
    let restore = json!({"deliveryType": "automated", "snapshotId": DEMO_SNAPSHOT, "targetClusterName": "Cluster0",
        "targetGroupId": DEMO_PROJECT});
    for (token, method, path, body, status) in [
        ("manager", Method::POST, snapshots, json!({"retentionInDays": 1}), 200),
        ("manager", Method::POST, jobs, restore.clone(), 200),
        ("manager", Method::GET, jobs, Value::Null, 200),
        ("manager", Method::POST, "/clusters/Cluster0/backup/exports", json!({}), 401),
        ("operator", Method::GET, jobs, Value::Null, 200),
        ("operator", Method::POST, snapshots, json!({"retentionInDays": 1}), 401),
        ("operator", Method::POST, jobs, restore, 409),
    ] {
        assert_eq!(send(token, method.clone(), path, body).await, status, "{token} {method} {path}");
    }
}

/// A strict emulator, which the tests use, fails for a documented query parameter that no code reads.
#[tokio::test]
async fn every_documented_query_parameter_is_read() {
    let bench = Bench::demo().await;
    let document = bench.get("/openapi.json").await.json;
    let mut sent = 0;
    for operation in operations().into_iter().filter(|o| o.modelled) {
        let described = &document["paths"][operation.path][operation.method.to_lowercase()];
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let parameter = match parameter["$ref"].as_str() {
                Some(reference) => document.pointer(&reference[1..]).unwrap(),
                None => parameter,
            };
            let name = parameter["name"].as_str().unwrap();
            if parameter["in"] != "query" || ["envelope", "pretty"].contains(&name) {
                continue;
            }
            let schema = &parameter["schema"];
            let value = match (schema["type"].as_str(), schema["pattern"].as_str()) {
                (Some("integer"), _) => "1",
                (Some("boolean"), _) => "true",
                (_, Some(pattern)) if pattern.contains("24") => ROLE,
                (_, Some(_)) => "127.0.0.1",
                _ => schema["enum"][0].as_str().unwrap_or("x"),
            };
            let cluster = if operation.path.contains("flexClusters") { "Flex0" } else { "Cluster0" };
            let path = operation.path.replace("{groupId}", DEMO_PROJECT).replace("{clusterName}", cluster);
            let path = path.replace("{name}", cluster).replace("{cloudProvider}", "AWS");
            let more = if name == "oplogTs" {
                "&oplogInc=1"
            } else if name == "oplogInc" {
                "&oplogTs=1"
            } else {
                ""
            };
            let version = operation.versions.last().unwrap().version;
            let accept = format!("application/vnd.atlas.{version}+json");
            let method: Method = operation.method.parse().unwrap();
            let request = bench.request(method.clone(), &format!("{path}?{name}={value}{more}"));
            let request = request.header("accept", &accept).header("content-type", &accept);
            let body = match operation.id {
                "createGroup" => json!({"name": "owned", "orgId": atlas_backup_emulator::ORGANIZATION}).to_string(),
                "updateGroupBackupCompliancePolicy" => json!({"authorizedEmail": "a@example.com",
                    "authorizedUserFirstName": "A", "authorizedUserLastName": "B"})
                .to_string(),
                _ => String::new(),
            };
            let answer = bench.send(request, body).await;
            assert_ne!(answer.status, 500, "{} does not read {name}: {}", operation.id, answer.text);
            sent += 1;
        }
    }
    assert!(sent > 60, "{sent}");
}
