//! Writes the generated files, or lists stale ones.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};

use super::atomic;

/// Writes changed files, and removes other files from the folders `out`.
pub(crate) fn write(out: &[&Path], files: &BTreeMap<PathBuf, String>) -> Result<ExitCode> {
    let (mut written, mut removed) = (0, 0);
    for (path, text) in files {
        if fs::read_to_string(path).is_ok_and(|found| found == *text) {
            continue;
        }
        atomic::replace(path, text.as_bytes())?;
        written += 1;
    }
    for path in unexpected_files(out, files)? {
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        removed += 1;
    }
    println!("{} files, {written} written, {removed} removed", files.len());
    Ok(ExitCode::SUCCESS)
}

/// Lists every stale file, files in the folders `out` that are not generated, and the command that fixes them.
pub(crate) fn check(out: &[&Path], files: &BTreeMap<PathBuf, String>, command: &str) -> Result<ExitCode> {
    let mut stale = Vec::new();
    for (path, text) in files {
        match fs::read_to_string(path) {
            Ok(found) if found == *text => {}
            Ok(_) => stale.push(format!("{}: differs", path.display())),
            Err(_) => stale.push(format!("{}: missing", path.display())),
        }
    }
    stale.extend(unexpected_files(out, files)?.iter().map(|path| format!("{}: no longer generated", path.display())));
    if stale.is_empty() {
        println!("{} files are up to date", files.len());
        return Ok(ExitCode::SUCCESS);
    }
    for line in &stale {
        println!("{line}");
    }
    println!("run `cargo xtask {command}` and commit the result");
    Ok(ExitCode::from(1))
}

/// The files below the folders that are not in `files`.
fn unexpected_files(folders: &[&Path], files: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders {
        found.extend(present(folder)?.into_iter().filter(|path| !files.contains_key(path)));
    }
    Ok(found)
}

/// The files below a folder.
pub(crate) fn present(out: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![out.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
