//! The command: runs the selected checks.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use super::{layers, manifests, round_trip, validator};
use crate::{
    coverage,
    curate::{curation, described, lock, originality, spec::DOCUMENT},
    generate,
    openapi::document,
    surface,
};

/// Flags of `cargo xtask check`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of the curated document.
    #[arg(long, value_name = "DIR", default_value = "spec")]
    spec: PathBuf,
    /// Also run slow checks and foreign tools
    #[arg(long)]
    all: bool,
    /// Only run the round trip over the official documents, in a copy of the project; part of --all
    #[arg(long, conflicts_with = "all")]
    round_trip: bool,
    /// Only check the layers; with a crate, also a crate whose row is not enforced
    #[arg(long, value_name = "CRATE", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["all", "round_trip"])]
    layers: Option<String>,
}

/// Runs the checks.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.round_trip {
        let sound = round_trip::check(&official()?)?;
        return Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) });
    }
    let root = Path::new(".");
    if let Some(only) = &arguments.layers {
        let sound = layers::check(root, Some(only))?;
        return Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) });
    }
    let path = arguments.spec.join(DOCUMENT);
    let mut findings = curation::check(&arguments.spec)?;
    if let Some(upstream) = env::var_os("ATLAS_BACKUP_UPSTREAM") {
        findings.extend(lock::check_source(&arguments.spec, Path::new(&upstream))?);
        findings.extend(originality::check(&arguments.spec, Path::new(&upstream))?);
    }
    let mut sound = report_findings("curation", &findings);
    let published = curation::published(&document::read(&path)?.1);
    described::repeated_enums(&published).iter().for_each(|suggestion| println!("{suggestion}"));
    sound &= generate::command::check(&path)?;
    sound &= surface::run(&surface::Arguments { check: true })? == ExitCode::SUCCESS;
    sound &= report_findings("manifests", &manifests::check(root)?);
    sound &= layers::check(root, None)?;
    if arguments.all {
        sound &= validator::check(&path)?;
        let documents = official()?;
        sound &= covered(&documents)?;
        if let Some(newest) = documents.last() {
            println!("coverage of each tag of {}:", newest.display());
            sound &= coverage::check_tags(&newest.to_string_lossy())?;
        }
        sound &= round_trip::check(&documents)?;
        let packaging = Command::new("packaging/test").status().context("cannot run packaging/test")?;
        sound &= packaging.success();
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The available official documents, oldest first.
fn official() -> Result<Vec<PathBuf>> {
    let Some(folder) = env::var_os("ATLAS_BACKUP_UPSTREAM") else {
        println!("coverage and round trip: skipped, ATLAS_BACKUP_UPSTREAM is not set");
        return Ok(Vec::new());
    };
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", Path::new(&folder).display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("openapi-")));
    paths.sort();
    Ok(paths)
}

/// Whether every operation of the official documents passes the pipeline and compiles.
fn covered(documents: &[PathBuf]) -> Result<bool> {
    let mut whole = true;
    for path in documents {
        println!("coverage of {}:", path.display());
        whole &= coverage::check(&path.to_string_lossy())?;
    }
    Ok(whole)
}

/// Prints the findings of a check. Returns whether there are none.
fn report_findings(check: &str, findings: &[String]) -> bool {
    for finding in findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => println!("{check}: sound"),
        found => println!("{check}: {found} findings"),
    }
    findings.is_empty()
}
