//! What goes over the wire for a request: exactly what was set, and what was read before.

use atlas_backup_generated::types;
use serde_json::{Value, json};

use crate::canned::CannedService;

const GROUP: &str = "65a0c0ffee00000000000000";

fn written<T: serde::Serialize>(body: &T) -> Value {
    serde_json::to_value(body).expect("a request can be written")
}

#[test]
fn empty_list_is_sent_and_absent_list_is_not() {
    let schedule = types::DiskBackupSnapshotSchedule::new();
    assert_eq!(written(&schedule), json!({}));
    let schedule = schedule.with_copy_settings(Vec::new()).with_extra_retention_settings(Vec::new());
    assert_eq!(written(&schedule), json!({ "copySettings": [], "extraRetentionSettings": [] }));
}

#[tokio::test]
async fn patch_of_one_field_sends_one_field() {
    let service = CannedService::json(&json!({}));
    let client = service.client();
    let patch = types::DiskBackupSnapshotSchedule::new().with_restore_window_days(3);
    client.update_group_cluster_backup_schedule(GROUP, "Cluster0", &patch).await.expect("a success");
    assert_eq!(service.sent(), json!({ "restoreWindowDays": 3 }));

    let patch = types::ClusterDescription::new().with_backup_enabled(true);
    client.update_group_cluster(GROUP, "Cluster0", &patch).await.expect("a success");
    assert_eq!(service.sent(), json!({ "backupEnabled": true }));

    let patch = types::GroupUpdate::new().with_name("Sandbox");
    client.update_group(GROUP, &patch).await.expect("a success");
    assert_eq!(service.sent(), json!({ "name": "Sandbox" }));
}

#[test]
fn constructor_takes_required_fields_only() {
    let export = types::DiskBackupExportJobRequest::new("65a0c0ffee0000000000000b", "65a0c0ffee0000000000001a");
    let expected = json!({ "exportBucketId": "65a0c0ffee0000000000000b", "snapshotId": "65a0c0ffee0000000000001a" });
    assert_eq!(written(&export), expected);
    let job = types::DiskBackupSnapshotRestoreJob::new(types::DeliveryType::Download);
    assert_eq!(written(&job), json!({ "deliveryType": "download" }));
}

#[test]
fn null_is_sent_only_where_the_schema_says_nullable() {
    let policy = types::DataProtectionSettings::new("owner@example.com", "Ada", "Byron");
    assert!(written(&policy).get("onDemandPolicyItem").is_none());
    let policy = policy.with_null_on_demand_policy_item();
    assert_eq!(written(&policy).get("onDemandPolicyItem"), Some(&Value::Null));
    let item = types::BackupComplianceOnDemandPolicyItem::new(0, types::SnapshotFrequency::Ondemand, "days", 7);
    let policy = policy.with_on_demand_policy_item(item);
    assert_eq!(written(&policy)["onDemandPolicyItem"]["retentionValue"], 7);

    // A null that was read into a field that is not nullable is not sent back.
    let schedule: types::DiskBackupSnapshotSchedule =
        serde_json::from_value(json!({ "policies": null, "export": null, "referenceHourOfDay": 5 }))
            .expect("a schedule");
    assert_eq!(written(&schedule), json!({ "referenceHourOfDay": 5 }));
}

#[tokio::test]
async fn compliance_policy_update_keeps_undocumented_fields() {
    let held = json!({
        "authorizedEmail": "owner@example.com", "authorizedUserFirstName": "Ada", "authorizedUserLastName": "Byron",
        "copyProtectionEnabled": false, "deletable": true, "onDemandPolicyItem": null, "pitEnabled": false,
        "restoreWindowDays": 0, "retentionLock": { "until": "2030-01-01", "by": null },
        "scheduledPolicyItems": [{ "frequencyType": "fortnightly", "frequencyInterval": 1, "retentionUnit": "days",
            "retentionValue": 7, "pinned": [1, 2] }],
        "state": "ACTIVE", "updatedDate": "2026-03-04T05:06:07Z", "updatedUser": "someone",
    });
    let service = CannedService::json(&held);
    let client = service.client();
    let mut policy = client.get_group_backup_compliance_policy(GROUP).await.expect("a policy").value;
    policy.copy_protection_enabled = Some(true);
    client.update_group_backup_compliance_policy(GROUP, &policy, &Default::default()).await.expect("a success");
    let mut expected = held;
    expected["copyProtectionEnabled"] = json!(true);
    assert_eq!(service.sent(), expected);
}

#[tokio::test]
async fn unknown_field_can_be_sent_on_purpose() {
    let service = CannedService::json(&json!({}));
    let mut patch = types::DiskBackupSnapshotSchedule::new();
    patch.extra.insert("newSwitch".to_owned(), json!(true));
    service.client().update_group_cluster_backup_schedule(GROUP, "Cluster0", &patch).await.expect("a success");
    assert_eq!(service.sent(), json!({ "newSwitch": true }));
}

#[test]
fn unknown_enum_value_can_be_sent() {
    let job = types::DiskBackupSnapshotRestoreJob::new("byCourier");
    assert_eq!(written(&job), json!({ "deliveryType": "byCourier" }));
}
