//! Effects of a backup compliance policy.

use atlas_backup_emulator::DEMO_PROJECT;
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, OLDEST, demo};

const SNAPSHOTS: &str = "/clusters/Cluster0/backup/snapshots";
const SCHEDULE: &str = "/clusters/Cluster0/backup/schedule";
const NOT_MET: &str = "BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS";

fn item(frequency: &str, interval: i64, unit: &str, value: i64) -> Value {
    json!({"frequencyType": frequency, "frequencyInterval": interval, "retentionUnit": unit, "retentionValue": value})
}

async fn put(bench: &Bench, query: &str, more: Value) -> Answer {
    let mut policy = json!({
        "authorizedEmail": "somebody@example.com", "authorizedUserFirstName": "Some", "authorizedUserLastName": "Body",
    });
    policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.send_json(Method::PUT, &demo(&format!("/backupCompliancePolicy{query}")), NEWEST, policy).await
}

/// The demo under a policy: five days on demand, daily snapshots for a hundred days, three days of restore window.
async fn under_policy() -> Bench {
    let bench = Bench::demo().await;
    let policy = json!({"onDemandPolicyItem": item("ondemand", 0, "days", 5), "pitEnabled": true, "restoreWindowDays": 3,
        "scheduledPolicyItems": [item("daily", 1, "days", 100)], "copyProtectionEnabled": true});
    put(&bench, "", policy).await.documented(200);
    bench.advance(30);
    bench
}

#[tokio::test]
async fn policy_refuses_deleting_or_shortening_snapshot() {
    let bench = under_policy().await;
    let path = demo(&format!("{SNAPSHOTS}/{}", bench.newest(SNAPSHOTS).await));
    bench.delete(&path, OLDEST).await.refused(400, "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY");
    let keep = async |days: i64| {
        let body = json!({"retentionUnit": "DAYS", "retentionValue": days});
        bench.send_json(Method::PATCH, &path, OLDEST, body).await
    };
    keep(1).await.refused(400, "CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY");
    keep(400).await.documented(200);
}

#[tokio::test]
async fn policy_raises_on_demand_snapshot_retention() {
    let bench = under_policy().await;
    let take = async |body: Value| bench.post(&demo(SNAPSHOTS), body).await;
    take(json!({"retentionInDays": 4})).await.refused(400, "SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY");
    assert_eq!(take(json!({})).await.documented(200).json["expiresAt"], "2026-09-06T12:00:30Z");
}

#[tokio::test]
async fn policy_raises_schedules_and_refuses_lowering_them() {
    let bench = under_policy().await;
    let schedule = bench.get_as(&demo(SCHEDULE), NEWEST).await.documented(200).json;
    let items = schedule["policies"][0]["policyItems"].as_array().unwrap();
    let daily = items.iter().find(|i| i["frequencyType"] == "daily").unwrap();
    assert_eq!((&daily["retentionValue"], items.len()), (&100.into(), 5));
    let change = async |body: Value| bench.send_json(Method::PATCH, &demo(SCHEDULE), NEWEST, body).await;
    let only = |items: Value| json!({"policies": [{"policyItems": items}]});
    change(only(json!([item("daily", 1, "days", 99)]))).await.refused(400, NOT_MET);
    change(only(json!([item("weekly", 1, "weeks", 40)]))).await.refused(400, NOT_MET);
    bench.delete(&demo(SCHEDULE), NEWEST).await.refused(400, NOT_MET);
    let window = change(json!({"restoreWindowDays": 2})).await;
    window.refused(400, "CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY");
    let fits = json!([item("hourly", 6, "days", 7), item("daily", 1, "months", 4)]);
    let mut dropping = only(fits.clone());
    dropping["deleteSnapshots"] = true.into();
    change(dropping).await.refused(400, "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY");
    let copies = change(json!({"deleteCopiedBackups": [{"cloudProvider": "AWS", "regionName": "EU_WEST_3"}]})).await;
    copies.refused(400, "CANNOT_DELETE_COPY_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY_ENABLED");
    change(only(fits)).await.documented(200);
}

#[tokio::test]
async fn policy_is_refused_when_schedules_fall_short_without_overwrite() {
    let bench = Bench::demo().await;
    let policy = json!({"scheduledPolicyItems": [item("daily", 1, "years", 3)]});
    put(&bench, "?overwriteBackupPolicies=false", policy.clone()).await.refused(400, NOT_MET);
    assert_eq!(bench.get_as(&demo("/backupCompliancePolicy"), NEWEST).await.text, "{}");
    put(&bench, "?overwriteBackupPolicies=true", policy.clone()).await.documented(200);
    bench.advance(30);
    put(&bench, "?overwriteBackupPolicies=false", policy).await.documented(200);
}

#[tokio::test]
async fn policy_restore_window_must_fit_hourly_snapshots() {
    let bench = Bench::demo().await;
    let policy =
        json!({"scheduledPolicyItems": [item("hourly", 6, "days", 2)], "pitEnabled": true, "restoreWindowDays": 3});
    put(&bench, "", policy).await.refused(400, "BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID");
}

#[tokio::test]
async fn policy_refuses_disabling_cluster_backup() {
    let bench = under_policy().await;
    let cluster = demo("/clusters/Sharded0");
    let shown = bench.get_as(&cluster, NEWEST).await.documented(200).json;
    assert_eq!(shown["pitEnabled"], true, "the policy has enabled it");
    let change = async |body: Value| bench.send_json(Method::PATCH, &cluster, NEWEST, body).await;
    let off = change(json!({"backupEnabled": false})).await;
    off.refused(400, "CANNOT_DISABLE_CLOUD_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY");
    let off = change(json!({"pitEnabled": false})).await;
    off.refused(400, "CANNOT_DISABLE_PIT_WITH_BACKUUP_COMPLIANCE_POLICY");
    let body = json!({"name": "fresh", "clusterType": "REPLICASET", "replicationSpecs": [{"regionConfigs": [{
        "providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7,
        "electableSpecs": {"instanceSize": "M10", "nodeCount": 3}}]}]});
    let fresh = bench.send_json(Method::POST, &demo("/clusters"), NEWEST, body).await.documented(201).json;
    assert_eq!((&fresh["backupEnabled"], &fresh["pitEnabled"]), (&true.into(), &true.into()));
    let schedule = bench.get_as(&demo("/clusters/fresh/backup/schedule"), NEWEST).await.documented(200).json;
    let items = schedule["policies"][0]["policyItems"].as_array().unwrap();
    assert!(items.iter().any(|i| i["frequencyType"] == "daily" && i["retentionValue"] == 100));
}

#[tokio::test]
async fn policy_allows_cluster_deletion_only_with_retained_backups() {
    let bench = under_policy().await;
    let cluster = demo("/clusters/Cluster0");
    let code = "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY";
    bench.delete(&cluster, NEWEST).await.refused(400, code);
    for name in ["Cluster0", "Sharded0"] {
        bench.delete(&demo(&format!("/clusters/{name}?retainBackups=true")), NEWEST).await.documented(202);
    }
    bench.delete(&demo("/flexClusters/Flex0"), NEWEST).await.documented(204);
    bench.advance(60);
    bench.get_as(&cluster, NEWEST).await.refused(404, "CLUSTER_NOT_FOUND");
    let path = demo(&format!("{SNAPSHOTS}/{}", bench.newest(SNAPSHOTS).await));
    bench.delete(&path, OLDEST).await.refused(400, code);
    // Retained backups keep the project and the policy.
    bench.delete(&demo(""), OLDEST).await.refused(409, "CANNOT_CLOSE_GROUP_ACTIVE_BACKUP_COMPLIANCE_POLICY");
    let policy = demo("/backupCompliancePolicy");
    bench.delete(&policy, NEWEST).await.refused(400, "CANNOT_DISABLE_BACKUP_COMPLIANCE_POLICY");
    assert!(bench.emulator.clear_compliance_policy(DEMO_PROJECT));
    bench.delete(&policy, NEWEST).await.documented(204);
    bench.advance(30);
    bench.delete(&path, OLDEST).await.documented(204);
    bench.delete(&demo(""), OLDEST).await.documented(202);
}

#[tokio::test]
async fn unused_policy_can_be_disabled_by_any_key() {
    let bench = Bench::demo().await;
    let body = json!({"name": "rehearsal", "orgId": atlas_backup_emulator::ORGANIZATION});
    let project = bench.post("/api/atlas/v2/groups", body).await.documented(201).json;
    let path = format!("/api/atlas/v2/groups/{}/backupCompliancePolicy", project["id"].as_str().unwrap());
    let policy = json!({
        "authorizedEmail": "somebody@example.com", "authorizedUserFirstName": "Some", "authorizedUserLastName": "Body",
    });
    bench.send_json(Method::PUT, &path, NEWEST, policy).await.documented(200);
    bench.advance(30);
    bench.delete(&path, NEWEST).await.documented(204);
    bench.advance(30);
    assert_eq!(bench.get_as(&path, NEWEST).await.text, "{}");
    assert!(!bench.emulator.clear_compliance_policy("no id"));
}
