//! From a curated document to the text of every generated file: passes, progenitor, emitter.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::{Result, bail};
use serde::Deserialize;

use super::{
    bindings,
    emit::{
        self,
        former::{self, Methods},
        ids::{self, Ids},
        resources,
    },
    passes::{self, PASSES, Residue},
    surface,
};
use crate::{
    curate::curation::published,
    openapi::document::{Document, schemas},
};

/// Where the tables lie that the tests of the bindings go by.
pub(super) const TRIALS: &str = "crates/generated/tests/bindings/generated/trials.rs";
/// Where the ergonomic crate's functions of former names lie.
pub(super) const FORMER: &str = "crates/ergonomic/src/generated/former.rs";
/// Where the ergonomic crate's table of operations and methods lies.
pub(super) const METHODS: &str = "crates/ergonomic/src/generated/operations.md";
/// Where the ergonomic crate's types of IDs lie.
pub(super) const IDS: &str = "crates/ergonomic/src/generated/ids.rs";
/// Where the ergonomic crate's list of page types lies.
pub(super) const PAGES: &str = "crates/ergonomic/src/generated/pages.rs";
/// Where the ergonomic crate's list of the keys of documents lies.
pub(super) const KEYS: &str = "crates/ergonomic/src/generated/keys.rs";
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
    /// names, the table of methods, pages and keys.
    pub(super) elsewhere: BTreeMap<PathBuf, String>,
    /// The official names in `names.toml` that no type has.
    pub(super) unmatched: Vec<String>,
}

/// What the curation says of the bindings, beside the document.
#[derive(Debug, Default)]
pub(super) struct Curation {
    /// The accepted residues (`subset.toml`).
    pub(super) accepted: Vec<Accepted>,
    /// The methods of the ergonomic crate (`methods.toml`).
    pub(super) methods: Methods,
    /// The types of IDs of the ergonomic crate (`ids.toml`).
    pub(super) ids: Ids,
    /// The public names of types by official name (`names.toml`).
    pub(super) names: BTreeMap<String, String>,
}

/// Generates every file; residues that are not accepted are an error. Operations that only the emulator serves are left
/// out.
pub(super) fn generate(curated: &Document, curation: &Curation) -> Result<Generated> {
    let Curation { accepted, methods, ids, names } = curation;
    let curated = &published(curated);
    let mut normal = curated.clone();
    normal[passes::NAMES] = serde_json::json!(names);
    let mut residues = Vec::<Residue>::new();
    for pass in PASSES {
        for residue in (pass.run)(&mut normal).residues {
            if accepted.iter().any(|accepted| accepted.pointer == residue.pointer.as_str()) {
                passes::accept_any(&mut normal, &residue.pointer);
            } else {
                residues.push(residue);
            }
        }
    }
    if !residues.is_empty() {
        let lines: Vec<String> =
            residues.iter().map(|found| format!("  {}: {}", found.pointer, found.message)).collect();
        bail!(
            "these constructs have no rule; write a rule, or accept each in subset.toml with its reason:\n{}",
            lines.join("\n")
        );
    }
    let bindings = bindings::run(&normal)?;
    let source = emit::Source { curated, normal: &normal, bindings: &bindings };
    let elsewhere = [
        (TRIALS, emit::trials(&source)?),
        (SURFACE, surface::inventory(&source)?),
        (FORMER, former::module(&source, methods, ids)?),
        (METHODS, former::table(&source, methods)),
        (IDS, ids::module(&source, ids)?),
        (PAGES, resources::pages(&source)?),
        (KEYS, resources::keys(&source)?),
    ];
    let elsewhere = elsewhere.into_iter().map(|(path, text)| (PathBuf::from(path), text)).collect();
    let matched: BTreeSet<&str> =
        schemas(&normal).values().filter_map(|schema| schema[passes::ALIAS].as_str()).collect();
    let unmatched = names.keys().filter(|official| !matched.contains(official.as_str())).cloned().collect();
    Ok(Generated { files: emit::files(&source)?, elsewhere, unmatched })
}
