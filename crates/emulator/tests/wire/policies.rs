//! Schedules and the compliance policy, both in both versions.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, NEWEST, OLDEST, demo};

const SCHEDULE: &str = "/clusters/Cluster0/backup/schedule";

async fn change(bench: &Bench, media_type: &str, body: Value) -> crate::support::Answer {
    bench.send_json(Method::PATCH, &demo(SCHEDULE), media_type, body).await
}

#[tokio::test]
async fn default_schedule_has_every_frequency() {
    let bench = Bench::demo().await;
    let schedule = bench.get_as(&demo(SCHEDULE), NEWEST).await.documented(200).json;
    let items = schedule["policies"][0]["policyItems"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|i| i["frequencyType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["hourly", "daily", "weekly", "monthly", "yearly"]);
    assert_eq!(items[4]["retentionUnit"], "years");
    assert_eq!(schedule["nextSnapshot"], "2026-09-01T17:16:00Z");
    // The demo's snapshots name their policy items.
    let newest =
        bench.get(&demo("/clusters/Cluster0/backup/snapshots?itemsPerPage=1")).await.json["results"][0].clone();
    assert!(items.iter().any(|i| i["id"] == newest["policyItems"][0] && i["frequencyType"] == newest["frequencyType"]));
}

#[tokio::test]
async fn schedule_update_of_one_field_keeps_others() {
    let bench = Bench::demo().await;
    let before = bench.get_as(&demo(SCHEDULE), NEWEST).await.json;
    let mut after = change(&bench, NEWEST, json!({"restoreWindowDays": 3})).await.documented(200).json;
    assert_eq!(after["restoreWindowDays"], 3);
    after["restoreWindowDays"] = before["restoreWindowDays"].clone();
    assert_eq!(after, before);
    change(&bench, NEWEST, json!({"referenceHourOfDay": 24})).await.refused(400, "INVALID_REFERENCE_HOUR_OF_DAY");
    change(&bench, NEWEST, json!({"referenceMinuteOfHour": -1})).await.refused(400, "INVALID_REFERENCE_MINUTE_OF_HOUR");
}

#[tokio::test]
async fn policy_items_are_replaced_and_keep_known_ids() {
    let bench = Bench::demo().await;
    bench.end_continuous_backup().await;
    let before = bench.get_as(&demo(SCHEDULE), NEWEST).await.json;
    let kept = before["policies"][0]["policyItems"][1].clone();
    let new = json!({"frequencyType": "hourly", "frequencyInterval": 12, "retentionUnit": "days", "retentionValue": 2});
    let policies = json!([{"id": before["policies"][0]["id"], "policyItems": [kept, new]}]);
    let after = change(&bench, NEWEST, json!({"policies": policies})).await.documented(200).json;
    let items = after["policies"][0]["policyItems"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]), (2, &kept));
    assert!(items[1]["id"].is_string());
    let nothing =
        json!({"frequencyType": "daily", "frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 0});
    let refused = change(&bench, NEWEST, json!({"policies": [{"policyItems": [nothing]}]})).await;
    refused.refused(400, "INVALID_ATTRIBUTE");
}

#[tokio::test]
async fn update_snapshots_applies_changed_retention() {
    let bench = Bench::demo().await;
    let list = demo("/clusters/Cluster0/backup/snapshots?itemsPerPage=500");
    let count = async |kind: &str| {
        let page = bench.get(&list).await.documented(200).json;
        page["results"].as_array().unwrap().iter().filter(|s| s["frequencyType"] == kind).count()
    };
    assert!(count("hourly").await > 0 && count("daily").await > 30);
    bench.end_continuous_backup().await;
    let policies = bench.get_as(&demo(SCHEDULE), NEWEST).await.json["policies"].clone();
    let items = policies[0]["policyItems"].as_array().unwrap();
    let mut daily = items.iter().find(|item| item["frequencyType"] == "daily").unwrap().clone();
    (daily["retentionUnit"], daily["retentionValue"]) = ("weeks".into(), 2.into());
    let body = |item: &Value, delete: bool| json!({"policies": [{"policyItems": [item]}], "updateSnapshots": true, "deleteSnapshots": delete});
    let mut new = daily.clone();
    new.as_object_mut().unwrap().remove("id");
    change(&bench, NEWEST, body(&daily, true)).await.documented(200);
    assert_eq!((count("hourly").await, count("ondemand").await), (0, 3));
    assert!(count("daily").await <= 14);
    let (before, longer) = (count("daily").await, 1.into());
    new["retentionValue"] = longer;
    change(&bench, NEWEST, body(&new, false)).await.documented(200);
    assert_eq!(count("daily").await, before, "an item without an id has no snapshots yet");
}

#[tokio::test]
async fn copy_setting_names_zone_or_replication_spec_by_version() {
    let bench = Bench::demo().await;
    let cluster = bench.get_as(&demo("/clusters/Cluster0"), NEWEST).await.json;
    let (zone, spec) = (&cluster["replicationSpecs"][0]["zoneId"], &cluster["replicationSpecs"][0]["id"]);
    let copy =
        json!([{"cloudProvider": "AWS", "regionName": "EU_CENTRAL_1", "zoneId": zone, "frequencies": ["DAILY"]}]);
    let newer = change(&bench, NEWEST, json!({"copySettings": copy})).await.documented(200).json;
    assert_eq!(&newer["copySettings"][0]["zoneId"], zone);
    let older = bench.get_as(&demo(SCHEDULE), OLDEST).await.documented(200);
    assert_eq!(older.header("sunset"), "Thu, 1 Jul 2027 00:00:00 GMT");
    let mut setting = older.json["copySettings"][0].clone();
    assert_eq!((&setting["replicationSpecId"], setting.get("zoneId")), (spec, None));
    setting["regionName"] = "EU_WEST_2".into();
    change(&bench, OLDEST, json!({"copySettings": [setting]})).await.documented(200);
    let newer = bench.get_as(&demo(SCHEDULE), NEWEST).await.json;
    assert_eq!(
        (&newer["copySettings"][0]["zoneId"], &newer["copySettings"][0]["regionName"]),
        (zone, &"EU_WEST_2".into())
    );
}

#[tokio::test]
async fn deleting_schedule_returns_remaining_schedule() {
    let bench = Bench::demo().await;
    let left = bench.delete(&demo(SCHEDULE), NEWEST).await.documented(200).json;
    assert_eq!(left["policies"][0]["policyItems"], json!([]));
    assert!(left.get("nextSnapshot").is_none());
    assert_eq!(bench.get_as(&demo(SCHEDULE), NEWEST).await.documented(200).json, left);
}

#[tokio::test]
async fn schedule_exists_while_backup_is_enabled() {
    let bench = Bench::demo().await;
    let cluster = demo("/clusters/Cluster0");
    let set = async |on: bool| {
        let body = json!({"backupEnabled": on});
        bench.send_json(Method::PATCH, &cluster, NEWEST, body).await.documented(200).json["stateName"].clone()
    };
    assert_eq!(set(false).await, "UPDATING");
    bench.get_as(&demo(SCHEDULE), NEWEST).await.refused(404, "BACKUP_CONFIG_NOT_FOUND");
    bench.post(&demo("/clusters/Cluster0/backup/snapshots"), json!({})).await.refused(400, "BACKUP_JOB_NOT_FOUND");
    set(true).await;
    bench.get_as(&demo(SCHEDULE), NEWEST).await.documented(200);
    bench.advance(60);
    assert_eq!(bench.get_as(&cluster, NEWEST).await.documented(200).json["stateName"], "IDLE");
}

#[tokio::test]
async fn compliance_policy_passes_through_its_states() {
    let bench = Bench::demo().await;
    let path = demo("/backupCompliancePolicy");
    let state = async || bench.get_as(&path, NEWEST).await.documented(200).json["state"].clone();
    let nothing = bench.get_as(&path, NEWEST).await;
    assert_eq!((nothing.status.as_u16(), nothing.text.as_str()), (200, "{}"));
    let incomplete = json!({"authorizedEmail": "somebody@example.com"});
    bench.send_json(Method::PUT, &path, NEWEST, incomplete).await.refused(400, "MISSING_ATTRIBUTES");
    let item =
        json!({"frequencyType": "ondemand", "frequencyInterval": 0, "retentionUnit": "days", "retentionValue": 3});
    let mut policy = json!({
        "authorizedEmail": "somebody@example.com", "authorizedUserFirstName": "Some", "authorizedUserLastName": "Body",
        "onDemandPolicyItem": item, "pitEnabled": false,
    });
    let put = async |body: &Value| bench.send_json(Method::PUT, &path, NEWEST, body.clone()).await;
    let enabling = put(&policy).await.documented(200).json;
    assert_eq!((&enabling["state"], &enabling["deletable"]), (&"ENABLING".into(), &false.into()));
    assert!(enabling["onDemandPolicyItem"]["id"].is_string());
    put(&policy).await.refused(400, "CANNOT_UPDATE_BACKUP_COMPLIANCE_POLICY_SETTINGS_WITH_PENDING_ACTION");
    bench.advance(30);
    assert_eq!(state().await, "ACTIVE");
    policy["onDemandPolicyItem"] = Value::Null;
    put(&policy).await.refused(400, "BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID");
    bench.delete(&path, NEWEST).await.refused(400, "CANNOT_DISABLE_BACKUP_COMPLIANCE_POLICY");
    assert!(bench.emulator.clear_compliance_policy(atlas_backup_emulator::DEMO_PROJECT));
    let updating = put(&policy).await.json;
    assert_eq!(updating["state"], "UPDATING");
    assert_eq!(updating.get("onDemandPolicyItem"), Some(&Value::Null), "null, not absent");
    bench.advance(30);
    bench.get_as(&path, OLDEST).await.documented(200);
    assert_eq!(bench.get_as(&path, NEWEST).await.documented(200).json["deletable"], true);
    bench.delete(&path, NEWEST).await.documented(204);
    assert_eq!(state().await, "DISABLING");
    bench.advance(30);
    assert_eq!(bench.get_as(&path, NEWEST).await.text, "{}");
}

#[tokio::test]
async fn export_buckets_private_networking_can_be_changed() {
    let bench = Bench::demo().await;
    let bucket = bench.get_as(&demo("/backup/exportBuckets"), NEWEST).await.json["results"][0]["_id"].clone();
    let path = demo(&format!("/backup/exportBuckets/{}", bucket.as_str().unwrap()));
    let body = json!({"requirePrivateNetworking": true});
    bench.send_json(Method::PATCH, &path, NEWEST, body).await.documented(200);
    assert_eq!(bench.get_as(&path, NEWEST).await.documented(200).json["requirePrivateNetworking"], true);
}

#[tokio::test]
async fn regions_are_listed_by_provider_and_tier() {
    let bench = Bench::demo().await;
    let path = demo("/clusters/provider/regions?providers=AWS&providers=GCP&tier=M10");
    let list = bench.get(&path).await.documented(200).json;
    let providers: Vec<_> = list["results"].as_array().unwrap().iter().map(|p| p["provider"].clone()).collect();
    assert_eq!(providers, ["AWS", "GCP"]);
    assert_eq!(list["results"][0]["instanceSizes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn older_compliance_policy_is_shown_without_names_in_newer() {
    let bench = Bench::demo().await;
    let policy = json!({"authorizedEmail": "a@example.com", "projectId": atlas_backup_emulator::DEMO_PROJECT});
    bench.send_json(Method::PUT, &demo("/backupCompliancePolicy"), OLDEST, policy).await.documented(200);
    let shown = bench.get_as(&demo("/backupCompliancePolicy"), NEWEST).await.documented(200).json;
    assert_eq!((&shown["authorizedEmail"], &shown["authorizedUserLastName"]), (&"a@example.com".into(), &"".into()));
}
