//! `cargo xtask coverage`: tests the pipeline with the complete specification instead of the subset.
//!
//! Every operation of the official document in each of its versions, including preview, passes the passes, progenitor
//! and the emitter into a crate under `target/`, which is then compiled. A construct without a rule becomes any JSON
//! and is counted. Nothing of it is committed, so it may contain official prose.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    generate::{fallback::without_failing_operations, manifest, separate},
    openapi::{document::Document, source::Source, walk::operations},
};

/// Flags of `cargo xtask coverage`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The official specification, YAML or JSON: a file or an http(s) address.
    #[arg(long, value_name = "FILE|URL")]
    upstream: String,
    /// The folder to write the crate into.
    #[arg(long, value_name = "DIR", default_value = OUT)]
    out: PathBuf,
    /// Stop before compiling.
    #[arg(long)]
    no_compile: bool,
    /// Instead of one crate, write a crate for each tag, as `generate --tags` does, and run its tests
    #[arg(long, conflicts_with = "no_compile")]
    by_tag: bool,
}

/// Default output folder.
const OUT: &str = "target/coverage";

/// Runs the command. Exit code 1 if an operation fails.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let whole = if arguments.by_tag { cover_tags(arguments)? } else { cover(arguments)? };
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Whether every operation of the document passes and compiles.
pub(crate) fn check(upstream: &str) -> Result<bool> {
    cover(&Arguments { upstream: upstream.to_owned(), out: PathBuf::from(OUT), no_compile: false, by_tag: false })
}

/// Whether a crate of each tag of the document alone compiles and passes its tests.
pub(crate) fn check_tags(upstream: &str) -> Result<bool> {
    cover_tags(&Arguments { upstream: upstream.to_owned(), out: PathBuf::from(OUT), no_compile: false, by_tag: true })
}

/// Prints a row for each tag, and the sum.
fn cover_tags(arguments: &Arguments) -> Result<bool> {
    let document = read(&arguments.upstream)?;
    let tags: BTreeSet<&str> = operations(&document)
        .flat_map(|location| location.operation["tags"].as_array().into_iter().flatten().filter_map(Value::as_str))
        .collect();
    let (mut passed, mut names) = (0, BTreeMap::<String, usize>::new());
    let mut rows =
        vec![format!("{:<50} {:>8} {:>7} {:>8} {:>8}  RESULT", "TAG", "VERSIONS", "LINES", "ANY JSON", "LEFT OUT")];
    for tag in &tags {
        let mut name = crate_name(tag);
        // Two tags can differ in other characters only.
        let count = names.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
        if *count > 1 {
            name = format!("{name}-{count}");
        }
        let out = arguments.out.join("tags").join(&name);
        let written = separate::write(&document, &BTreeSet::from([*tag]), &name, &out)?;
        let sound = written.failed.is_empty() && cargo(&out, &["test", "--quiet", "--all-features"])?;
        passed += usize::from(sound);
        rows.push(format!(
            "{tag:<50} {:>8} {:>7} {:>8} {:>8}  {}",
            written.versions,
            written.lines,
            written.fallbacks.len(),
            written.failed.len(),
            if sound { "passed" } else { "FAILED" }
        ));
    }
    println!("{}\n{passed} of {} tags compile and pass their tests", rows.join("\n"), tags.len());
    Ok(passed == tags.len())
}

/// Reads a document. Every operation has an id then.
fn read(upstream: &str) -> Result<Document> {
    Source::read(upstream)?.parse_any()
}

/// The name of the crate of a tag.
fn crate_name(tag: &str) -> String {
    let words = tag.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    format!("tag-{}", words.collect::<Vec<_>>().join("-").to_ascii_lowercase())
}

fn cover(arguments: &Arguments) -> Result<bool> {
    let document = read(&arguments.upstream)?;
    let all: BTreeSet<String> = operations(&document).map(|location| location.id().to_owned()).collect();
    let (run, failed) = without_failing_operations(&document)?;
    let files = &run.files;
    write(&arguments.out, files)?;
    let lines: usize = files.values().map(|text| text.lines().count()).sum();
    let bytes: usize = files.values().map(String::len).sum();
    let compiled = arguments.no_compile || cargo(&arguments.out, &["check", "--quiet", "--all-features"])?;

    for (id, reason) in &failed {
        println!("failed: {id}: {reason}");
    }
    for (pointer, message) in &run.fallbacks {
        println!("any JSON at {pointer}: {message}");
    }
    for (pointer, message) in &run.left_out {
        println!("left out at {pointer}: {message}");
    }
    let touched = &run.touched;
    let passed = if compiled { all.len() - failed.len() } else { 0 };
    println!("{} operation versions, {lines} lines, {:.1} MB", run.bindings.methods.len(), bytes as f64 / 1e6);
    println!("{passed} of {} operations, {} with a fallback", all.len(), touched.len());
    Ok(passed == all.len())
}

/// Writes the crate: its files, and a manifest that uses the runtime of this workspace.
fn write(out: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    let source = out.join("src");
    if source.exists() {
        fs::remove_dir_all(&source).with_context(|| format!("cannot clear {}", source.display()))?;
    }
    for (path, text) in files {
        let path = source.join(path);
        fs::create_dir_all(path.parent().context("a file has a parent folder")?)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    fs::write(out.join("Cargo.toml"), manifest::text("coverage", "The whole document")?)
        .context("cannot write the manifest")?;
    Ok(())
}

/// Runs cargo in a crate. All crates share one target folder, so that dependencies are built once.
fn cargo(out: &Path, arguments: &[&str]) -> Result<bool> {
    if let Ok(lock) = fs::read("Cargo.lock") {
        fs::write(out.join("Cargo.lock"), lock)?;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = std::path::absolute(Path::new(OUT).join("target"))?;
    let status = Command::new(cargo)
        .args(arguments)
        .arg("--target-dir")
        .arg(target)
        .env_remove("CARGO_TARGET_DIR")
        .stdout(Stdio::null())
        .current_dir(out)
        .status()
        .context("cannot run cargo")?;
    Ok(status.success())
}
