//! Files of the curation that other commands read too.

use std::{fs, path::Path};

use serde_json::Value;

/// The curation's folder.
pub(crate) const SPEC: &str = "spec";
/// The file name of the curated document.
pub(crate) const DOCUMENT: &str = "atlas-backup.openapi.json";
/// The record of its source.
pub(crate) const LOCK: &str = "upstream.lock.json";

/// All operations of the official document, with which the emulator recognizes unknown paths.
pub(crate) const OFFICIAL: &str = "official-operations.tsv";

/// The date in the lock file beside a curated document.
pub(crate) fn lock_date(path: &Path) -> Option<String> {
    if path.file_name()? != DOCUMENT {
        return None;
    }
    let lock: Value = serde_json::from_slice(&fs::read(path.with_file_name(LOCK)).ok()?).ok()?;
    Some(lock["date"].as_str()?.to_owned())
}
