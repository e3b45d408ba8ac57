//! The rules by which the bindings read and write JSON, on real generated types.

use atlas_backup_generated::{
    Nullable,
    types::{
        ApiAtlasCollectionRestoreJobRequest, BackupSnapshotRetention, BackupSnapshotRetentionRetentionUnit,
        CloudRegionConfig20240805, DiskBackupCopyPolicyItem, DiskBackupReplicaSet, DiskBackupSnapshot,
        DiskBackupSnapshotSchedule20240805, PaginatedCloudBackupReplicaSetView, SnapshotFrequency, SnapshotStatus,
    },
};
use serde_json::{Value, from_value, json, to_value};

#[test]
fn an_unknown_field_is_kept_and_written_back() {
    let body = json!({ "id": "a", "madeUp": { "deep": [1, null] } });
    let snapshot: DiskBackupReplicaSet = from_value(body.clone()).unwrap();
    assert_eq!(snapshot.extra["madeUp"], json!({ "deep": [1, null] }));
    assert_eq!(to_value(&snapshot).unwrap(), body);
}

#[test]
fn an_unknown_enum_value_is_kept_and_a_known_one_is_recognised() {
    let body = json!({ "status": "paused", "frequencyType": "ondemand" });
    let snapshot: DiskBackupReplicaSet = from_value(body.clone()).unwrap();
    assert_eq!(snapshot.status, Some(SnapshotStatus::Unknown("paused".to_owned())));
    assert_eq!(snapshot.frequency_type, Some(SnapshotFrequency::Ondemand));
    assert_eq!(to_value(&snapshot).unwrap(), body);
}

#[test]
fn null_is_absent_in_an_answer() {
    let snapshot: DiskBackupReplicaSet =
        from_value(json!({ "id": null, "status": null, "policyItems": null })).unwrap();
    assert_eq!((snapshot.id.as_ref(), snapshot.status.as_ref(), snapshot.policy_items.as_ref()), (None, None, None));
    assert_eq!(to_value(&snapshot).unwrap(), json!({}));
}

#[test]
fn a_page_without_results_is_an_empty_page() {
    for body in [json!({}), json!({ "results": null }), json!({ "results": [] })] {
        let page: PaginatedCloudBackupReplicaSetView = from_value(body).unwrap();
        assert!(page.results.is_empty());
    }
}

#[test]
fn an_explicit_null_is_sent_only_where_a_request_is_nullable() {
    let request = ApiAtlasCollectionRestoreJobRequest::new("ALL", "target", "5f0000000000000000000000", "CREATE_NEW");
    let sent =
        |request: &ApiAtlasCollectionRestoreJobRequest| to_value(request).unwrap().get("databaseSuffix").cloned();
    assert_eq!(sent(&request), None);
    assert_eq!(sent(&request.clone().with_null_database_suffix()), Some(Value::Null));
    let named = request.with_database_suffix("_restored");
    assert_eq!(named.database_suffix, Some(Nullable::Value("_restored".to_owned())));
    assert_eq!(sent(&named), Some(json!("_restored")));
}

#[test]
fn a_patch_of_one_field_sends_one_field_and_an_empty_list_is_sent() {
    let patch = DiskBackupSnapshotSchedule20240805::new().with_reference_hour_of_day(3);
    assert_eq!(to_value(&patch).unwrap(), json!({ "referenceHourOfDay": 3 }));
    let patch = DiskBackupSnapshotSchedule20240805::new().with_copy_settings(Vec::new());
    assert_eq!(to_value(&patch).unwrap(), json!({ "copySettings": [] }));
}

#[test]
fn a_request_type_reads_what_it_writes_and_refuses_what_lacks_a_required_field() {
    let retention = BackupSnapshotRetention::new(BackupSnapshotRetentionRetentionUnit::Days, 7);
    let body = to_value(&retention).unwrap();
    assert_eq!(body, json!({ "retentionUnit": "DAYS", "retentionValue": 7 }));
    assert_eq!(from_value::<BackupSnapshotRetention>(body).unwrap(), retention);
    for body in [json!({ "retentionUnit": "DAYS" }), json!({ "retentionUnit": "DAYS", "retentionValue": null })] {
        let error = from_value::<BackupSnapshotRetention>(body).unwrap_err().to_string();
        assert_eq!(error, "missing field `retentionValue`");
    }
}

#[test]
fn a_union_goes_by_its_tag_wherever_it_stands() {
    for body in [r#"{"type":"replicaSet","id":"a","x":1}"#, r#"{"id":"a","x":1,"type":"replicaSet"}"#] {
        let DiskBackupSnapshot::ReplicaSet(snapshot) = serde_json::from_str(body).unwrap() else { panic!("{body}") };
        assert_eq!(snapshot.id.as_deref(), Some("a"));
        assert_eq!(snapshot.extra["x"], 1);
    }
}

#[test]
fn several_tags_may_mean_one_kind() {
    for tag in ["daily", "hourly", "weekly", "monthly", "yearly"] {
        let item: DiskBackupCopyPolicyItem = from_value(json!({ "frequencyType": tag })).unwrap();
        assert!(matches!(item, DiskBackupCopyPolicyItem::TimeBased(_)), "{tag}");
    }
}

#[test]
fn a_union_of_an_unknown_kind_or_without_a_tag_is_kept_whole() {
    for body in
        [json!({ "providerName": "MARS", "priority": 7 }), json!({ "priority": 7 }), json!({ "providerName": null })]
    {
        let config: CloudRegionConfig20240805 = from_value(body.clone()).unwrap();
        assert!(matches!(config, CloudRegionConfig20240805::Unknown(_)), "{body}");
        assert_eq!(to_value(&config).unwrap(), body);
    }
}

#[test]
fn numbers_beyond_32_and_53_bits_are_exact() {
    for size in [4_186_517_504_i64, 9_007_199_254_740_993, i64::MAX] {
        let snapshot: DiskBackupReplicaSet = from_value(json!({ "storageSizeBytes": size })).unwrap();
        assert_eq!(snapshot.storage_size_bytes, Some(size));
    }
}

#[test]
fn the_last_of_two_equal_keys_wins() {
    let snapshot: DiskBackupReplicaSet = serde_json::from_str(r#"{"id":"a","x":1,"id":"b","x":2}"#).unwrap();
    assert_eq!((snapshot.id.as_deref(), &snapshot.extra["x"]), (Some("b"), &json!(2)));
}

#[test]
fn a_misfit_names_the_type_and_the_place() {
    let error = serde_json::from_str::<DiskBackupReplicaSet>("[1]").unwrap_err().to_string();
    assert_eq!(error, "invalid type: sequence, expected an object (DiskBackupReplicaSet) at line 1 column 0");
    let error = serde_json::from_str::<DiskBackupReplicaSet>(r#"{"status": 7}"#).unwrap_err().to_string();
    assert!(error.contains("expected a text (SnapshotStatus) at line 1 column 12"), "{error}");
}
