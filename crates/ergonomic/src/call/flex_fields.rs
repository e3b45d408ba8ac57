//! The fields of the retired tiers' documents and of flex documents, one row per field, for both directions.
//!
//! Shared-tier documents equal flex documents except for one name. Serverless documents have other names and values. A
//! field without a row has no counterpart: it keeps its name and goes to `extra` of the other document, so nothing is
//! lost or invented.

use serde_json::{Map, Value, json};

/// A kind of document of the retired operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    SharedSnapshot,
    SharedRestore,
    ServerlessSnapshot,
    ServerlessRestore,
}

/// A field in both documents, and the values to convert.
struct Field {
    old: &'static str,
    flex: &'static str,
    words: &'static [(&'static str, &'static str)],
}

const fn field(old: &'static str, flex: &'static str) -> Field {
    Field { old, flex, words: &[] }
}

const SHARED_RESTORE: &[Field] = &[field("clusterName", "instanceName")];

/// The service documents no field that equals `createdAt`. The end of the snapshot is the closest.
const SERVERLESS_SNAPSHOT: &[Field] = &[
    field("createdAt", "finishTime"),
    field("expiresAt", "expiration"),
    field("mongodVersion", "mongoDBVersion"),
    Field {
        old: "status",
        flex: "status",
        words: &[("queued", "QUEUED"), ("inProgress", "RUNNING"), ("completed", "COMPLETED"), ("failed", "FAILED")],
    },
];

const SERVERLESS_RESTORE: &[Field] = &[
    field("targetClusterName", "targetDeploymentItemName"),
    field("targetGroupId", "targetProjectId"),
    field("finishedAt", "restoreFinishedDate"),
    field("timestamp", "snapshotFinishedDate"),
    field("expiresAt", "expirationDate"),
    Field { old: "deliveryType", flex: "deliveryType", words: &[("automated", "RESTORE"), ("download", "DOWNLOAD")] },
];

/// Position of the download URL in each document: in a list, or as a single field.
const URL: (&str, &str) = ("deliveryUrl", "snapshotUrl");
/// How each document states that a restore failed: a flag, or a status.
const FAILED: (&str, &str) = ("failed", "status");

impl Kind {
    const fn fields(self) -> &'static [Field] {
        match self {
            Kind::SharedSnapshot => &[],
            Kind::SharedRestore => SHARED_RESTORE,
            Kind::ServerlessSnapshot => SERVERLESS_SNAPSHOT,
            Kind::ServerlessRestore => SERVERLESS_RESTORE,
        }
    }

    /// The name of a flex field in the old document.
    pub(crate) fn old_name(self, flex: &'static str) -> &'static str {
        self.fields().iter().find(|field| field.flex == flex).map_or(flex, |field| field.old)
    }

    /// Converts a flex document to an old one.
    pub(crate) fn to_old(self, document: &mut Map<String, Value>) {
        for field in self.fields() {
            convert_field(document, field.flex, field.old, field.words.iter().map(|(old, flex)| (*flex, *old)));
        }
        if self == Kind::ServerlessRestore {
            if let Some(status) = document.get(FAILED.1).and_then(Value::as_str) {
                let failed = status == "FAILED";
                document.insert(FAILED.0.to_owned(), json!(failed));
            }
            if let Some(url) = document.remove(URL.1).filter(Value::is_string) {
                document.insert(URL.0.to_owned(), json!([url]));
            }
        }
    }

    /// Converts an old document to a flex one.
    pub(crate) fn to_flex(self, document: &mut Map<String, Value>) {
        if self == Kind::ServerlessRestore {
            // A restore that has not failed may be at any stage.
            match (document.get(FAILED.0), document.contains_key(FAILED.1)) {
                (Some(Value::Bool(_)), true) => drop(document.remove(FAILED.0)),
                (Some(Value::Bool(true)), false) => {
                    document.remove(FAILED.0);
                    document.insert(FAILED.1.to_owned(), json!("FAILED"));
                }
                _ => {}
            }
            if let Some([url @ Value::String(_)]) = document.get(URL.0).and_then(Value::as_array).map(Vec::as_slice) {
                let url = url.clone();
                document.remove(URL.0);
                document.insert(URL.1.to_owned(), url);
            }
        }
        for field in self.fields() {
            convert_field(document, field.old, field.flex, field.words.iter().copied());
        }
    }
}

/// Renames a field, and converts its value if there is a mapping.
fn convert_field<'w>(
    document: &mut Map<String, Value>,
    from: &str,
    to: &str,
    mut words: impl Iterator<Item = (&'w str, &'w str)>,
) {
    let Some(value) = document.remove(from) else { return };
    let word = words.find(|(before, _)| value == **before).map(|(_, after)| json!(after));
    document.insert(to.to_owned(), word.unwrap_or(value));
}
