//! The command: runs the checks that were asked for.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};

use super::{layers, manifests, round_trip, validator};
use crate::{
    coverage,
    curate::{curation, spec::DOCUMENT},
    generate, surface,
};

/// Flags of `cargo xtask check`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of the curated document.
    #[arg(long, value_name = "DIR", default_value = "spec")]
    spec: PathBuf,
    /// Also run what is slow or written by others.
    #[arg(long)]
    all: bool,
    /// Only take each official document in and go back, in a copy of the project; a part of --all.
    #[arg(long, conflicts_with = "all")]
    round_trip: bool,
    /// Only check the layers, of one crate also where its row is not enforced yet.
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
    let document = arguments.spec.join(DOCUMENT);
    let mut sound = report_findings("descriptions", &curation::check(&arguments.spec)?);
    sound &= generate::command::check(&document)?;
    sound &= surface::run(&surface::Arguments { check: true })? == ExitCode::SUCCESS;
    sound &= report_findings("manifests", &manifests::check(root)?);
    sound &= layers::check(root, None)?;
    if arguments.all {
        sound &= validator::check(&document)?;
        let documents = official()?;
        sound &= covered(&documents)?;
        sound &= round_trip::check(&documents)?;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The official documents at hand, oldest first.
fn official() -> Result<Vec<PathBuf>> {
    let Some(folder) = env::var_os("ATLAS_BACKUP_UPSTREAM") else {
        println!("coverage and round trip: skipped, ATLAS_BACKUP_UPSTREAM is not set");
        return Ok(Vec::new());
    };
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", Path::new(&folder).display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("openapi-")));
    paths.sort();
    Ok(paths)
}

/// Whether every operation of the official documents comes through the pipeline and compiles.
fn covered(documents: &[PathBuf]) -> Result<bool> {
    let mut whole = true;
    for path in documents {
        println!("coverage of {}:", path.display());
        whole &= coverage::check(&path.to_string_lossy())?;
    }
    Ok(whole)
}

/// Prints what a check found; answers whether that is nothing.
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
