//! From a curated document to the text of every generated file: passes, progenitor, emitter.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, bail};
use serde::Deserialize;

use super::{
    bindings,
    emit::{
        self,
        former::{self, Methods},
    },
    passes::{self, PASSES, Residue},
    surface,
};
use crate::openapi::document::Document;

/// Where the tables lie that the tests of the bindings go by.
pub(super) const TRIALS: &str = "crates/generated/tests/bindings/generated/trials.rs";
/// Where the ergonomic crate's functions of former names lie.
pub(super) const FORMER: &str = "crates/ergonomic/src/generated/former.rs";
/// Where the ergonomic crate's table of operations and methods lies.
pub(super) const METHODS: &str = "crates/ergonomic/src/generated/operations.md";
/// Where the inventory of the public surface lies.
pub(super) const SURFACE: &str = "tests/surface.txt";

/// A residue that is known and why it may stay.
#[derive(Debug, Deserialize)]
pub(super) struct Accepted {
    pub(super) pointer: String,
    #[allow(dead_code, reason = "its presence is what is required")]
    pub(super) reason: String,
}

/// What a document becomes.
pub(super) struct Generated {
    /// The files by their path below the output folder.
    pub(super) files: BTreeMap<String, String>,
    /// The files that lie outside it: tables for the tests of the bindings, the inventory of the public surface, former
    /// names, the table of methods.
    pub(super) elsewhere: BTreeMap<PathBuf, String>,
}

/// Generates every file; residues that are not accepted are an error.
pub(super) fn generate(curated: &Document, accepted: &[Accepted], methods: &Methods) -> Result<Generated> {
    let mut normal = curated.clone();
    let mut residues = Vec::<Residue>::new();
    for pass in PASSES {
        residues.extend((pass.run)(&mut normal).residues);
    }
    let (known, residues): (Vec<_>, Vec<_>) = residues
        .into_iter()
        .partition(|residue| accepted.iter().any(|accepted| accepted.pointer == residue.pointer.as_str()));
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
