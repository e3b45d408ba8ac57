//! `cargo xtask coverage`: tests the pipeline with the complete specification instead of the subset.
//!
//! Every operation of the official document in each of its versions, including preview, passes the passes, progenitor
//! and the emitter into a crate under `target/`, which is then compiled. A construct without a rule becomes any JSON
//! and is counted. Nothing of it is committed, so it may contain official prose.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};

use crate::{
    generate::{
        bindings::{self, Bindings},
        emit,
        passes::{PASSES, Residue, accept_any},
    },
    openapi::{
        document::Document,
        pointer::Pointer,
        references::{named_schemas, reachable},
        source::Source,
        walk::operations,
    },
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
}

/// The committed crate whose manifest the coverage crate uses.
const GENERATED: &str = "crates/generated";

/// Default output folder.
const OUT: &str = "target/coverage";

/// Runs the command. Exit code 1 if an operation fails.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let whole = cover(arguments)?;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Whether every operation of the document passes and compiles.
pub(crate) fn check(upstream: &str) -> Result<bool> {
    cover(&Arguments { upstream: upstream.to_owned(), out: PathBuf::from(OUT), no_compile: false })
}

fn cover(arguments: &Arguments) -> Result<bool> {
    let document = Source::read(&arguments.upstream)?.parse()?;
    let all: BTreeSet<String> = operations(&document).map(|location| location.id().to_owned()).collect();
    let (run, failed) = without_failing_operations(&document)?;
    let source = emit::Source { curated: &run.kept, normal: &run.normal, bindings: &run.bindings };
    let files = emit::files(&source)?;
    write(&arguments.out, &files)?;
    let lines: usize = files.values().map(|text| text.lines().count()).sum();
    let bytes: usize = files.values().map(String::len).sum();
    let compiled = arguments.no_compile || compile(&arguments.out)?;

    for (id, reason) in &failed {
        println!("failed: {id}: {reason}");
    }
    for (pointer, message) in &run.fallbacks {
        println!("any JSON at {pointer}: {message}");
    }
    let touched = &run.touched;
    let passed = if compiled { all.len() - failed.len() } else { 0 };
    println!("{} operation versions, {lines} lines, {:.1} MB", run.bindings.methods.len(), bytes as f64 / 1e6);
    println!("{passed} of {} operations, {} with a fallback", all.len(), touched.len());
    Ok(passed == all.len())
}

/// A document that passed.
struct Run {
    kept: Document,
    normal: Document,
    bindings: Bindings,
    /// Pointer and message of each construct that became any JSON.
    fallbacks: BTreeMap<Pointer, String>,
    /// The operations that reach such a construct.
    touched: BTreeSet<String>,
}

/// The document without the operations that fail, and the reason for each.
fn without_failing_operations(document: &Document) -> Result<(Run, BTreeMap<String, String>)> {
    if let Ok(run) = attempt(document) {
        return Ok((run, BTreeMap::new()));
    }
    let mut failed = BTreeMap::new();
    let ids: Vec<String> = operations(document).map(|location| location.id().to_owned()).collect();
    for id in ids {
        if let Err(error) = attempt(&keep_operations(document, |found| found == id)) {
            failed.insert(id, format!("{error:#}"));
        }
    }
    let run = attempt(&keep_operations(document, |found| !failed.contains_key(found)));
    Ok((run.context("operations that pass individually fail together")?, failed))
}

fn keep_operations(document: &Document, keep: impl Fn(&str) -> bool) -> Document {
    let mut kept = document.clone();
    for (_, item) in kept["paths"].as_object_mut().into_iter().flatten() {
        if let Some(item) = item.as_object_mut() {
            item.retain(|_, operation| operation["operationId"].as_str().is_none_or(&keep));
        }
    }
    kept
}

fn attempt(document: &Document) -> Result<Run> {
    let mut normal = document.clone();
    let (mut fallbacks, mut touched) = (BTreeMap::new(), BTreeSet::new());
    for pass in PASSES {
        let before = normal.clone();
        let report = (pass.run)(&mut normal);
        for Residue { pointer, message } in report.residues {
            ensure!(pass.name != "names", "{pointer}: {message}");
            touched.extend(operations_reaching(&before, &normal, &pointer));
            accept_any(&mut normal, &pointer);
            fallbacks.insert(pointer, message);
        }
    }
    let bindings = bindings::run(&normal)?;
    Ok(Run { kept: document.clone(), normal, bindings, fallbacks, touched })
}

/// The ids of the operations that reach the schema at `pointer`, before or after the pass that reported it.
fn operations_reaching(before: &Document, after: &Document, pointer: &Pointer) -> BTreeSet<String> {
    let component = pointer.schema();
    let mut found = BTreeSet::new();
    for document in [before, after] {
        for location in operations(document) {
            let mut named = BTreeSet::new();
            named_schemas(location.operation, &mut named);
            let reaches = component.as_ref().is_some_and(|name| reachable(document, named).contains(name));
            if reaches || pointer.as_str().starts_with(location.pointer().as_str()) {
                let id = location.id();
                found.insert(id.split_once("_v").map_or(id, |(id, _)| id).to_owned());
            }
        }
    }
    found
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
    fs::write(out.join("Cargo.toml"), manifest()?).context("cannot write the manifest")?;
    if let Ok(lock) = fs::read("Cargo.lock") {
        fs::write(out.join("Cargo.lock"), lock)?;
    }
    Ok(())
}

/// The manifest of the generated crate as its own workspace, with the workspace's versions filled in.
fn manifest() -> Result<String> {
    let read = |path: &Path| -> Result<toml::Table> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    };
    let workspace = read(Path::new("Cargo.toml"))?;
    let member = read(&Path::new(GENERATED).join("Cargo.toml"))?;
    let versions = workspace["workspace"]["dependencies"].as_table().context("the workspace has a version table")?;
    let mut dependencies = toml::Table::new();
    for (name, entry) in member["dependencies"].as_table().context("the crate has dependencies")? {
        let mut version = match &versions[name] {
            toml::Value::String(version) => toml::Table::from_iter([("version".to_owned(), version.clone().into())]),
            other => other.as_table().cloned().unwrap_or_default(),
        };
        if let Some(path) = version.get("path").and_then(toml::Value::as_str) {
            let path = std::path::absolute(path)?.display().to_string();
            version.insert("path".to_owned(), path.into());
        }
        if let Some(optional) = entry.get("optional") {
            version.insert("optional".to_owned(), optional.clone());
        }
        dependencies.insert(name.clone(), version.into());
    }
    let mut package = toml::Table::new();
    package.insert("name".to_owned(), "coverage".into());
    package.insert("edition".to_owned(), workspace["workspace"]["package"]["edition"].clone());
    let mut manifest = toml::Table::new();
    manifest.insert("package".to_owned(), package.into());
    manifest.insert("features".to_owned(), member["features"].clone());
    manifest.insert("dependencies".to_owned(), dependencies.into());
    manifest.insert("workspace".to_owned(), toml::Table::new().into());
    Ok(toml::to_string(&manifest)?)
}

/// Compiles the crate, including dispatch table and schemas.
fn compile(out: &Path) -> Result<bool> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["check", "--quiet", "--all-features", "--target-dir", "target"])
        .env_remove("CARGO_TARGET_DIR")
        .current_dir(out)
        .status()
        .context("cannot run cargo")?;
    Ok(status.success())
}
