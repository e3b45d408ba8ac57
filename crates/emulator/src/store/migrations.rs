//! From the schema of an older state to that of today, one step a version.
//!
//! Steps work on the exported form, so that a file on disk and an exported document go the same way. A field that is only
//! added needs none: `#[serde(default)]` says what it is in older records.

use std::fmt;

use serde_json::Value;

/// The schema that is written.
pub(crate) const CURRENT: u64 = 1 + STEPS.len() as u64;

/// What each schema changed: the first takes schema 1 to 2.
const STEPS: &[fn(&mut Value)] = &[];

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
