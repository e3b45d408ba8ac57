//! A copy of the workspace under `target/` in which a new document is tried before anything of the project changes.
//!
//! The copy has everything but `target` and the history. Its tests run with the snapshots to be renewed; what they
//! renewed is handed back. It must never write outside its own folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::swap::Files;

/// Builds the copy with the new files laid over it.
pub(crate) fn copy(root: &Path, to: &Path, files: &Files) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("can't clear {}", to.display()))?;
    }
    for path in tree(root)? {
        put(&to.join(&path), &fs::read(root.join(&path)).with_context(|| format!("can't read {}", path.display()))?)?;
    }
    for (path, bytes) in files {
        match bytes {
            Some(bytes) => put(&to.join(path), bytes)?,
            None => fs::remove_file(to.join(path)).with_context(|| format!("can't remove {}", path.display()))?,
        }
    }
    Ok(())
}

/// Runs the tests of the copy, and answers the snapshots they renewed.
pub(crate) fn test(root: &Path, copy: &Path, build: &Path) -> Result<Files> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = std::path::absolute(build)?;
    let status = Command::new(cargo)
        .args(["test", "--workspace", "--exclude", "xtask", "--quiet"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", build)
        .env("INSTA_UPDATE", "always")
        .status()
        .context("can't run cargo")?;
    ensure!(status.success(), "the tests fail with the new bindings; the copy is in {}", copy.display());
    let snapshots =
        tree(copy)?.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "snap"));
    let mut renewed = Files::new();
    for path in snapshots {
        let bytes = fs::read(copy.join(&path)).with_context(|| format!("can't read {}", path.display()))?;
        if fs::read(root.join(&path)).ok().as_ref() != Some(&bytes) {
            renewed.insert(path, Some(bytes));
        }
    }
    Ok(renewed)
}

/// Every file of a tree but hidden history and build output, relative to it.
fn tree(root: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        let place = root.join(&folder);
        for entry in fs::read_dir(&place).with_context(|| format!("can't read {}", place.display()))? {
            let entry = entry.with_context(|| format!("can't read {}", place.display()))?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().with_context(|| format!("can't read {}", path.display()))?;
            if kind.is_dir() && path != Path::new("target") && path != Path::new(".git") {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("can't write {}", path.display()))
}
