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
