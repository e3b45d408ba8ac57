//! Files of the curation's folder that other commands read as well.

use std::{fs, path::Path};

use serde_json::Value;

/// The curation's folder.
pub(crate) const SPEC: &str = "spec";
/// The curated document's name there.
pub(crate) const DOCUMENT: &str = "atlas-backup.openapi.json";
/// The record of where it came from.
pub(crate) const LOCK: &str = "upstream.lock.json";

/// Every operation of the official document, which the emulator tells from paths that do not exist.
pub(crate) const OFFICIAL: &str = "official-operations.tsv";

/// The day in the lock file beside a curated document.
pub(crate) fn lock_date(path: &Path) -> Option<String> {
    if path.file_name()? != DOCUMENT {
        return None;
    }
    let lock: Value = serde_json::from_slice(&fs::read(path.with_file_name(LOCK)).ok()?).ok()?;
    Some(lock["date"].as_str()?.to_owned())
}
