//! Regenerates from every available official document, one after the other and back to the committed one, in a copy of
//! the project. The bindings must pass their tests each time, and at the end every file must be as before.
//!
//! It runs the real command including tests, which takes minutes, so only `check --all` runs it. The project itself is
//! not changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    curate::spec::{DOCUMENT, LOCK},
    files::swap::Files,
    openapi::source::Source,
    regenerate::{
        changelog::CHANGELOG,
        staging::{self, tree},
    },
};

/// Path of the copy.
const COPY: &str = "target/round-trip";

/// Whether the copy ends in its initial state.
pub(crate) fn check(documents: &[PathBuf]) -> Result<bool> {
    let lock = Path::new("spec").join(LOCK);
    let lock: Value = serde_json::from_slice(&fs::read(&lock)?).with_context(|| lock.display().to_string())?;
    let mut current = None;
    for path in documents {
        if lock["sha256"] == Source::read(&path.to_string_lossy())?.digest() {
            current = Some(path);
        }
    }
    let Some(current) = current else {
        println!("round trip: skipped, the document that spec/{DOCUMENT} was made from is not available");
        return Ok(true);
    };
    let copy = Path::new(COPY);
    staging::copy(Path::new("."), copy, &Files::new())?;
    let before = contents(copy)?;
    for document in documents.iter().filter(|document| *document != current).chain([current]) {
        println!("round trip: regenerating from {}", document.display());
        take(copy, document)?;
    }
    let after = contents(copy)?;
    let all: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    // The changelog has an entry for each document.
    let odd = all.iter().filter(|path| **path != Path::new(CHANGELOG) && before.get(**path) != after.get(**path));
    let odd: Vec<&&PathBuf> = odd.collect();
    odd.iter().for_each(|path| println!("round trip: {} differs from before", path.display()));
    println!("round trip: {} files, {} differ", all.len(), odd.len());
    Ok(odd.is_empty())
}

/// Every file of a tree with its bytes.
fn contents(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let read = |path: PathBuf| {
        let bytes = fs::read(root.join(&path)).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((path, bytes))
    };
    tree(root)?.into_iter().map(read).collect()
}

/// Runs the command in the copy.
fn take(copy: &Path, document: &Path) -> Result<()> {
    let program = std::env::current_exe().context("cannot determine the path of this program")?;
    let document = std::path::absolute(document)?;
    let status = Command::new(program)
        .args(["regenerate", "--allow-breaking", "--allow-missing", "--upstream"])
        .arg(&document)
        .current_dir(copy)
        .status()
        .context("cannot run xtask")?;
    ensure!(status.success(), "cannot regenerate from {}; the copy is in {}", document.display(), copy.display());
    Ok(())
}
