//! `upstream.lock.json`: the official document that the curated one was made from, and checksums that show edits.
//!
//! Beside date, revision, digest and name of the source it holds the digests of the written files, those of the overlay
//! actions that were applied, and one of all other entries. So `cargo xtask check` needs no official document.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    overlay::Overlay,
    spec::{DOCUMENT, LOCK, OFFICIAL},
};
use crate::{
    files::{json, lines},
    openapi::source::{Source, digest},
};

/// The command that renews the lock file.
const RENEW: &str = "run `cargo xtask curate`";

/// What a lock file records of one curation.
pub(super) struct Record<'a> {
    pub(super) source: &'a Source,
    pub(super) date: &'a Value,
    pub(super) revision: &'a Value,
    pub(super) document: &'a str,
    pub(super) official: &'a str,
    /// The digests of the overlay actions that were applied.
    pub(super) actions: &'a [String],
}

impl Record<'_> {
    /// The text of the lock file.
    pub(super) fn text(&self) -> Result<String> {
        let mut lock = json!({
            "actions": self.actions,
            "date": self.date,
            "files": { DOCUMENT: digest(self.document.as_bytes()), OFFICIAL: digest(self.official.as_bytes()) },
            "revision": self.revision,
            "sha256": self.source.digest(),
            "source": self.source.name,
        });
        lock["checksum"] = json!(checksum(&lock)?);
        json::text(&lock)
    }
}

/// The digest of all other entries.
fn checksum(lock: &Value) -> Result<String> {
    let mut others = lock.clone();
    others.as_object_mut().map(|entries| entries.remove("checksum"));
    Ok(digest(json::text(&others)?.as_bytes()))
}

/// Findings about the lock file of a folder: entries and files that were edited, and overlay actions that the last
/// curation did not apply.
pub(super) fn check(folder: &Path, overlay: &Overlay) -> Result<Vec<String>> {
    let path = folder.join(LOCK);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lock: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let mut findings = Vec::new();
    if lock["checksum"] != checksum(&lock)? {
        let place = lines::location(LOCK, &text, "checksum");
        findings.push(format!("{place}: `checksum` does not match the other entries, so one was edited; {RENEW}"));
    }
    for name in [DOCUMENT, OFFICIAL] {
        let bytes = fs::read(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
        if lock["files"][name] != digest(&bytes) {
            let place = lines::location(LOCK, &text, name);
            findings.push(format!("{place}: the digest does not match {name}, which was edited; {RENEW}"));
        }
    }
    let applied: BTreeSet<&str> = lock["actions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let present = overlay.digests();
    for (place, target, digest) in &present {
        if !applied.contains(digest.as_str()) {
            findings.push(format!("{place}: {target}: matched nothing in the last curation, or is newer; {RENEW}"));
        }
    }
    let present: BTreeSet<&str> = present.iter().map(|(.., digest)| digest.as_str()).collect();
    let gone = applied.difference(&present).count();
    if gone > 0 {
        let place = lines::location(LOCK, &text, "actions");
        let word = if gone == 1 { "action" } else { "actions" };
        findings.push(format!("{place}: overlay.yaml no longer contains {gone} applied {word}; {RENEW}"));
    }
    Ok(findings)
}

/// A finding if the official document in `upstream` that the lock file of `folder` names has another digest. Nothing if
/// it is not there.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check_source(folder: &Path, upstream: &Path) -> Result<Option<String>> {
    let text = fs::read_to_string(folder.join(LOCK)).with_context(|| format!("cannot read {LOCK}"))?;
    let lock: Value = serde_json::from_str(&text).with_context(|| format!("{LOCK} is not JSON"))?;
    let name = lock["source"].as_str().unwrap_or_default();
    let document = upstream.join(name);
    if name.contains('/') || !document.is_file() {
        return Ok(None);
    }
    let is = Source::read(&document.to_string_lossy())?.digest();
    let place = lines::location(LOCK, &text, "sha256");
    Ok((lock["sha256"] != is).then(|| format!("{place}: the digest of {name} is {is}; {RENEW}")))
}
