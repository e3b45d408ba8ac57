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
        sound &= crashes()?;
        sound &= faults()?;
        sound &= fuzz()?;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Kills in each crash test, and what runs them.
const CRASH_ROUNDS: &str = "300";
const CRASH_TESTS: [[&str; 3]; 2] = [
    ["atlas-backup-emulator", "binary", "acknowledged_write_survives_kill"],
    ["atlas-backup-cli", "cli", "killed_fetch_never_leaves_damaged_bytes_and_ends_identical"],
];

/// Kills the emulator while it writes, and downloads while they run, and compares what is left.
fn crashes() -> Result<bool> {
    let mut sound = true;
    for [package, target, test] in CRASH_TESTS {
        println!("{test}, {CRASH_ROUNDS} kills:");
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--quiet", "--locked", "-p", package, "--test", target, "--", test]);
        cargo.env("ATLAS_BACKUP_CRASH_ROUNDS", CRASH_ROUNDS);
        sound &= cargo.status().context("cannot run cargo")?.success();
    }
    Ok(sound)
}

/// Runs every command against every fault of the service; a change runs a sample of them.
fn faults() -> Result<bool> {
    println!("every command, every fault of the service:");
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--locked", "-p", "atlas-backup-cli", "--test", "cli"]);
    cargo.args(["--", "fault_of_the_service", "--nocapture"]).env("ATLAS_BACKUP_EVERY_FAULT", "1");
    Ok(cargo.status().context("cannot run cargo")?.success())
}

/// Inputs of each fuzz target that are derived from its corpus, and the seconds that libFuzzer gets for each.
const FUZZ_INPUTS: &str = "5000";
const FUZZ_SECONDS: u32 = 30;

/// Runs the fuzz targets on many inputs: on this compiler, and under libFuzzer where cargo-fuzz and a nightly compiler are
/// installed.
fn fuzz() -> Result<bool> {
    println!("fuzz targets, {FUZZ_INPUTS} derived inputs each:");
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--locked", "-p", "atlas-backup-tests", "--test", "client", "--", "fuzz_targets"]);
    let mut sound = cargo.env("ATLAS_BACKUP_FUZZ_INPUTS", FUZZ_INPUTS).status().context("cannot run cargo")?.success();
    let fuzz = |arguments: &[&str]| {
        let mut cargo = Command::new("cargo");
        // An xtask that cargo runs inherits the compiler's name.
        cargo.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").args(["+nightly", "fuzz"]).args(arguments);
        cargo
    };
    if !fuzz(&["--version"]).output().is_ok_and(|output| output.status.success()) {
        println!("libFuzzer: skipped, it needs cargo-fuzz and a nightly compiler");
        return Ok(sound);
    }
    let targets = fuzz(&["list"]).output().context("cannot list the fuzz targets")?;
    let found = tempfile::tempdir()?;
    for target in String::from_utf8_lossy(&targets.stdout).lines() {
        println!("{target}, {FUZZ_SECONDS} s:");
        // New inputs go to the first folder, so that the committed corpus stays small.
        let folder = found.path().join(target);
        fs::create_dir(&folder)?;
        let corpus = Path::new("fuzz/corpus").join(target);
        let mut run = fuzz(&["run", "--dev", target]);
        run.args([&folder, &corpus]).args(["--", "-verbosity=0", "-timeout=10", "-rss_limit_mb=1024"]);
        sound &= run.arg(format!("-max_total_time={FUZZ_SECONDS}")).status().context("cannot run cargo")?.success();
    }
    Ok(sound)
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
