//! An independent OpenAPI validator in Python, and the validation of recorded responses.
//!
//! A missing validator is installed under `target/`, in a pinned version. A machine without Python or recordings skips
//! these checks with a message. A skipped check must never count as passed.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// The validator and its pinned version.
const VALIDATOR: &str = "openapi-spec-validator==0.9.0";

/// Whether the validator accepts the curated document as OpenAPI 3.0.3, and recorded responses conform to it.
pub(super) fn check(document: &Path) -> Result<bool> {
    let Some(python) = python()? else {
        println!("openapi-spec-validator: skipped, no python3 found");
        return Ok(true);
    };
    let mut command = Command::new(&python);
    let status = command.args(["-m", "openapi_spec_validator", "--schema", "3.0"]).arg(document).status();
    let mut sound = status.context("cannot run openapi-spec-validator")?.success();
    match std::env::var_os("ATLAS_BACKUP_RECORDINGS") {
        Some(folder) => {
            let recordings = Path::new(&folder).join("sample.jsonl");
            let mut command = Command::new(&python);
            let status = command.args(["-c", include_str!("recordings.py")]).arg(document).arg(recordings).status();
            sound &= status.context("cannot validate recordings")?.success();
        }
        None => println!("recordings: skipped, ATLAS_BACKUP_RECORDINGS names no folder with recorded responses"),
    }
    Ok(sound)
}

/// A Python with the validator, installed under `target/` if needed. `None` without Python.
fn python() -> Result<Option<OsString>> {
    let has = |python: &OsString, module: &str| {
        Command::new(python)
            .args(["-c", &format!("import {module}")])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let system = OsString::from("python3");
    if !has(&system, "sys") {
        return Ok(None);
    }
    if has(&system, "openapi_spec_validator") {
        return Ok(Some(system));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = target.join("xtask-python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python3" }).into_os_string();
    if !has(&python, "openapi_spec_validator") {
        println!("installing {VALIDATOR} into {}", folder.display());
        let status = Command::new(&system).args(["-m", "venv"]).arg(&folder).status().context("cannot run python3")?;
        ensure!(status.success(), "cannot create a Python environment in {}", folder.display());
        let installed = Command::new(&python).args(["-m", "pip", "install", "--quiet", VALIDATOR]).status()?;
        ensure!(installed.success(), "cannot install {VALIDATOR}");
    }
    Ok(Some(python))
}
