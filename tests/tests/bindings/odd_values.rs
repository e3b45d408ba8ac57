//! What the service really sends and the specification does not admit: each fact decodes, and loses nothing.
//!
//! The bodies are of our own making. Only the public types of the bindings are used, as a user would. What holds for
//! every type is shown by the generated crate's tests and by `decode_property`.

use std::fmt::Debug;

use atlas_backup_generated::types;
use atlas_backup_runtime::{Error, NoContent, Nullable};
use atlas_backup_tests::conformance::compare;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::canned::CannedService;

const GROUP: &str = "65a0c0ffee00000000000000";

/// Decodes a body, checks that writing it loses nothing but nulls, and that it reads back the same.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &Value) -> T {
    let value: T = serde_json::from_str(&body.to_string()).unwrap_or_else(|error| panic!("{error} in {body}"));
    let written = serde_json::to_value(&value).expect("it can be written");
    assert_eq!((compare::lost(body, &written), compare::invented(body, &written)), (vec![], vec![]));
    assert_eq!(serde_json::from_value::<T>(written).expect("what was written can be read"), value);
    value
}

#[test]
fn on_demand_snapshot_has_type_ondemand() {
    let snapshot: types::DiskBackupReplicaSet = round_trip(&json!({ "id": GROUP, "frequencyType": "ondemand" }));
    assert_eq!(snapshot.frequency_type, Some(types::SnapshotFrequency::Ondemand));
}

#[test]
fn unknown_enum_value_keeps_text_and_page() {
    let page: types::DiskBackupReplicaSetPage = round_trip(&json!({
        "results": [{ "status": "completed" }, { "status": "hibernating", "cloudProvider": "" }, { "status": "FAILED" }],
        "totalCount": 3,
    }));
    let status = |index: usize| page.results[index].status.as_ref().map(types::SnapshotStatus::as_str);
    assert_eq!((status(0), status(1), status(2)), (Some("completed"), Some("hibernating"), Some("FAILED")));
    assert_eq!(page.results[0].status, Some(types::SnapshotStatus::Completed));
    assert_eq!(page.results[1].status, Some(types::SnapshotStatus::Unknown("hibernating".to_owned())));
}

#[test]
fn null_is_absent_where_the_specification_allows_none() {
    let snapshot: types::DiskBackupReplicaSet = round_trip(&json!({
        "id": null, "createdAt": null, "storageSizeBytes": null, "policyItems": null, "status": null, "links": null,
    }));
    assert_eq!(serde_json::to_value(&snapshot).expect("JSON"), json!({}));
    let page: types::DiskBackupReplicaSetPage =
        round_trip(&json!({ "results": [], "links": null, "totalCount": null }));
    assert!(page.results.is_empty() && page.links.is_none() && page.total_count.is_none());
}

#[test]
fn absent_list_differs_from_empty_list() {
    let snapshot: types::DiskBackupReplicaSet = round_trip(&json!({ "policyItems": [] }));
    assert_eq!((snapshot.policy_items, snapshot.copy_regions), (Some(vec![]), None));
}

#[test]
fn unmapped_discriminator_kind_is_kept() {
    let page: types::ExportBucketPage = round_trip(&json!({ "results": [
        { "_id": "a", "cloudProvider": "AWS", "bucketName": "ours" },
        { "_id": "b", "cloudProvider": "ORACLE", "bucketName": "theirs", "compartment": { "id": 7 } },
        { "_id": "c", "cloudProvider": null },
        { "_id": "d", "cloudProvider": 4 },
    ]}));
    let unknown = |index: usize| match &page.results[index] {
        types::ExportBucket::Unknown(fields) => fields.clone(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(page.results[0], types::ExportBucket::Aws(_)));
    assert_eq!(unknown(1)["compartment"]["id"], 7);
    assert_eq!((&unknown(2)["_id"], &unknown(3)["cloudProvider"]), (&json!("c"), &json!(4)));
}

#[test]
fn several_tags_may_name_one_kind() {
    for (tag, timed) in [("hourly", true), ("yearly", true), ("ondemand", false)] {
        let item: types::DiskBackupCopyPolicyItem = round_trip(&json!({ "id": "a", "frequencyType": tag }));
        assert_eq!(matches!(item, types::DiskBackupCopyPolicyItem::TimeBased(_)), timed, "{item:?}");
        assert_eq!(matches!(item, types::DiskBackupCopyPolicyItem::Ondemand(_)), !timed, "{item:?}");
    }
}

#[test]
fn timestamp_of_three_nulls_is_an_empty_timestamp() {
    let body = json!({ "id": "a", "desiredTimestamp": { "increment": null, "time": null, "date": null } });
    let job: types::DiskBackupSnapshotRestoreJob = round_trip(&body);
    let moment = job.desired_timestamp.expect("it is there");
    assert_eq!((moment.date, moment.increment, moment.time), (None, None, None));
    assert!(moment.extra.is_empty(), "all three are documented here");
    let body = json!({ "desiredTimestamp": { "increment": 3, "time": 1_772_600_000, "date": "2026-03-04T05:06:07Z" } });
    let job: types::DiskBackupSnapshotRestoreJob = round_trip(&body);
    assert_eq!(job.desired_timestamp.and_then(|moment| moment.increment), Some(3));
}

#[test]
fn restore_job_names_target_deployment() {
    let job: types::DiskBackupSnapshotRestoreJob =
        round_trip(&json!({ "targetDeploymentItemName": "atlas-abc-shard-0" }));
    assert_eq!(job.target_deployment_item_name.as_deref(), Some("atlas-abc-shard-0"));
}

#[test]
fn compliance_policy_with_null_on_demand_item_round_trips() {
    let policy: types::DataProtectionSettings = round_trip(&json!({ "onDemandPolicyItem": null, "state": "ACTIVE" }));
    assert_eq!(policy.on_demand_policy_item, Some(Nullable::Null));
    assert_eq!(serde_json::to_value(&policy).expect("JSON")["onDemandPolicyItem"], Value::Null);
    let policy: types::DataProtectionSettings = round_trip(&json!({ "updatedUser": "no address at all" }));
    assert_eq!((policy.on_demand_policy_item, policy.updated_user.as_deref()), (None, Some("no address at all")));
}

#[test]
fn flex_cluster_has_continuous_release_cadence() {
    let cluster: types::FlexClusterDescription = round_trip(&json!({ "versionReleaseSystem": "CONTINUOUS" }));
    assert_eq!(cluster.version_release_system, Some(types::VersionReleaseSystem::Continuous));
}

#[test]
fn undocumented_cluster_fields_decode() {
    let cluster: types::ClusterDescription = round_trip(&json!({
        "effectiveDatabaseEdition": "COMMUNITY",
        "biConnector": { "enabled": false, "readPreference": "secondary" },
    }));
    assert_eq!(cluster.effective_database_edition.as_deref(), Some("COMMUNITY"));
    let preference = cluster.bi_connector.and_then(|connector| connector.read_preference);
    assert_eq!(preference.as_ref().map(types::BiConnectorReadPreference::as_str), Some("secondary"));
}

#[test]
fn region_string_decodes_where_object_is_documented() {
    let body = json!({ "replicationSpecs": [{ "regionConfigs": [
        { "providerName": "AWS", "regionName": "US_EAST_1", "priority": 7 },
        { "providerName": "GCP", "regionName": "MOON_BASE_1", "priority": 6 },
    ]}]});
    for written in [
        serde_json::to_value(round_trip::<types::ClusterDescription>(&body)).expect("JSON"),
        serde_json::to_value(round_trip::<types::ClusterDescription20230201>(&body)).expect("JSON"),
    ] {
        assert_eq!(written, body);
    }
    let cluster: types::ClusterDescription = round_trip(&body);
    match &cluster.replication_specs.expect("specs")[0].region_configs.as_deref().expect("regions")[1] {
        types::CloudRegionConfig::Gcp(region) => {
            assert_eq!(region.region_name.as_ref().map(ToString::to_string).as_deref(), Some("MOON_BASE_1"));
            assert!(region.extra.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn export_bucket_id_is_read_from_underscore_id() {
    let bucket: types::AwsExportBucket = round_trip(&json!({ "_id": GROUP, "bucketName": "ours" }));
    assert_eq!(bucket.id.as_deref(), Some(GROUP));
    let odd: types::AwsExportBucket = round_trip(&json!({ "_id": "a", "id": "b" }));
    assert_eq!((odd.id.as_deref(), &odd.extra["id"]), (Some("a"), &json!("b")));
}

#[test]
fn last_of_equal_keys_wins_and_error_names_type_and_position() {
    let snapshot: types::DiskBackupReplicaSet = serde_json::from_str(r#"{"id":"a","x":1,"id":"b","x":2}"#).expect("it");
    assert_eq!((snapshot.id.as_deref(), &snapshot.extra["x"]), (Some("b"), &json!(2)));
    let error = serde_json::from_str::<types::DiskBackupReplicaSet>(r#"{"status": 7}"#).expect_err("a number");
    assert!(error.to_string().contains("expected a string (SnapshotStatus) at line 1 column 12"), "{error}");
}

#[test]
fn error_document_may_have_missing_or_null_code() {
    for body in [
        json!({ "detail": "Odd.", "error": 400, "parameters": null, "reason": "Bad Request" }),
        json!({ "detail": "Odd.", "error": 400, "errorCode": null, "parameters": ["a", "b"] }),
        json!({ "error": 400, "errorCode": "X", "parameters": [{ "a": 1 }, 7], "badRequestDetail": { "fields": [] } }),
    ] {
        let error: types::ApiError = round_trip(&body);
        assert_eq!(error.error, Some(400));
    }
}

#[tokio::test]
async fn status_200_with_an_empty_body_is_an_empty_document() {
    let versioned = "application/vnd.atlas.2024-08-05+json;charset=utf-8";
    for body in ["", " \r\n"] {
        let client = CannedService::new(200, versioned, body).client();
        let patch = types::DiskBackupSnapshotSchedule::new();
        let answer = client.update_group_cluster_backup_schedule(GROUP, "Cluster0", &patch).await.expect("a success");
        assert_eq!((answer.status.as_u16(), answer.value), (200, patch));
    }
}

#[tokio::test]
async fn response_204_may_have_content_type_and_deletion_a_body() {
    let versioned = "application/vnd.atlas.2023-01-01+json;charset=utf-8";
    let client = CannedService::new(204, versioned, "").client();
    let answer = client.delete_group_cluster_backup_snapshot(GROUP, "Cluster0", "a").await.expect("a success");
    assert_eq!((answer.status.as_u16(), answer.value), (204, NoContent::default()));

    let client = CannedService::new(200, versioned, r#"{"left":"over"}"#).client();
    let answer = client.delete_group_cluster_backup_snapshot(GROUP, "Cluster0", "a").await.expect("a success");
    assert_eq!(answer.value.extra["left"], "over");
}

#[tokio::test]
async fn undecodable_success_names_position() {
    let answer = CannedService::new(200, "text/html", "<html>").client().get_group_cluster(GROUP, "Cluster0").await;
    match answer {
        Err(Error::Decode { reply, source }) => assert_eq!((&reply.body[..], source.line()), (&b"<html>"[..], 1)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn timestamp_in_another_form_keeps_its_text() {
    for (text, utc) in [
        ("2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.120Z"),
        ("2026-01-02T03:04:05.1200000000Z", "2026-01-02T03:04:05.120Z"),
        ("2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05z", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
    ] {
        // A status of another form makes the reading lenient.
        for status in [json!("completed"), json!(7)] {
            let body = json!({ "createdAt": text, "id": "a", "status": status });
            let mut document: types::DiskBackupReplicaSet =
                atlas_backup_runtime::decode(body.to_string().as_bytes()).expect("a document");
            assert_eq!(document.created_at, utc.parse().ok(), "{text}");
            assert_eq!(serde_json::to_value(&document).expect("JSON"), body, "it is written as it came");
            // Ordinary text is round_trip nowhere else.
            assert_eq!(document.extra.contains_key("createdAt"), text != utc, "{text}");
            // A field that the caller sets is written, whatever came.
            document.created_at = "2027-01-01T00:00:00Z".parse().ok();
            let written = serde_json::to_string(&document).expect("JSON");
            assert!(written.contains("2027-01-01T00:00:00Z") && !written.contains("2026"), "{written}");
            assert_eq!(written.matches("createdAt").count(), 1, "{written}");
        }
    }
}

#[test]
fn timestamp_that_is_none_costs_its_field_only() {
    for odd in [json!("soon"), json!(""), json!(1_700_000_000), json!({ "$date": 1 }), json!("2026-02-30T00:00:00Z")] {
        let body = json!({ "createdAt": odd, "id": "a" });
        let document: types::DiskBackupReplicaSet =
            atlas_backup_runtime::decode(body.to_string().as_bytes()).expect("a document");
        assert_eq!((document.created_at, &document.extra["createdAt"]), (None, &odd));
        assert_eq!(serde_json::to_value(&document).expect("JSON"), body);
    }
}

#[test]
fn timestamps_take_no_more_room_than_their_value() {
    // `Option<DateTime<Utc>>` has no room for a text; there is none unless a text has another form.
    assert_eq!(
        size_of::<Option<chrono::DateTime<chrono::Utc>>>(),
        size_of_val(&types::DiskBackupReplicaSet::default().created_at)
    );
}
