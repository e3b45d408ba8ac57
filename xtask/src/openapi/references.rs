//! References between schemas: `$ref` and the mappings of discriminators.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    document::{Document, SCHEMAS, schemas},
    pointer::Pointer,
    walk::operations,
};

/// Maximum length of a chain of references. Longer ones are cycles.
pub(crate) const MAX_STEPS: usize = 64;

/// The target of a node's reference, with its pointer. Null if the reference is dangling or circular.
pub(crate) fn resolve<'a>(document: &'a Value, mut value: &'a Value, mut pointer: Pointer) -> (&'a Value, Pointer) {
    for _ in 0..MAX_STEPS {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return (value, pointer) };
        let Some((target, found)) =
            Pointer::of_reference(reference).and_then(|target| Some((target.clone(), target.get(document)?)))
        else {
            break;
        };
        (value, pointer) = (found, target);
    }
    (&Value::Null, pointer)
}

/// The path from the start of a walk. It builds a pointer only on request.
pub(crate) enum Trail<'a> {
    From(&'a Pointer),
    Key(&'a Trail<'a>, &'a str),
    Item(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    pub(crate) fn pointer(&self) -> Pointer {
        match self {
            Self::From(pointer) => (*pointer).clone(),
            Self::Key(before, key) => before.pointer().child(key),
            Self::Item(before, index) => before.pointer().item(*index),
        }
    }
}

/// Calls `found` with every reference at or below a node and the path to it.
///
/// A property named `discriminator` or `mapping` is not a reference.
pub(crate) fn references(node: &Value, way: &Trail<'_>, found: &mut dyn FnMut(&Trail<'_>, &str)) {
    match node {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found(way, reference);
            }
            for (key, member) in members {
                let way = Trail::Key(way, key);
                let has_tag = ["propertyName", "tag"].iter().any(|tag| member.get(tag).is_some_and(Value::is_string));
                let mapping = member.get("mapping").and_then(Value::as_object).filter(|_| has_tag);
                let targets = mapping.into_iter().flatten().filter_map(|(_, target)| target.as_str());
                targets.for_each(|target| found(&way, target));
                references(member, &way, found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| references(item, &Trail::Item(way, index), found));
        }
        _ => {}
    }
}

/// Adds the schema components that `value` names: by `$ref`, by the mapping of a discriminator, by the table of a
/// union.
pub(crate) fn named_schemas(value: &Value, names: &mut BTreeSet<String>) {
    references(value, &Trail::From(&Pointer::default()), &mut |_, target| match target.strip_prefix(SCHEMAS) {
        Some(name) => _ = names.insert(name.to_owned()),
        None if !target.starts_with('#') => _ = names.insert(target.to_owned()),
        None => {}
    });
}

/// The schema components reachable from `roots`, without duplicates.
pub(crate) fn reachable(document: &Document, roots: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let (mut seen, mut queue) = (BTreeSet::new(), roots.into_iter().collect::<Vec<_>>());
    while let Some(name) = queue.pop() {
        if let Some(schema) = schemas(document).get(&name)
            && seen.insert(name)
        {
            let mut found = BTreeSet::new();
            named_schemas(schema, &mut found);
            queue.extend(found);
        }
    }
    seen
}

/// Which schemas a client sends and receives.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Directions {
    /// Reachable from a request body.
    pub(crate) request: BTreeSet<String>,
    /// Reachable from a response, including error responses.
    pub(crate) response: BTreeSet<String>,
}

/// Follows the references of the request body and responses of every operation. `x-atlas-roots` count as responses.
pub(crate) fn directions(document: &Document) -> Directions {
    let (mut sent, mut got) = (BTreeSet::new(), BTreeSet::new());
    for location in operations(document) {
        named_schemas(&location.operation["requestBody"], &mut sent);
        named_schemas(&location.operation["responses"], &mut got);
    }
    for root in document["x-atlas-roots"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        got.insert(root.to_owned());
    }
    Directions { request: reachable(document, sent), response: reachable(document, got) }
}
