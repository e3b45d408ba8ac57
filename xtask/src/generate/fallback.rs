//! Generation that does not stop: a construct without a rule becomes any JSON, and an operation that fails is left out. Both
//! are listed with the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use anyhow::{Context, Error, Result, bail};

use super::{
    bindings::{self, Bindings},
    emit,
    passes::{PASSES, Residue, accept_any, id_without_version},
};
use crate::{
    curate::curation,
    openapi::{
        document::{Document, schemas},
        pointer::Pointer,
        references::named_schemas,
        walk::operations,
    },
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
    let mut rest = keep_operations(document, |id| !failed.contains_key(id));
    loop {
        match attempt(&rest) {
            Ok(run) => return Ok((run, failed)),
            Err(failure) => match failure.downcast::<Failing>() {
                Ok(Failing(named)) => failed.extend(named),
                Err(_) => break,
            },
        }
        rest = keep_operations(&rest, |id| !failed.contains_key(id));
    }
    let ids: Vec<String> = operations(&rest).map(|location| location.id().to_owned()).collect();
    let mut search = Search { document: &rest, failed: BTreeMap::new(), attempts: 0 };
    let sound: BTreeSet<String> = search.sound(&ids).into_iter().collect();
    failed.extend(search.failed);
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

/// The operations that make a document fail, with the reason for each.
#[derive(Debug)]
struct Failing(BTreeMap<String, String>);

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<&str> = self.0.values().map(String::as_str).collect();
        f.write_str(&reasons.join("; "))
    }
}

impl std::error::Error for Failing {}

/// How often a search generates a part of the document at most, so that its cost stays linear.
const MOST_ATTEMPTS: usize = 64;

/// A search by halves for operations that fail without naming themselves.
struct Search<'a> {
    document: &'a Document,
    failed: BTreeMap<String, String>,
    attempts: usize,
}

impl Search<'_> {
    /// The operations that pass together.
    fn sound(&mut self, ids: &[String]) -> Vec<String> {
        let Err(error) = self.attempt(ids) else { return ids.to_vec() };
        if self.has_failed(ids, &error) {
            return Vec::new();
        }
        let (first, second) = ids.split_at(ids.len() / 2);
        let first = self.sound(first);
        let second = self.sound(second);
        self.joined(first, &second)
    }

    /// Operations that pass together, with those of `more` that pass beside them.
    fn joined(&mut self, known: Vec<String>, more: &[String]) -> Vec<String> {
        let all = [known.as_slice(), more].concat();
        if more.is_empty() || known.is_empty() {
            return all;
        }
        let Err(error) = self.attempt(&all) else { return all };
        if self.has_failed(more, &error) {
            return known;
        }
        let (first, second) = more.split_at(more.len() / 2);
        let known = self.joined(known, first);
        self.joined(known, second)
    }

    /// Whether a failing part is left out as a whole: one operation, or any part once the search has cost enough.
    fn has_failed(&mut self, ids: &[String], error: &Error) -> bool {
        if ids.len() > 1 && self.attempts < MOST_ATTEMPTS {
            return false;
        }
        let others = if ids.len() > 1 { format!(" (or another of {} operations)", ids.len()) } else { String::new() };
        self.failed.extend(ids.iter().map(|id| (id.clone(), format!("{error:#}{others}"))));
        true
    }

    fn attempt(&mut self, ids: &[String]) -> Result<()> {
        self.attempts += 1;
        let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let mut part = keep_operations(self.document, |found| ids.contains(found));
        // A dangling reference is a residue of a later pass.
        let _dangling = curation::without_unused(&mut part);
        attempt(&part).map(|_| ())
    }
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
        let (mut accepted, mut failing) = (Vec::new(), BTreeMap::new());
        // Before and after the pass that reported them.
        let users = if report.residues.is_empty() { Vec::new() } else { vec![Users::of(&before), Users::of(&normal)] };
        for Residue { pointer, message, is_left_out } in report.residues {
            touched.extend(users.iter().flat_map(|users| users.reaching(&pointer)));
            if is_left_out {
                left_out.insert(pointer, message);
                continue;
            }
            // Names that would be equal in Rust make the later operation fail.
            if pass.name == "names" {
                let location = operations(&normal).find(|location| is_within(&pointer, &location.pointer()));
                let Some(location) = location else { bail!("{pointer}: {message}") };
                failing.insert(id_without_version(location.operation).to_owned(), format!("{pointer}: {message}"));
                continue;
            }
            accepted.push(pointer.clone());
            fallbacks.entry(pointer).or_insert(message);
        }
        if !failing.is_empty() {
            return Err(Failing(failing).into());
        }
        accept_any(&mut normal, &accepted);
    }
    let bindings = bindings::run(&normal)?;
    let source = emit::Source { curated: document, normal: &normal, bindings: &bindings };
    let files = emit::files(&source).map_err(|error| {
        let failing = emit::failing(&source);
        if failing.is_empty() { error } else { Failing(failing).into() }
    })?;
    Ok(Run { files, kept: document.clone(), normal, bindings, fallbacks, left_out, touched })
}

/// Whether `pointer` is the value at `outer` or inside of it.
fn is_within(pointer: &Pointer, outer: &Pointer) -> bool {
    let rest = pointer.as_str().strip_prefix(outer.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
            users.operations.push((location.pointer(), id_without_version(location.operation).to_owned()));
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
        let inside = self.operations.iter().filter(|(own, _)| is_within(pointer, own));
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
