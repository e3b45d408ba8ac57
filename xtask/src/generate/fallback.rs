//! Generation that does not stop: a construct without a rule becomes any JSON, and an operation that fails is left out. Both
//! are listed with the reason.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use super::{
    bindings::{self, Bindings},
    emit,
    passes::{PASSES, Residue, accept_any},
};
use crate::openapi::{
    document::Document,
    pointer::Pointer,
    references::{named_schemas, reachable},
    walk::operations,
};

/// A document that passed.
pub(crate) struct Run {
    /// The text of each file by its path below `src/`.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) kept: Document,
    pub(crate) normal: Document,
    pub(crate) bindings: Bindings,
    /// Pointer and message of each construct that became any JSON.
    pub(crate) fallbacks: BTreeMap<Pointer, String>,
    /// Pointer and message of each construct that is left out.
    pub(crate) left_out: BTreeMap<Pointer, String>,
    /// The operations that reach such a construct.
    pub(crate) touched: BTreeSet<String>,
}

/// The document without the operations that fail, and the reason for each.
pub(crate) fn without_failing_operations(document: &Document) -> Result<(Run, BTreeMap<String, String>)> {
    let mut failed = refused(document);
    let rest = keep_operations(document, |id| !failed.contains_key(id));
    if let Ok(run) = attempt(&rest) {
        return Ok((run, failed));
    }
    let ids: Vec<String> = operations(&rest).map(|location| location.id().to_owned()).collect();
    let sound: BTreeSet<String> = sound(&rest, &ids, &mut failed).into_iter().collect();
    let run = attempt(&keep_operations(&rest, |id| sound.contains(id)));
    Ok((run.context("operations that pass together fail")?, failed))
}

/// The operations that the first passes refuse, so that nothing has to be tried for them.
fn refused(document: &Document) -> BTreeMap<String, String> {
    let mut normal = document.clone();
    let mut refused = BTreeMap::new();
    for pass in PASSES.iter().take_while(|pass| pass.name != "all_of") {
        for Residue { pointer, message, .. } in (pass.run)(&mut normal).residues {
            let found = operations(document).find(|location| location.pointer() == pointer);
            refused.extend(found.map(|location| (location.id().to_owned(), format!("{pointer}: {message}"))));
        }
    }
    refused
}

/// The operations that pass together, found by halves: the cost of each failing operation is logarithmic.
fn sound(document: &Document, ids: &[String], failed: &mut BTreeMap<String, String>) -> Vec<String> {
    match (ids, attempt_of(document, ids)) {
        (_, Ok(())) => ids.to_vec(),
        ([id], Err(error)) => {
            failed.insert(id.clone(), format!("{error:#}"));
            Vec::new()
        }
        (ids, Err(_)) => {
            let (first, second) = ids.split_at(ids.len() / 2);
            let first = sound(document, first, failed);
            let second = sound(document, second, failed);
            joined(document, first, &second, failed)
        }
    }
}

/// Operations that pass together, with those of `more` that pass beside them.
fn joined(
    document: &Document,
    known: Vec<String>,
    more: &[String],
    failed: &mut BTreeMap<String, String>,
) -> Vec<String> {
    if more.is_empty() || known.is_empty() {
        return [known.as_slice(), more].concat();
    }
    let all = [known.as_slice(), more].concat();
    match (more, attempt_of(document, &all)) {
        (_, Ok(())) => all,
        ([id], Err(error)) => {
            failed.insert(id.clone(), format!("{error:#}"));
            known
        }
        (more, Err(_)) => {
            let (first, second) = more.split_at(more.len() / 2);
            let known = joined(document, known, first, failed);
            joined(document, known, second, failed)
        }
    }
}

fn attempt_of(document: &Document, ids: &[String]) -> Result<()> {
    attempt(&keep_operations(document, |found| ids.iter().any(|id| id == found))).map(|_| ())
}

pub(super) fn keep_operations(document: &Document, keep: impl Fn(&str) -> bool) -> Document {
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
    let (mut fallbacks, mut left_out, mut touched) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for pass in PASSES {
        let before = normal.clone();
        let report = (pass.run)(&mut normal);
        for Residue { pointer, message, is_left_out } in report.residues {
            touched.extend(operations_reaching(&before, &normal, &pointer));
            if is_left_out {
                left_out.insert(pointer, message);
                continue;
            }
            // Fields or values with names that are equal: their schema. Other names make the operation fail.
            let schema = if pass.name == "names" { schema_of_names(&pointer) } else { Some(pointer.clone()) };
            let Some(schema) = schema else { bail!("{pointer}: {message}") };
            accept_any(&mut normal, &schema);
            fallbacks.entry(pointer).or_insert(message);
        }
    }
    let bindings = bindings::run(&normal)?;
    let files = emit::files(&emit::Source { curated: document, normal: &normal, bindings: &bindings })?;
    Ok(Run { files, kept: document.clone(), normal, bindings, fallbacks, left_out, touched })
}

/// The schema whose fields or values are at `pointer`.
fn schema_of_names(pointer: &Pointer) -> Option<Pointer> {
    let keys = pointer.keys();
    let is_schema = matches!(keys.as_slice(), [components, schemas, _, part]
        if components == "components" && schemas == "schemas" && matches!(part.as_str(), "properties" | "enum"));
    pointer.parent().filter(|_| is_schema)
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
