//! Generation that does not stop: a construct without a rule becomes any JSON, and an operation that fails is left out. Both
//! are listed with the reason.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use heck::ToLowerCamelCase as _;
use serde_json::json;

use super::{
    bindings::{self, Bindings},
    passes::{PASSES, Residue, accept_any},
};
use crate::openapi::{
    document::Document,
    pointer::Pointer,
    references::{named_schemas, reachable},
    walk::{operations, operations_mut},
};

/// A document that passed.
pub(crate) struct Run {
    pub(crate) kept: Document,
    pub(crate) normal: Document,
    pub(crate) bindings: Bindings,
    /// Pointer and message of each construct that became any JSON.
    pub(crate) fallbacks: BTreeMap<Pointer, String>,
    /// The operations that reach such a construct.
    pub(crate) touched: BTreeSet<String>,
}

/// The document without the operations that fail, and the reason for each.
pub(crate) fn without_failing_operations(document: &Document) -> Result<(Run, BTreeMap<String, String>)> {
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

/// Gives every operation an id: one without is named after its method and path, such as `getThingsId`. Call it before anything
/// selects operations by their id.
pub(crate) fn add_missing_ids(document: &mut Document) {
    operations_mut(document, |pointer, operation| {
        if operation["operationId"].as_str().is_none_or(str::is_empty) {
            let keys = pointer.keys();
            let [.., path, method] = keys.as_slice() else { return };
            operation["operationId"] = json!(format!("{method} {path}").to_lower_camel_case());
        }
    });
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
