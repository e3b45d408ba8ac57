//! JSON Schema of the types.

use atlas_backup_generated::types::{DiskBackupCopyPolicyItem, DiskBackupSnapshotSchedule20240805};
use schemars::schema_for;
use serde_json::to_value;

#[test]
fn a_schema_names_the_fields_of_the_wire_and_the_types_it_uses() {
    let schema = to_value(schema_for!(DiskBackupSnapshotSchedule20240805)).unwrap();
    assert_eq!(schema["properties"]["referenceHourOfDay"]["type"], "integer");
    let item = schema.pointer("/properties/policies/items/$ref").and_then(|target| target.as_str()).unwrap();
    assert!(schema.pointer(item.trim_start_matches('#')).is_some(), "{item} does not resolve");
}

#[test]
fn a_union_and_an_enum_are_open() {
    let schema = to_value(schema_for!(DiskBackupCopyPolicyItem)).unwrap();
    let kinds = schema["anyOf"].as_array().unwrap();
    assert_eq!(kinds.last().unwrap(), &serde_json::json!({ "type": "object" }));
    let frequency = schema.pointer("/$defs/SnapshotFrequency/anyOf").and_then(|any| any.as_array()).unwrap();
    assert_eq!(frequency.last().unwrap(), &serde_json::json!({ "type": "string" }));
}
