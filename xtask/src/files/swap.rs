//! Replaces many files as one atomic step.
//!
//! Every new file is written completely to a separate folder before a journal names them all. Once the journal exists,
//! the swap is decided, and the next run finishes it. Before that nothing has changed. A file is never written at its
//! target, only renamed to it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::atomic;

/// Name of the journal in the working folder.
const JOURNAL: &str = "journal.json";
/// Folder of the complete new files in the working folder.
const READY: &str = "ready";

/// The result for each file: its new bytes, or `None` if it is removed.
pub(crate) type Files = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// One file of the journal.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    /// Name of the complete new file and its SHA-256. `None` if the file is removed.
    ready: Option<(PathBuf, String)>,
}

/// Replaces the files below `root`, through the working folder.
pub(crate) fn swap(root: &Path, work: &Path, files: &Files) -> Result<()> {
    let ready = work.join(READY);
    clear(&ready)?;
    let mut journal = Vec::new();
    for (index, (path, bytes)) in files.iter().enumerate() {
        let name = PathBuf::from(index.to_string());
        if let Some(bytes) = bytes {
            atomic::replace(&ready.join(&name), bytes)?;
        }
        let ready = bytes.as_ref().map(|bytes| (name, digest(bytes)));
        journal.push(Entry { path: path.clone(), ready });
    }
    step();
    let journal = atomic::prepare(&work.join(JOURNAL), &serde_json::to_vec_pretty(&journal)?)?;
    step();
    journal.put()?;
    step();
    recover(root, work).map(|_| ())
}

/// Finishes a decided but unfinished swap. Returns whether there was one.
pub(crate) fn recover(root: &Path, work: &Path) -> Result<bool> {
    let journal = work.join(JOURNAL);
    let Ok(text) = fs::read(&journal) else { return Ok(false) };
    let entries: Vec<Entry> =
        serde_json::from_slice(&text).with_context(|| format!("invalid journal {}", journal.display()))?;
    for Entry { path, ready } in &entries {
        let location = root.join(path);
        let Some((name, expected)) = ready else {
            if location.exists() {
                fs::remove_file(&location).with_context(|| format!("cannot remove {}", location.display()))?;
            }
            step();
            continue;
        };
        let source = work.join(READY).join(name);
        let bytes =
            fs::read(&source).with_context(|| format!("cannot finish the swap: {} is missing", source.display()))?;
        ensure!(digest(&bytes) == *expected, "cannot finish the swap: {} differs from the journal", source.display());
        atomic::clear_unfinished(&location)?;
        let file = atomic::prepare(&location, &bytes)?;
        step();
        file.put()?;
        step();
    }
    fs::remove_file(&journal).context("cannot remove the journal")?;
    step();
    clear(&work.join(READY))?;
    Ok(true)
}

fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot clear {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A point at which the tests kill the program.
fn step() {
    static STEPS: AtomicUsize = AtomicUsize::new(0);
    let at = STEPS.fetch_add(1, Ordering::Relaxed);
    if std::env::var("ATLAS_BACKUP_XTASK_ABORT_AT").is_ok_and(|wanted| wanted == at.to_string()) {
        std::process::abort();
    }
}
