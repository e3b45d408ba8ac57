//! From the schema of an older state to that of today, one step a version.
//!
//! Steps work on the exported form, so that a file on disk and an exported document go the same way. A field that is only
//! added needs none: `#[serde(default)]` says what it is in older records. A document may be anything at all when it
//! comes here; a step passes over what it does not expect.

use std::{collections::HashMap, fmt};

use serde_json::{Value, json};

/// The schema that is written.
pub(crate) const CURRENT: u64 = 1 + STEPS.len() as u64;

/// What each schema changed: the first takes schema 1 to 2.
const STEPS: &[fn(&mut Value)] = &[begun_in_restores, items_of_snapshots, issued_in_meta];

/// Brings a document of `schema` up to date.
pub(super) fn migrate(document: &mut Value, schema: u64) {
    for step in STEPS.iter().skip(usize::try_from(schema.saturating_sub(1)).unwrap_or(usize::MAX)) {
        step(document);
    }
}

/// What is said of a state that a later version of the program has written.
pub(super) fn too_new(schema: u64) -> impl fmt::Display {
    format!("it has schema {schema}, written by a newer version of the program; this one knows up to {CURRENT}")
}

/// Schema 2: a restore knows when its snapshot was begun, because its data is that of then.
fn begun_in_restores(document: &mut Value) {
    for (snapshots, restores, finished) in
        [("snapshots", "restore_jobs", "snapshotTaken"), ("flex_snapshots", "flex_restores", "snapshotFinished")]
    {
        let mut begun: HashMap<String, Value> = HashMap::new();
        for row in document["collections"][snapshots].as_array().into_iter().flatten() {
            if let Some(id) = row["id"].as_str() {
                begun.insert(id.to_owned(), row["record"]["timeline"]["begins"].clone());
            }
        }
        let rows = document.pointer_mut(&format!("/collections/{restores}")).and_then(Value::as_array_mut);
        for row in rows.into_iter().flatten() {
            let Some(record) = row.get_mut("record").and_then(Value::as_object_mut) else { continue };
            let snapshot = record.get("snapshot").and_then(Value::as_str).and_then(|id| begun.get(id)).cloned();
            // A snapshot that is gone leaves only when it was finished.
            if let Some(moment) = snapshot.or_else(|| record.get(finished).cloned()) {
                record.entry("snapshotBegun").or_insert(moment);
            }
        }
    }
}

/// Schema 3: a snapshot may come from several items of the policy.
fn items_of_snapshots(document: &mut Value) {
    let rows = document.pointer_mut("/collections/snapshots").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten() {
        let Some(record) = row.get_mut("record").and_then(Value::as_object_mut) else { continue };
        let items: Vec<Value> = record.remove("policyItem").into_iter().collect();
        record.entry("policyItems").or_insert_with(|| items.into());
    }
}

/// Schema 4: what belongs to no collection is together in an exported document.
fn issued_in_meta(document: &mut Value) {
    let Some(document) = document.as_object_mut() else { return };
    if let Some(issued) = document.remove("issued") {
        document.entry("meta").or_insert_with(|| json!({ "issued": issued }));
    }
}
