//! Drops components that no operation reaches, such as the members of a joined union.

use std::collections::BTreeSet;

use super::Report;
use crate::openapi::{
    document::{Document, schemas_mut},
    references::{directions, named_schemas, reachable},
};

pub(super) fn run(document: &mut Document) -> Report {
    let used = directions(document);
    let mut named = BTreeSet::new();
    named_schemas(&document["paths"], &mut named);
    let used: BTreeSet<String> =
        used.request.into_iter().chain(used.response).chain(reachable(document, named)).collect();
    let components = schemas_mut(document);
    let before = components.len();
    components.retain(|name, _| used.contains(name));
    Report { changed: before - components.len(), residues: Vec::new() }
}
