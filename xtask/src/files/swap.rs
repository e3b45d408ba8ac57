//! Putting many files in place as one: all of them, whatever happens in between.
//!
//! Every new file is complete in a folder of its own before a journal names them all; from the moment the journal is
//! there the swap is decided, and the next run finishes it, as often as it takes. Before that moment nothing has
//! changed. A file is never written where it belongs, only renamed to it.

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

/// The journal's name in the working folder.
const JOURNAL: &str = "journal.json";
/// The folder of complete new files in the working folder.
const READY: &str = "ready";

/// What becomes of each file: its new bytes, or `None` where it goes.
pub(crate) type Files = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// One file of the journal.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    /// Name of the complete new file and its SHA-256; none where the file goes.
    ready: Option<(PathBuf, String)>,
}

/// Puts the files below `root` in place, by way of the working folder.
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

/// Finishes a swap that was decided and not finished; tells whether there was one.
pub(crate) fn recover(root: &Path, work: &Path) -> Result<bool> {
    let journal = work.join(JOURNAL);
    let Ok(text) = fs::read(&journal) else { return Ok(false) };
    let entries: Vec<Entry> =
        serde_json::from_slice(&text).with_context(|| format!("{} is no journal", journal.display()))?;
    for Entry { path, ready } in &entries {
        let location = root.join(path);
        let Some((name, expected)) = ready else {
            if location.exists() {
                fs::remove_file(&location).with_context(|| format!("can't remove {}", location.display()))?;
            }
            step();
            continue;
        };
        let source = work.join(READY).join(name);
        let bytes = fs::read(&source).with_context(|| format!("can't finish: {} is gone", source.display()))?;
        ensure!(digest(&bytes) == *expected, "can't finish: {} is not what the journal says", source.display());
        atomic::clear_unfinished(&location)?;
        let file = atomic::prepare(&location, &bytes)?;
        step();
        file.put()?;
        step();
    }
    fs::remove_file(&journal).context("can't remove the journal")?;
    step();
    clear(&work.join(READY))?;
    Ok(true)
}

fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't clear {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A moment at which the program may be killed; the tests kill it at each one in turn.
fn step() {
    static STEPS: AtomicUsize = AtomicUsize::new(0);
    let at = STEPS.fetch_add(1, Ordering::Relaxed);
    if std::env::var("ATLAS_BACKUP_XTASK_ABORT_AT").is_ok_and(|wanted| wanted == at.to_string()) {
        std::process::abort();
    }
}
