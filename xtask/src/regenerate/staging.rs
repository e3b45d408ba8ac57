//! A copy of the workspace under `target/` in which a new document is tested before the project changes.
//!
//! The copy contains everything but `target` and the history. Its tests renew the snapshots, which are returned. The
//! tests of the bindings decide whether the new bindings are correct. Those of the crates above also show whether
//! hand-written code still fits them. It must never write outside its folder.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::files::swap::Files;

/// The package of the bindings.
const BINDINGS: &str = "atlas-backup-generated";

/// Creates the copy with the new files.
pub(crate) fn copy(root: &Path, to: &Path, files: &Files) -> Result<()> {
    // The build output is kept, so that unchanged code is not compiled again.
    for entry in fs::read_dir(to).into_iter().flatten() {
        let path = entry.with_context(|| format!("cannot read {}", to.display()))?.path();
        let cleared = match (path.ends_with("target"), path.is_dir()) {
            (true, _) => Ok(()),
            (false, true) => fs::remove_dir_all(&path),
            (false, false) => fs::remove_file(&path),
        };
        cleared.with_context(|| format!("cannot clear {}", path.display()))?;
    }
    for path in tree(root)? {
        put(&to.join(&path), &fs::read(root.join(&path)).with_context(|| format!("cannot read {}", path.display()))?)?;
    }
    for (path, bytes) in files {
        match bytes {
            Some(bytes) => put(&to.join(path), bytes)?,
            None => fs::remove_file(to.join(path)).with_context(|| format!("cannot remove {}", path.display()))?,
        }
    }
    Ok(())
}

/// Outcome of the tests of the copy.
#[derive(Debug)]
pub(crate) enum TestOutcome {
    /// All pass. Holds the renewed snapshots.
    Pass(Files),
    /// The bindings pass, the hand-written code on top of them does not. Holds the log file.
    OnlyBindings(PathBuf),
}

/// Runs the tests of the copy: those of the bindings, which must pass, then all others, those of this program included.
pub(crate) fn test(root: &Path, copy: &Path, build: &Path) -> Result<TestOutcome> {
    let build = std::path::absolute(build)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(&cargo);
        command.arg("test").args(arguments).current_dir(copy);
        command.env("CARGO_TARGET_DIR", &build).env("INSTA_UPDATE", "always");
        command
    };
    eprintln!("testing the new bindings in {}", copy.display());
    let bindings = cargo(&["--quiet", "--package", BINDINGS]).status().context("cannot run cargo")?;
    ensure!(bindings.success(), "the bindings fail their own tests; the copy is in {}", copy.display());
    eprintln!("testing the crates on top of them");
    let log = build.join("tests.log");
    let status = cargo(&["--no-fail-fast", "--workspace", "--exclude", "xtask", "--exclude", BINDINGS])
        .stdout(File::create(&log).with_context(|| format!("cannot write {}", log.display()))?)
        .stderr(File::options().append(true).open(&log).with_context(|| format!("cannot write {}", log.display()))?)
        .status()
        .context("cannot run cargo")?;
    let mut passes = status.success();
    if copy.join("xtask").is_dir() {
        // Its tests of this command take longer than all others, and use another document.
        eprintln!("testing the pipeline");
        let append =
            || File::options().append(true).open(&log).with_context(|| format!("cannot write {}", log.display()));
        let own = cargo(&["--no-fail-fast", "--package", "xtask", "--", "--skip", "regenerate::"])
            .stdout(append()?)
            .stderr(append()?)
            .status()
            .context("cannot run cargo")?;
        passes &= own.success();
    }
    if !passes {
        return Ok(TestOutcome::OnlyBindings(log));
    }
    let snapshots =
        tree(copy)?.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "snap"));
    let mut renewed = Files::new();
    for path in snapshots {
        let bytes = fs::read(copy.join(&path)).with_context(|| format!("cannot read {}", path.display()))?;
        if fs::read(root.join(&path)).ok().as_ref() != Some(&bytes) {
            renewed.insert(path, Some(bytes));
        }
    }
    Ok(TestOutcome::Pass(renewed))
}

/// The build and test failures in a log of cargo, one per line.
pub(crate) fn failed(log: &Path) -> Result<String> {
    /// Maximum number of lines shown before the rest is counted.
    const SHOWN: usize = 12;
    let text = fs::read_to_string(log).with_context(|| format!("cannot read {}", log.display()))?;
    let mut lines: Vec<String> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("error[") || line.starts_with("error: could not") || line.ends_with("... FAILED") {
            let location = text.lines().nth(at + 1).and_then(|next| next.trim_start().strip_prefix("--> "));
            let line = location.map_or_else(|| line.to_owned(), |location| format!("{location}: {line}"));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    let mut listed: Vec<String> = lines.into_iter().map(|line| format!("  - {line}")).collect();
    if more > 0 {
        listed.push(format!("  - and {more} more"));
    }
    Ok(listed.join("\n"))
}

/// Every file of a tree, relative to it, except hidden history and build output.
pub(crate) fn tree(root: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        let location = root.join(&folder);
        for entry in fs::read_dir(&location).with_context(|| format!("cannot read {}", location.display()))? {
            let entry = entry.with_context(|| format!("cannot read {}", location.display()))?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().with_context(|| format!("cannot read {}", path.display()))?;
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

/// Writes a file and creates its folders.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
