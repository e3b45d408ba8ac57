//! Marks discriminated unions, so that the bindings select the member by its tag.
//!
//! Two forms exist: a base with `oneOf` and `discriminator`, and a base with only a `discriminator` whose mapping names
//! the subtypes. Several tag values may name one subtype. The base becomes an empty object with the table of its
//! members in [`UNION`], and the emitter writes the enum. Each member keeps or gets its tag property.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Report;
use crate::openapi::{
    document::{Document, SCHEMAS, schema_ref, schemas_mut},
    pointer::Pointer,
};

/// The extension with the table of a union: `{"tag": property, "mapping": {tag value: schema}}`.
pub(crate) const UNION: &str = "x-atlas-union";

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let components = schemas_mut(document);
    let names: Vec<String> = components.keys().cloned().collect();
    for name in names {
        let schema = &components[&name];
        let Some(discriminator) = schema.get("discriminator") else { continue };
        let pointer = Pointer::of_component("schemas", &name).child("discriminator");
        let Some(tag) = discriminator["propertyName"].as_str().map(str::to_owned) else {
            report.residue(pointer, "a discriminator without propertyName");
            continue;
        };
        let mapping = mapping(schema, discriminator);
        let unknown: Vec<&String> = mapping.values().filter(|member| !components.contains_key(*member)).collect();
        if mapping.is_empty() || !unknown.is_empty() {
            report.residue(pointer, format!("a discriminator whose members do not resolve: {unknown:?}"));
            continue;
        }
        for member in mapping.values() {
            let member = &mut components[member];
            if member["properties"].get(&tag).is_none() {
                let words = "Tells which kind of document this is.";
                member["properties"][&tag] = json!({ "type": "string", "description": words });
            }
        }
        let description = components[&name].get("description").cloned().unwrap_or_default();
        components.insert(
            name,
            json!({ "type": "object", "description": description, UNION: { "tag": tag, "mapping": mapping } }),
        );
        report.changed += 1;
    }
    report
}

/// Tag value to schema name: from the mapping, or else from the members' names, as OpenAPI defines.
fn mapping(schema: &Value, discriminator: &Value) -> BTreeMap<String, String> {
    let strip = |target: &str| target.strip_prefix(SCHEMAS).unwrap_or(target).to_owned();
    let explicit = discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten();
    let mut found: BTreeMap<String, String> =
        explicit.filter_map(|(tag, target)| Some((tag.clone(), strip(target.as_str()?)))).collect();
    for member in schema.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = schema_ref(member)
            && !found.values().any(|seen| seen == name)
        {
            found.insert(name.to_owned(), name.to_owned());
        }
    }
    found
}
