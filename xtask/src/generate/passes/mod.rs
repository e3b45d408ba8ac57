//! The passes that convert the curated document into one that progenitor accepts, in their order.
//!
//! A pass is a pure function of the document: no clock, no files, sorted order. A construct that it cannot map is
//! reported as a residue with the JSON pointer. Generation fails on a residue that `subset.toml` does not accept with a
//! reason, so nothing is dropped silently.

mod aliases;
mod all_of;
mod enums;
mod hoist;
mod names;
mod objects;
mod optional;
mod parameters;
mod prune;
mod public_names;
mod report;
mod residue;
mod responses;
mod unions;
mod validation;
mod versions;

use crate::openapi::document::Document;

pub(crate) use optional::{CONSTRUCTOR, NULLABLE};
pub(crate) use public_names::{ALIAS, NAMES};
pub(crate) use report::{Report, Residue};
pub(crate) use residue::accept_any;
pub(crate) use unions::UNION;
pub(crate) use versions::{id_without_version, suffix, versions_of};

/// A named pass.
pub(crate) struct Pass {
    /// Its name, as in the file and the snapshot.
    pub(crate) name: &'static str,
    /// Its function.
    pub(crate) run: fn(&mut Document) -> Report,
}

/// All passes in order. Each relies on those before it.
pub(crate) const PASSES: &[Pass] = &[
    Pass { name: "responses", run: responses::run },
    Pass { name: "parameters", run: parameters::run },
    Pass { name: "versions", run: versions::run },
    Pass { name: "all_of", run: all_of::run },
    Pass { name: "enums", run: enums::run },
    Pass { name: "objects", run: objects::run },
    Pass { name: "hoist", run: hoist::run },
    Pass { name: "unions", run: unions::run },
    Pass { name: "aliases", run: aliases::run },
    Pass { name: "prune", run: prune::run },
    Pass { name: "validation", run: validation::run },
    Pass { name: "optional", run: optional::run },
    Pass { name: "residue", run: residue::run },
    Pass { name: "public_names", run: public_names::run },
    Pass { name: "names", run: names::run },
];

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::document as fixture;
