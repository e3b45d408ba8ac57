//! Flattens `allOf` into plain objects.
//!
//! A subtype that composes its base (`allOf: [base, own]`) becomes one object with the properties of both. A base's own
//! `oneOf` and `discriminator` are not inherited: they lead back to the subtype, a cycle that overflows the generator's
//! stack. A property defined twice must agree except for its description, or narrow an enum. Anything else is a
//! conflict and is reported.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Report;
use crate::openapi::{
    document::{Document, schema_ref, schemas, string_enum, without_annotations},
    pointer::Pointer,
    walk::every_schema,
};

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    // Before subtypes inherit properties, so that they inherit plain references.
    every_schema(document, &mut |_, schema| {
        if let Some(reference) = described_reference(schema) {
            *schema = reference;
            report.changed += 1;
        }
    });
    let originals = schemas(document).clone();
    every_schema(document, &mut |pointer, schema| {
        if schema.get("allOf").is_some() {
            let mut trail = Vec::new();
            let flat = flatten(schema, &originals, pointer, &mut trail, &mut report);
            *schema = Value::Object(flat);
            report.changed += 1;
        }
    });
    report
}

/// The reference and the description of an `allOf: [$ref]` that only adds a description, which is how OpenAPI 3.0
/// describes a reference.
fn described_reference(schema: &Value) -> Option<Value> {
    let object = schema.as_object().filter(|object| object.keys().all(|key| key == "allOf" || key == "description"))?;
    let [only] = object.get("allOf")?.as_array()?.as_slice() else { return None };
    schema_ref(only)?;
    let mut reference = only.as_object()?.clone();
    reference.extend(object.get("description").map(|words| ("description".to_owned(), words.clone())));
    Some(Value::Object(reference))
}

/// The object of a schema, composed with its bases.
fn flatten(
    schema: &Value,
    originals: &Map<String, Value>,
    pointer: &Pointer,
    trail: &mut Vec<String>,
    report: &mut Report,
) -> Map<String, Value> {
    let mut flat = Map::new();
    let parts = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for part in parts {
        let inherited = match schema_ref(part) {
            Some(name) if trail.iter().any(|seen| seen == name) => {
                report.residue(pointer, format!("allOf leads back to {name}"));
                continue;
            }
            Some(name) => match originals.get(name) {
                Some(base) => {
                    trail.push(name.to_owned());
                    let mut base = flatten(base, originals, pointer, trail, report);
                    trail.pop();
                    for key in ["oneOf", "anyOf", "discriminator", "description", "nullable"] {
                        base.remove(key);
                    }
                    base.retain(|key, _| !key.starts_with("x-"));
                    base
                }
                None => {
                    report.residue(pointer, format!("cannot resolve {name}"));
                    continue;
                }
            },
            None => flatten(part, originals, pointer, trail, report),
        };
        merge(&mut flat, inherited, pointer, report);
    }
    let mut own = schema.as_object().cloned().unwrap_or_default();
    own.remove("allOf");
    merge(&mut flat, own, pointer, report);
    flat
}

/// Merges `over` into `under`: properties and `required` are united, and every other keyword of `over` wins.
fn merge(under: &mut Map<String, Value>, over: Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    for (key, value) in over {
        match (key.as_str(), under.get_mut(&key)) {
            ("properties", Some(Value::Object(properties))) => {
                for (name, schema) in value.as_object().cloned().unwrap_or_default() {
                    let location = pointer.child("properties").child(&name);
                    let merged = match properties.get(&name) {
                        Some(seen) => override_with(seen, schema, &location, report),
                        None => schema,
                    };
                    properties.insert(name, merged);
                }
            }
            ("required", Some(Value::Array(required))) => {
                let mut names: BTreeSet<String> =
                    required.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
                names.extend(value.as_array().into_iter().flatten().filter_map(|n| n.as_str().map(str::to_owned)));
                *required = names.into_iter().map(Value::String).collect();
            }
            _ => {
                under.insert(key, value);
            }
        }
    }
}

fn override_with(seen: &Value, schema: Value, pointer: &Pointer, report: &mut Report) -> Value {
    if without_annotations(seen) == without_annotations(&schema) {
        return schema;
    }
    match (string_enum(seen), string_enum(&schema)) {
        (Some(all), Some(some)) if some.iter().all(|value| all.contains(value)) => schema,
        _ => {
            report.residue(pointer, "the subtype defines the property differently from its base");
            schema
        }
    }
}
