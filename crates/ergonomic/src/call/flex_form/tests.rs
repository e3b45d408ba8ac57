//! Conversions in both directions.

use atlas_backup_generated::{operations, types::*};
use proptest::prelude::*;

use crate::call::{flex_fields::Kind, flex_form::*};

fn converted(operation: &str, flex: &Value) -> Value {
    let operation = operations::find(operation).expect("an operation");
    let tier = FormerTier::of(operation).expect("a retired operation");
    let body = answer(operation, tier, Some("Flex0"), &Bytes::from(flex.to_string()));
    serde_json::from_slice(&body.expect("a body")).expect("JSON")
}

#[test]
fn fields_unknown_to_flex_are_absent() {
    let snapshot = converted("getServerlessBackupSnapshot", &json!({ "id": "a", "status": "PENDING" }));
    assert_eq!(snapshot, json!({ "id": "a", "status": "PENDING", "serverlessInstanceName": "Flex0" }));
    let restore = converted("getServerlessRestoreJob", &json!({ "id": "a", "snapshotUrl": null }));
    assert_eq!(restore, json!({ "id": "a" }));
}

#[test]
fn each_item_of_a_list_is_converted_and_the_rest_of_the_page_is_kept() {
    let page = json!({ "results": [{ "id": "a", "expiration": "x" }, 7], "totalCount": 2, "links": [] });
    let listed = converted("listServerlessBackupSnapshots", &page);
    assert_eq!(listed["results"][0]["expiresAt"], "x");
    assert_eq!((&listed["results"][1], &listed["totalCount"]), (&json!(7), &json!(2)));
}

#[test]
fn body_that_is_not_json_is_passed_through() {
    let operation = operations::find("getServerlessBackupSnapshot").expect("an operation");
    for page in ["<html>", ""].map(Bytes::from) {
        assert_eq!(answer(operation, FormerTier::Serverless, None, &page).expect("a body"), page);
    }
}

#[test]
fn body_that_takes_too_much_memory_is_refused() {
    let operation = operations::find("listServerlessBackupSnapshots").expect("an operation");
    let page = Bytes::from(format!(r#"{{"results":[{}]}}"#, vec![r#"{"":0}"#; 200_000].join(",")));
    let error = answer(operation, FormerTier::Serverless, None, &page).expect_err("too much");
    assert_eq!(error.kind(), ErrorKind::Decode);
}

/// The recorded map of fields is external data. If it is available, every pair of it must be covered here.
#[test]
fn every_field_with_counterpart_is_converted() {
    let Ok(folder) = std::env::var("ATLAS_BACKUP_UPSTREAM") else {
        eprintln!("skipped: ATLAS_BACKUP_UPSTREAM is not set");
        return;
    };
    let map = std::fs::read_to_string(std::path::Path::new(&folder).join("field_map.json")).expect("the map");
    let map: Value = serde_json::from_str(&map).expect("JSON");
    let mut pairs = 0;
    for (kind, tier, operation) in [
        ("snapshot", "tenant", "getSharedClusterBackup"),
        ("snapshot", "serverless", "getServerlessBackupSnapshot"),
        ("restore_job", "tenant", "getSharedClusterBackupRestoreJob"),
        ("restore_job", "serverless", "getServerlessRestoreJob"),
    ] {
        for field in map[kind]["fields"].as_array().expect("fields") {
            // Some names include their type, and one represents several flags.
            let name = |column: &str| field[column].as_str().and_then(|text| text.split(' ').next());
            let (Some(flex), Some(old)) = (name("flex"), name(tier)) else { continue };
            let old = if old.contains('/') { "failed" } else { old };
            let after = converted(operation, &json!({ flex: "FAILED" }));
            assert!(!after[old].is_null(), "{tier} {kind}: {flex} is {old}, in {after}");
            pairs += 1;
        }
    }
    assert!(pairs > 30, "{pairs}");
}

/// A document with some of these fields, and one unknown field.
fn documents(fields: &'static [(&'static str, &'static [&'static str])]) -> impl Strategy<Value = Value> {
    let each: Vec<_> = fields
        .iter()
        .map(|(name, values)| {
            let value = proptest::sample::select(*values).prop_map(|text| {
                // Strings are used as they are, everything else as JSON.
                serde_json::from_str(text).unwrap_or_else(|_| json!(text))
            });
            proptest::option::of(value).prop_map(move |value| (*name, value))
        })
        .collect();
    (each, proptest::option::of(any::<i32>())).prop_map(|(fields, unknown)| {
        let known = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        known.chain(unknown.map(|value| ("invented".to_owned(), json!({ "deep": [value, null] })))).collect()
    })
}

const IDS: &[&str] = &["5f3e8e7d9b1c2a0012345678", "32b6e34b3d91647abb20e7b8"];
const TIMES: &[&str] = &["2026-08-10T03:40:10Z", "1999-12-31T23:59:59Z"];
const NAMES: &[&str] = &["Flex0", "a"];
const FLEX_STATES: &[&str] = &["PENDING", "QUEUED", "RUNNING", "COMPLETED", "FAILED", "NEVER_HEARD_OF"];

const FLEX_SNAPSHOT: &[(&str, &[&str])] = &[
    ("id", IDS),
    ("status", FLEX_STATES),
    ("scheduledTime", TIMES),
    ("startTime", TIMES),
    ("finishTime", TIMES),
    ("expiration", TIMES),
    ("mongoDBVersion", NAMES),
    ("links", &["[]", r#"[{"rel":"self","href":"https://x"}]"#]),
];
const FLEX_RESTORE: &[(&str, &[&str])] = &[
    ("id", IDS),
    ("projectId", IDS),
    ("instanceName", NAMES),
    ("deliveryType", &["RESTORE", "DOWNLOAD", "NEVER_HEARD_OF"]),
    ("snapshotId", IDS),
    ("targetDeploymentItemName", NAMES),
    ("targetProjectId", IDS),
    ("restoreScheduledDate", TIMES),
    ("restoreFinishedDate", TIMES),
    ("snapshotFinishedDate", TIMES),
    ("expirationDate", TIMES),
    ("snapshotUrl", &["https://x/y.tar.gz"]),
    ("status", FLEX_STATES),
];
const SERVERLESS_SNAPSHOT: &[(&str, &[&str])] = &[
    ("id", IDS),
    ("status", &["queued", "inProgress", "completed", "failed", "neverHeardOf"]),
    ("createdAt", TIMES),
    ("expiresAt", TIMES),
    ("mongodVersion", NAMES),
    ("serverlessInstanceName", NAMES),
    ("snapshotType", &["onDemand", "scheduled"]),
    ("frequencyType", &["hourly", "daily"]),
    ("storageSizeBytes", &["0", "4186517504"]),
];
const SERVERLESS_RESTORE: &[(&str, &[&str])] = &[
    ("id", IDS),
    ("deliveryType", &["automated", "download", "pointInTime"]),
    ("deliveryUrl", &["[]", r#"["https://x"]"#, r#"["https://x","https://y"]"#]),
    ("snapshotId", IDS),
    ("targetClusterName", NAMES),
    ("targetGroupId", IDS),
    ("finishedAt", TIMES),
    ("timestamp", TIMES),
    ("expiresAt", TIMES),
    ("failed", &["true", "false"]),
    ("cancelled", &["true", "false"]),
    ("expired", &["true", "false"]),
    ("oplogTs", &["7"]),
    ("oplogInc", &["1"]),
    ("pointInTimeUTCSeconds", &["1790000000"]),
];

/// The document after a round trip, and its intermediate form.
fn there_and_back<T: FlexForm + DeserializeOwned + Serialize>(old: &Value) -> (Value, Value)
where
    T::Flex: Serialize,
{
    let old: T = serde_json::from_value(old.clone()).expect("a document");
    let flex = old.to_flex().expect("a flex document");
    (value_of(&T::from_flex(&flex).expect("an old document")), value_of(&flex))
}

fn back_and_there<T: FlexForm + Serialize>(flex: &Value) -> (Value, Value)
where
    T::Flex: DeserializeOwned + Serialize,
{
    let flex: T::Flex = serde_json::from_value(flex.clone()).expect("a document");
    let old = T::from_flex(&flex).expect("an old document");
    (value_of(&old.to_flex().expect("a flex document")), value_of(&old))
}

proptest! {
    #[test]
    fn flex_snapshots_round_trip_through_retired_forms(flex in documents(FLEX_SNAPSHOT)) {
        let (again, shared) = back_and_there::<BackupTenantSnapshot>(&flex);
        prop_assert_eq!((&again, &shared), (&flex, &flex));
        let (again, serverless) = back_and_there::<ServerlessBackupSnapshot>(&flex);
        prop_assert_eq!(&again, &flex);
        for absent in ["snapshotType", "frequencyType", "storageSizeBytes", "serverlessInstanceName"] {
            prop_assert!(serverless.get(absent).is_none(), "{} was invented", absent);
        }
    }

    #[test]
    fn flex_restores_round_trip_through_retired_forms(flex in documents(FLEX_RESTORE)) {
        let (again, shared) = back_and_there::<TenantRestore>(&flex);
        prop_assert_eq!(&again, &flex);
        prop_assert_eq!(shared.get("clusterName"), flex.get("instanceName"));
        let (again, serverless) = back_and_there::<ServerlessBackupRestoreJob>(&flex);
        prop_assert_eq!(&again, &flex);
        for absent in ["cancelled", "expired", "desiredTimestamp", "oplogTs", "oplogInc", "pointInTimeUTCSeconds"] {
            prop_assert!(serverless.get(absent).is_none(), "{} was invented", absent);
        }
        let failed = flex.get("status").map(|status| json!(status == "FAILED"));
        prop_assert_eq!(serverless.get("failed"), failed.as_ref());
    }

    #[test]
    fn serverless_snapshots_round_trip_through_flex(old in documents(SERVERLESS_SNAPSHOT)) {
        let (again, flex) = there_and_back::<ServerlessBackupSnapshot>(&old);
        prop_assert_eq!(&again, &old);
        prop_assert_eq!(flex.get("finishTime"), old.get("createdAt"));
        for absent in ["scheduledTime", "startTime"] {
            prop_assert!(flex.get(absent).is_none(), "{} was invented", absent);
        }
    }

    #[test]
    fn serverless_restores_round_trip_through_flex(old in documents(SERVERLESS_RESTORE)) {
        let (mut again, flex) = there_and_back::<ServerlessBackupRestoreJob>(&old);
        // The failure is a status in the other document, which is kept beside the flag.
        let failed = old.get("failed") == Some(&json!(true));
        prop_assert_eq!(flex.get("status").cloned(), failed.then(|| json!("FAILED")));
        again.as_object_mut().expect("an object").remove("status");
        prop_assert_eq!(&again, &old);
        for absent in ["projectId", "instanceName", "restoreScheduledDate"] {
            prop_assert!(flex.get(absent).is_none(), "{} was invented", absent);
        }
    }

    #[test]
    fn shared_tier_documents_round_trip_through_flex(flex in documents(FLEX_RESTORE), snapshot in documents(FLEX_SNAPSHOT)) {
        let mut old = flex.as_object().expect("an object").clone();
        Kind::SharedRestore.to_old(&mut old);
        let old = Value::Object(old);
        prop_assert_eq!(there_and_back::<TenantRestore>(&old), (old, flex));
        prop_assert_eq!(there_and_back::<BackupTenantSnapshot>(&snapshot), (snapshot.clone(), snapshot));
    }

    #[test]
    fn retired_request_is_converted_completely_or_refused(old in documents(SERVERLESS_RESTORE)) {
        let operation = operations::find("createServerlessBackupRestoreJob").expect("an operation");
        let is_moment = MOMENT.iter().any(|name| old.get(*name).is_some());
        match restore_request(operation, FormerTier::Serverless, &old) {
            Ok(request) => {
                prop_assert!(!is_moment);
                let download = old["deliveryType"] == "download";
                prop_assert_eq!(request.operation_id, download.then_some("downloadGroupFlexClusterBackup"));
                prop_assert_eq!(request.body.get("snapshotId"), old.get("snapshotId"));
                let target = old.get("targetClusterName").filter(|_| !download);
                prop_assert_eq!(request.body.get("targetDeploymentItemName"), target);
                let project = old.get("targetGroupId").filter(|_| !download);
                prop_assert_eq!(request.body.get("targetProjectId"), project);
            }
            Err(refused) => {
                prop_assert_eq!(refused.kind(), ErrorKind::InvalidInput);
                let delivery = old.get("deliveryType").and_then(Value::as_str);
                prop_assert!(is_moment || !matches!(delivery, Some("automated" | "download")));
            }
        }
    }
}

#[test]
fn value_of_wrong_type_drops_only_its_field() {
    let flex: FlexBackupSnapshot =
        serde_json::from_value(json!({ "id": "a", "finishTime": "2026-08-10T03:40:10Z" })).expect("a snapshot");
    let mut odd = flex.clone();
    odd.finish_time = None;
    odd.extra.insert("finishTime".to_owned(), json!("yesterday"));
    let old = ServerlessBackupSnapshot::from_flex(&odd).expect("a snapshot");
    assert_eq!((old.id.as_deref(), old.created_at), (Some("a"), None));
    assert_eq!(old.extra["createdAt"], "yesterday");
    assert_eq!(old.to_flex().expect("a snapshot"), odd);
}
