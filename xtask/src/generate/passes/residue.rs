//! Looks for what no pass has mapped: a union or composition that is left, a reference that leads nowhere, a type
//! the bindings have no shape for.

use serde_json::Value;

use super::{Report, UNION};
use crate::generate::document::{Document, every_schema, schema_ref, schemas};

const KNOWN: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let names: Vec<String> = schemas(document).keys().cloned().collect();
    every_schema(document, &mut |pointer, schema| {
        for key in ["oneOf", "anyOf", "allOf", "not", "discriminator"] {
            if schema.get(key).is_some() && schema.get(UNION).is_none() {
                report.residue(format!("{pointer}/{key}"), format!("{key} that no rule maps"));
            }
        }
        if schema.get("$ref").is_some() {
            match schema_ref(schema) {
                Some(name) if names.iter().any(|known| known == name) => {}
                _ => report.residue(pointer, format!("{} does not resolve", schema["$ref"])),
            }
        }
        if let Some(kind) = schema.get("type")
            && !kind.as_str().is_some_and(|kind| KNOWN.contains(&kind))
        {
            report.residue(pointer, format!("type {kind} is not one of OpenAPI 3.0"));
        }
        if schema.get("enum").is_some() && schema["type"] != Value::from("string") {
            report.residue(pointer, "an enum that is not of strings");
        }
    });
    report
}
