//! How the documents of the retired tiers and flex documents call the same things, one row a field, for both ways.
//!
//! Shared-tier documents are flex documents but for one name. Serverless documents have other names and other words.
//! A field without a row has no counterpart: it keeps its name, which the other side doesn't define, so that it is kept
//! in `extra` there and nothing is lost or made up.

use serde_json::{Map, Value, json};

/// A kind of document that the retired operations have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    SharedSnapshot,
    SharedRestore,
    ServerlessSnapshot,
    ServerlessRestore,
}

/// A field on both sides, and the words that its value can be.
struct Field {
    old: &'static str,
    flex: &'static str,
    words: &'static [(&'static str, &'static str)],
}

const fn field(old: &'static str, flex: &'static str) -> Field {
    Field { old, flex, words: &[] }
}

const SHARED_RESTORE: &[Field] = &[field("clusterName", "instanceName")];

/// The service documents no field that equals `createdAt`; the end of the snapshot is the nearest thing to it.
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

/// Where each side has the one address of a download: in a list, or by itself.
const URL: (&str, &str) = ("deliveryUrl", "snapshotUrl");
/// What says on each side that a restore failed: a flag, or a status.
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

    /// The name that a flex field has in the old document.
    pub(crate) fn old_name(self, flex: &'static str) -> &'static str {
        self.fields().iter().find(|field| field.flex == flex).map_or(flex, |field| field.old)
    }

    /// Makes an old document of a flex one.
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

    /// Makes a flex document of an old one.
    pub(crate) fn to_flex(self, document: &mut Map<String, Value>) {
        if self == Kind::ServerlessRestore {
            // That a restore did not fail does not say how far it is.
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

/// Gives a field another name, and its value another word where there is one.
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
