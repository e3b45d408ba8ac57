//! Documents of the old tiers from flex documents, and old requests into flex requests.
//!
//! Shared-tier documents are flex documents but for one name. Serverless documents have other names, and values that
//! flex does not know: those are absent. Fields that only flex has keep their flex names, so nothing is lost; values
//! without an old counterpart stay as they are.

use atlas_backup_generated::Operation;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};

/// What a cluster was before it became a flex cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Shared,
    Serverless,
}

impl Tier {
    pub(crate) fn of(operation: &Operation) -> Option<Self> {
        if operation.path.contains("/backup/tenant/") {
            Some(Tier::Shared)
        } else if operation.path.contains("/serverless/") {
            Some(Tier::Serverless)
        } else {
            None
        }
    }
}

/// A request in the flex form.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    /// The operation to call, where it depends on the request.
    pub(crate) operation_id: Option<&'static str>,
    pub(crate) body: Value,
}

/// The flex request for an old request to restore or download.
pub(crate) fn restore_request(operation: &Operation, tier: Tier, body: &Value) -> Result<Request> {
    let pick = |names: &[(&str, &str)]| {
        let fields = names.iter().filter_map(|(old, new)| {
            let value = body.get(*old).filter(|value| !value.is_null())?;
            Some(((*new).to_owned(), value.clone()))
        });
        Value::Object(fields.collect())
    };
    match tier {
        Tier::Shared if operation.path.ends_with("/download") => {
            Ok(Request { operation_id: None, body: pick(&[("snapshotId", "snapshotId")]) })
        }
        Tier::Shared => {
            let names = ["snapshotId", "targetDeploymentItemName", "targetProjectId"].map(|name| (name, name));
            Ok(Request { operation_id: None, body: pick(&names) })
        }
        Tier::Serverless => match body.get("deliveryType").and_then(Value::as_str) {
            Some("automated") => Ok(Request {
                operation_id: None,
                body: pick(&[
                    ("snapshotId", "snapshotId"),
                    ("targetClusterName", "targetDeploymentItemName"),
                    ("targetGroupId", "targetProjectId"),
                ]),
            }),
            // Serverless downloads were restore jobs; flex has an operation of their own for them.
            Some("download") => Ok(Request {
                operation_id: Some("downloadGroupFlexClusterBackup"),
                body: pick(&[("snapshotId", "snapshotId")]),
            }),
            other => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("flex clusters have no counterpart of the delivery type {}", other.unwrap_or("(none)")),
            )),
        },
    }
}

/// The body of a flex answer in the form of the old operation. What isn't JSON is passed on.
pub(crate) fn answer(operation: &Operation, tier: Tier, cluster: Option<&str>, body: &Bytes) -> Bytes {
    let Ok(mut document) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    let convert: fn(&mut Map<String, Value>, Option<&str>) = match (tier, operation.path.contains("/snapshots")) {
        (Tier::Shared, true) => return body.clone(),
        (Tier::Shared, false) => |fields, _| rename(fields, &[("instanceName", "clusterName")]),
        (Tier::Serverless, true) => serverless_snapshot,
        (Tier::Serverless, false) => |fields, _| serverless_restore(fields),
    };
    match document.get_mut("results").and_then(Value::as_array_mut) {
        Some(items) => {
            items.iter_mut().filter_map(Value::as_object_mut).for_each(|fields| convert(fields, cluster));
        }
        None => {
            // An envelope that was left on has the document under `content`.
            let wrapped = document.get("status").is_some_and(Value::is_number);
            let document = if wrapped { document.get_mut("content") } else { Some(&mut document) };
            if let Some(fields) = document.and_then(Value::as_object_mut) {
                convert(fields, cluster);
            }
        }
    }
    Bytes::from(document.to_string())
}

/// `snapshotType`, `frequencyType` and `storageSizeBytes` have no counterpart and stay absent. The service documents no
/// field that equals `createdAt`; the end of the snapshot is the nearest thing to it.
fn serverless_snapshot(fields: &mut Map<String, Value>, cluster: Option<&str>) {
    rename(fields, &[("finishTime", "createdAt"), ("expiration", "expiresAt"), ("mongoDBVersion", "mongodVersion")]);
    revalue(
        fields,
        "status",
        &[("QUEUED", "queued"), ("RUNNING", "inProgress"), ("COMPLETED", "completed"), ("FAILED", "failed")],
    );
    if let Some(cluster) = cluster {
        fields.insert("serverlessInstanceName".to_owned(), json!(cluster));
    }
}

/// `cancelled`, `expired` and everything about points in time have no counterpart and stay absent.
fn serverless_restore(fields: &mut Map<String, Value>) {
    rename(
        fields,
        &[
            ("targetDeploymentItemName", "targetClusterName"),
            ("targetProjectId", "targetGroupId"),
            ("restoreFinishedDate", "finishedAt"),
            ("snapshotFinishedDate", "timestamp"),
            ("expirationDate", "expiresAt"),
        ],
    );
    revalue(fields, "deliveryType", &[("RESTORE", "automated"), ("DOWNLOAD", "download")]);
    if let Some(status) = fields.get("status").and_then(Value::as_str) {
        let failed = status == "FAILED";
        fields.insert("failed".to_owned(), json!(failed));
    }
    if let Some(url) = fields.remove("snapshotUrl").filter(Value::is_string) {
        fields.insert("deliveryUrl".to_owned(), json!([url]));
    }
}

fn rename(fields: &mut Map<String, Value>, names: &[(&str, &str)]) {
    for (new, old) in names {
        if let Some(value) = fields.remove(*new) {
            fields.insert((*old).to_owned(), value);
        }
    }
}

fn revalue(fields: &mut Map<String, Value>, name: &str, values: &[(&str, &str)]) {
    if let Some(value) = fields.get_mut(name)
        && let Some((_, old)) = values.iter().find(|(new, _)| value == new)
    {
        *value = json!(old);
    }
}

#[cfg(test)]
mod tests {
    use atlas_backup_generated::operations;

    use super::*;

    fn converted(operation: &str, flex: &Value) -> Value {
        let operation = operations::find(operation).expect("an operation");
        let tier = Tier::of(operation).expect("a retired operation");
        let body = answer(operation, tier, Some("Flex0"), &Bytes::from(flex.to_string()));
        serde_json::from_slice(&body).expect("JSON")
    }

    #[test]
    fn what_flex_does_not_know_is_absent() {
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
    fn what_is_no_json_is_passed_on() {
        let operation = operations::find("getServerlessBackupSnapshot").expect("an operation");
        let page = Bytes::from_static(b"<html>");
        assert_eq!(answer(operation, Tier::Serverless, None, &page), page);
    }

    /// The measured map of fields is other people's data: where it is at hand, no pair of it may be forgotten here.
    #[test]
    fn every_field_that_has_a_counterpart_is_carried_over() {
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
                // Some names carry their type, and one stands for several flags.
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
}
