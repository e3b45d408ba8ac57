//! Finds constructs that no pass has mapped: a remaining union or composition, a dangling reference, a type without a
//! form in the bindings. An accepted residue becomes any JSON ([`accept_any`]).

use serde_json::json;

use super::{Report, UNION};
use crate::openapi::{
    document::{Document, schema_ref, schemas},
    pointer::Pointer,
    walk::every_schema,
};

/// Replaces the schema of each residue at `pointers` by any JSON.
pub(crate) fn accept_any<'a>(document: &mut Document, pointers: impl IntoIterator<Item = &'a Pointer>) {
    let mut replaced = false;
    for pointer in pointers {
        replaced |= replace(document, pointer);
    }
    if replaced {
        super::aliases::run(document);
    }
}

/// Whether there was a schema to replace.
fn replace(document: &mut Document, pointer: &Pointer) -> bool {
    const KEYWORDS: [&str; 6] = ["oneOf", "anyOf", "allOf", "not", "discriminator", "enum"];
    let is_keyword = pointer.keys().last().is_some_and(|last| KEYWORDS.contains(&last.as_str()));
    let location = pointer.parent().filter(|_| is_keyword).unwrap_or_else(|| pointer.clone());
    let Some(schema) = location.get_mut(document) else { return false };
    let words = schema.get("description").cloned();
    *schema = words.map_or_else(|| json!({}), |words| json!({ "description": words }));
    true
}

const KNOWN: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let names: Vec<String> = schemas(document).keys().cloned().collect();
    every_schema(document, &mut |pointer, schema| {
        for key in ["oneOf", "anyOf", "allOf", "not", "discriminator"] {
            if schema.get(key).is_some() && schema.get(UNION).is_none() {
                report.residue(pointer.child(key), format!("{key} that no rule maps"));
            }
        }
        if schema.get("$ref").is_some() {
            match schema_ref(schema) {
                Some(name) if names.iter().any(|known| known == name) => {}
                _ => report.residue(pointer, format!("cannot resolve {}", schema["$ref"])),
            }
        }
        if let Some(kind) = schema.get("type")
            && !kind.as_str().is_some_and(|kind| KNOWN.contains(&kind))
        {
            report.residue(pointer, format!("type {kind} is not valid in OpenAPI 3.0"));
        }
        if schema.get("enum").is_some() && schema["type"] != "string" {
            report.residue(pointer, "an enum with values that are not strings");
        }
    });
    report
}
