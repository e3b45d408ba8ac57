//! `cargo xtask generate`: the curated document becomes `crates/generated/src/`.
//!
//! Offline and deterministic: the document goes through the passes, progenitor names types and methods, the emitter
//! writes the files, prettyplease formats them. The same document gives the same bytes. Nothing residual is dropped:
//! what no pass maps fails the run with its JSON pointer, unless `subset.toml` accepts it with a reason.

pub(crate) mod bindings;
pub(crate) mod document;
pub(crate) mod emit;
pub(crate) mod passes;
mod surface;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{files::generated, openapi};
use document::Document;
use emit::former::{self, Methods};
use passes::{PASSES, Residue};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The curated document.
    #[arg(long, default_value = "spec/atlas-backup.openapi.json")]
    spec: PathBuf,
    /// The folder to write the bindings into.
    #[arg(long, default_value = BINDINGS)]
    out: PathBuf,
    /// Write nothing; list every stale file and exit 1 if there is one.
    #[arg(long)]
    check: bool,
}

/// Where the bindings lie.
const BINDINGS: &str = "crates/generated/src";
/// Where the tables lie that the tests of the bindings go by.
const TRIALS: &str = "crates/generated/tests/bindings/generated/trials.rs";
/// Where the emulator's copy of the curated document lies: inside its crate, so that it packages.
const EMBEDDED: &str = "crates/emulator/src/embedded/atlas-backup.openapi.json";
/// Where the ergonomic crate's functions of former names lie.
const FORMER: &str = "crates/ergonomic/src/generated/former.rs";
/// Where the ergonomic crate's table of operations and methods lies.
const METHODS: &str = "crates/ergonomic/src/generated/operations.md";
/// Where the inventory of the public surface lies.
const SURFACE: &str = "tests/surface.txt";

/// The part of `subset.toml` that concerns generation.
#[derive(Debug, Default, Deserialize)]
struct Subset {
    #[serde(default)]
    accept: Vec<Accepted>,
}

/// A residue that is known and why it may stay.
#[derive(Debug, Deserialize)]
struct Accepted {
    pointer: String,
    #[allow(dead_code, reason = "its presence is what is required")]
    reason: String,
}

/// Runs the command.
///
/// # Errors
/// When the document cannot be read, has a residue that is not accepted, or the output cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let spec = &arguments.spec;
    let (text, curated) = openapi::document::read(spec)?;
    if !curated["openapi"].as_str().is_some_and(|version| version.starts_with("3.0")) {
        bail!("{} is not an OpenAPI 3.0 document; `cargo xtask curate` writes one", spec.display());
    }
    let folder = spec.parent().unwrap_or(Path::new(""));
    let made = generate(&curated, &accepted(&folder.join("subset.toml"))?, &methods(folder)?)?;
    let mut files: BTreeMap<PathBuf, String> =
        made.files.into_iter().map(|(path, text)| (arguments.out.join(path), text)).collect();
    if arguments.out == Path::new(BINDINGS) {
        files.insert(PathBuf::from(EMBEDDED), text);
        files.extend(made.elsewhere);
    }
    let out = [arguments.out.as_path()];
    if arguments.check { generated::check(&out, &files, "generate") } else { generated::write(&out, &files) }
}

fn accepted(subset: &Path) -> Result<Vec<Accepted>> {
    let subset: Subset = match fs::read_to_string(subset) {
        Ok(text) => toml::from_str(&text).with_context(|| subset.display().to_string())?,
        Err(_) => Subset::default(),
    };
    Ok(subset.accept)
}

/// What `methods.toml` in a folder says; nothing where there is none.
fn methods(folder: &Path) -> Result<Methods> {
    match fs::read_to_string(folder.join("methods.toml")) {
        Ok(text) => toml::from_str(&text).context("methods.toml"),
        Err(_) => Ok(Methods::default()),
    }
}

/// Every committed file that a curated document becomes, with its bytes; `None` where one is no longer generated.
///
/// # Errors
/// When the document has a residue that `subset.toml` in `spec` does not accept.
pub(crate) fn committed(text: &str, spec: &Path) -> Result<BTreeMap<PathBuf, Option<Vec<u8>>>> {
    let curated: Document = serde_json::from_str(text).context("the curated document is not JSON")?;
    let made = generate(&curated, &accepted(&spec.join("subset.toml"))?, &methods(spec)?)?;
    let out = Path::new(BINDINGS);
    let written = made.files.into_iter().map(|(path, text)| (out.join(path), text));
    let others = made.elsewhere.into_iter().chain([(PathBuf::from(EMBEDDED), text.to_owned())]);
    let mut files: BTreeMap<PathBuf, Option<Vec<u8>>> =
        generated::present(out)?.into_iter().map(|path| (path, None)).collect();
    files.extend(written.chain(others).map(|(path, text)| (path, Some(text.into_bytes()))));
    Ok(files)
}

/// Whether the committed bindings are what the curated document `spec` gives; lists what is stale.
///
/// # Errors
/// As [`run`].
pub(crate) fn check(spec: &Path) -> Result<bool> {
    let arguments = Arguments { spec: spec.to_owned(), out: BINDINGS.into(), check: true };
    Ok(run(&arguments)? == ExitCode::SUCCESS)
}

/// What a document becomes.
struct Generated {
    /// The files by their path below the output folder.
    files: BTreeMap<String, String>,
    /// The files that lie outside it: tables for the tests of the bindings, the inventory of the public surface, former
    /// names, the table of methods.
    elsewhere: BTreeMap<PathBuf, String>,
}

fn generate(curated: &Document, accepted: &[Accepted], methods: &Methods) -> Result<Generated> {
    let mut normal = curated.clone();
    let mut residues = Vec::<Residue>::new();
    for pass in PASSES {
        residues.extend((pass.run)(&mut normal).residues);
    }
    let (known, residues): (Vec<_>, Vec<_>) =
        residues.into_iter().partition(|residue| accepted.iter().any(|accepted| accepted.pointer == residue.pointer));
    known.iter().for_each(|residue| passes::open(&mut normal, &residue.pointer));
    if !residues.is_empty() {
        let lines: Vec<String> =
            residues.iter().map(|found| format!("  {}: {}", found.pointer, found.message)).collect();
        bail!("no rule maps these; write one, or accept each in subset.toml with its reason:\n{}", lines.join("\n"));
    }
    let bindings = bindings::run(&normal)?;
    let source = emit::Source { curated, normal: &normal, bindings: &bindings };
    let elsewhere = [
        (TRIALS, emit::trials(&source)?),
        (SURFACE, surface::inventory(&source)?),
        (FORMER, former::module(&source, methods)?),
        (METHODS, former::table(&source, methods)),
    ];
    let elsewhere = elsewhere.into_iter().map(|(path, text)| (PathBuf::from(path), text)).collect();
    Ok(Generated { files: emit::files(&source)?, elsewhere })
}
