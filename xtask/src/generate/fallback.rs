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
    document::{Document, schemas},
    pointer::Pointer,
    references::named_schemas,
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
        let mut accepted = Vec::new();
        // Before and after the pass that reported them.
        let users = if report.residues.is_empty() { Vec::new() } else { vec![Users::of(&before), Users::of(&normal)] };
        for Residue { pointer, message, is_left_out } in report.residues {
            touched.extend(users.iter().flat_map(|users| users.reaching(&pointer)));
            if is_left_out {
                left_out.insert(pointer, message);
                continue;
            }
            // Fields or values with names that are equal: their schema. Other names make the operation fail.
            let schema = if pass.name == "names" { schema_of_names(&pointer) } else { Some(pointer.clone()) };
            let Some(schema) = schema else { bail!("{pointer}: {message}") };
            accepted.push(schema);
            fallbacks.entry(pointer).or_insert(message);
        }
        accept_any(&mut normal, &accepted);
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

/// The users of each schema of a document, so that the operations that reach one are found without reading the document
/// for each.
#[derive(Default)]
struct Users {
    /// Pointer and id of every operation.
    operations: Vec<(Pointer, String)>,
    /// The schemas that name a schema.
    schemas: BTreeMap<String, Vec<String>>,
    /// The operations that name a schema, as positions in `operations`.
    named_by: BTreeMap<String, Vec<usize>>,
}

impl Users {
    fn of(document: &Document) -> Self {
        let mut users = Self::default();
        for location in operations(document) {
            let mut named = BTreeSet::new();
            named_schemas(location.operation, &mut named);
            for name in named {
                users.named_by.entry(name).or_default().push(users.operations.len());
            }
            let id = location.id();
            let id = id.split_once("_v").map_or(id, |(id, _)| id).to_owned();
            users.operations.push((location.pointer(), id));
        }
        for (user, schema) in schemas(document) {
            let mut named = BTreeSet::new();
            named_schemas(schema, &mut named);
            for name in named {
                users.schemas.entry(name).or_default().push(user.clone());
            }
        }
        users
    }

    /// The ids of the operations that reach the schema at `pointer` or contain it.
    fn reaching(&self, pointer: &Pointer) -> BTreeSet<String> {
        let inside = self.operations.iter().filter(|(own, _)| pointer.as_str().starts_with(own.as_str()));
        let mut found: BTreeSet<String> = inside.map(|(_, id)| id.clone()).collect();
        let mut queue: Vec<String> = pointer.schema().into_iter().collect();
        let mut seen: BTreeSet<String> = queue.iter().cloned().collect();
        while let Some(name) = queue.pop() {
            let named_by = self.named_by.get(&name).into_iter().flatten();
            found.extend(named_by.map(|at| self.operations[*at].1.clone()));
            let users = self.schemas.get(&name).into_iter().flatten();
            queue.extend(users.filter(|user| seen.insert((*user).clone())).cloned());
        }
        found
    }
}
