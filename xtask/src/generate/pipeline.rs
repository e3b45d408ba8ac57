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

/// Path of the tables for the tests of the bindings.
pub(super) const TRIALS: &str = "crates/generated/tests/bindings/generated/trials.rs";
/// Path of the ergonomic crate's functions of former names.
pub(super) const FORMER: &str = "crates/ergonomic/src/generated/former.rs";
/// Path of the ergonomic crate's table of operations and methods.
pub(super) const METHODS: &str = "crates/ergonomic/src/generated/operations.md";
/// Path of the ergonomic crate's types of IDs.
pub(super) const IDS: &str = "crates/ergonomic/src/generated/ids.rs";
/// Path of the ergonomic crate's list of page types.
pub(super) const PAGES: &str = "crates/ergonomic/src/generated/pages.rs";
/// Path of the ergonomic crate's list of document keys.
pub(super) const KEYS: &str = "crates/ergonomic/src/generated/keys.rs";
/// Path of the inventory of the public surface.
pub(super) const SURFACE: &str = "tests/surface.txt";

/// An accepted residue and its reason.
#[derive(Debug, Deserialize)]
pub(super) struct Accepted {
    pub(super) pointer: String,
    #[allow(dead_code, reason = "its presence is what is required")]
    pub(super) reason: String,
}

/// An entry of a curation file that matches nothing in the document.
pub(super) struct Unmatched {
    pub(super) file: &'static str,
    /// The text of the entry by which it is found in the file.
    pub(super) key: String,
    pub(super) message: String,
}

/// The output for a document.
pub(super) struct Generated {
    /// The files by their path below the output folder.
    pub(super) files: BTreeMap<String, String>,
    /// The files outside of it: tables for the tests of the bindings, the inventory of the public surface, former
    /// names, the table of methods, pages and keys.
    pub(super) elsewhere: BTreeMap<PathBuf, String>,
    /// The entries of the curation without a match.
    pub(super) unmatched: Vec<Unmatched>,
}

/// The curation for the bindings, besides the document.
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

/// Generates every file. Residues that are not accepted are an error. Operations that only the emulator serves are left
/// out.
pub(super) fn generate(curated: &Document, curation: &Curation) -> Result<Generated> {
    let Curation { accepted, methods, ids, names } = curation;
    let curated = &published(curated);
    let mut normal = curated.clone();
    normal[passes::NAMES] = serde_json::json!(names);
    let (mut residues, mut met) = (Vec::<Residue>::new(), BTreeSet::new());
    for pass in PASSES {
        for residue in (pass.run)(&mut normal).residues {
            if accepted.iter().any(|accepted| accepted.pointer == residue.pointer.as_str()) {
                if !residue.is_left_out {
                    passes::accept_any(&mut normal, [&residue.pointer]);
                }
                met.insert(residue.pointer.as_str().to_owned());
            } else {
                residues.push(residue);
            }
        }
    }
    if !residues.is_empty() {
        let lines: Vec<String> =
            residues.iter().map(|found| format!("  {}: {}", found.pointer, found.message)).collect();
        bail!(
            "these constructs have no rule; write a rule, or accept each in subset.toml with a reason:\n{}",
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
    let mut unmatched = Vec::new();
    let mut add = |file, key: &str, message| unmatched.push(Unmatched { file, key: key.to_owned(), message });
    for entry in accepted.iter().filter(|entry| !met.contains(&entry.pointer)) {
        add("subset.toml", &entry.pointer, format!("accepts {}, which is not a residue", entry.pointer));
    }
    for official in names.keys().filter(|official| !matched.contains(official.as_str())) {
        add("names.toml", official, format!("the bindings have no type {official:?}"));
    }
    for id in former::unmatched(curated, methods) {
        add("methods.toml", id, format!("the bindings have no operation {id:?}"));
    }
    for (id, parameter) in ids::unmatched(curated, ids) {
        add("ids.toml", id, format!("{id}: no path of the bindings has the parameter {parameter:?}"));
    }
    Ok(Generated { files: emit::files(&source)?, elsewhere, unmatched })
}
