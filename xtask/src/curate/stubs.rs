//! Stubs of all missing descriptions: an overlay with empty texts and the known facts as comments.
//!
//! An empty text counts as missing, so the check reports it until it is written. Names, types and values are facts. The
//! official prose was removed before.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use crate::openapi::{pointer::Pointer, walk::operations};

/// One overlay action with empty texts.
struct Stub {
    target: String,
    context: String,
    texts: &'static str,
}

/// The overlay for the items at these pointers. `title` names its subject.
pub(super) fn skeleton(document: &Value, missing: &[Pointer], title: &str) -> String {
    let mut text = format!("overlay: 1.0.0\ninfo:\n  title: 'Descriptions: {title}'\n  version: 1.0.0\nactions:\n");
    for Stub { target, context, texts } in stubs(document, missing) {
        let context = if context.is_empty() { context } else { format!("    # {context}\n") };
        let _ = write!(text, "  - target: {target}\n{context}    update:\n{texts}");
    }
    text
}

const DESCRIPTION: &str = "      description: ''\n";
const OPERATION: &str = "      summary: ''\n      description: ''\n";

fn stubs(document: &Value, missing: &[Pointer]) -> Vec<Stub> {
    let mut stubs = Vec::new();
    let mut properties: BTreeMap<String, Vec<(String, &Value)>> = BTreeMap::new();
    let mut seen = Vec::new();
    for pointer in missing {
        let keys = pointer.keys();
        let item = pointer.get(document).unwrap_or(&Value::Null);
        match keys.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["components", "schemas", schema, "properties", name] => {
                properties.entry((*name).to_owned()).or_default().push(((*schema).to_owned(), item));
            }
            ["paths", _, _] if seen.contains(pointer) => {}
            _ => {
                let operation = matches!(keys.as_slice(), [paths, _, _] if paths == "paths");
                let context = if operation { signature(document, pointer) } else { kind(item) };
                let texts = if operation { OPERATION } else { DESCRIPTION };
                stubs.push(Stub { target: path(document, &keys), context, texts });
                seen.push(pointer.clone());
            }
        }
    }
    stubs.extend(properties.into_iter().map(|(name, locations)| {
        let schemas: Vec<String> = locations.iter().map(|(schema, _)| format!("'{schema}'")).collect();
        let mut kinds: Vec<String> = locations.iter().map(|(_, item)| kind(item)).collect();
        kinds.dedup();
        let target = format!("$.components.schemas[{}].properties{}", schemas.join(", "), member(&name));
        Stub { target, context: kinds.join(" / "), texts: DESCRIPTION }
    }));
    stubs
}

/// Name and parameters of an operation.
fn signature(document: &Value, pointer: &Pointer) -> String {
    let location = operations(document).find(|location| location.pointer() == *pointer);
    location.map_or_else(String::new, |location| {
        format!("{} of {}", location.id(), location.operation["tags"][0].as_str().unwrap_or_default())
    })
}

/// Type, values and bounds of a schema, or of the content of a parameter or header.
fn kind(item: &Value) -> String {
    let schema = item.get("schema").unwrap_or(item);
    let mut facts = Vec::new();
    if let Some(reference) = schema["$ref"].as_str() {
        facts.push(reference.rsplit('/').next().unwrap_or_default().to_owned());
    }
    facts.extend(["type", "format"].iter().filter_map(|key| schema[key].as_str().map(str::to_owned)));
    for key in ["enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "default", "required"] {
        if let Some(value) = schema.get(key) {
            facts.push(format!("{key} {value}"));
        }
    }
    facts.extend(
        ["readOnly", "writeOnly", "nullable"].iter().filter(|key| schema[key] == true).map(ToString::to_string),
    );
    if schema["items"].is_object() {
        facts.push(format!("of {}", kind(&schema["items"])));
    }
    if let Some(properties) = schema["properties"].as_object() {
        facts.push(format!("with {}", properties.keys().cloned().collect::<Vec<_>>().join(" ")));
    }
    facts.join(", ")
}

/// A pointer as a JSONPath. Parameters are addressed by name.
fn path(document: &Value, keys: &[String]) -> String {
    let mut path = "$".to_owned();
    let mut pointer = Pointer::default();
    for key in keys {
        let list = pointer.get(document).is_some_and(Value::is_array);
        pointer = pointer.child(key);
        let name = pointer.get(document).and_then(|item| item["name"].as_str());
        path += &match name {
            Some(name) if list => format!("[?@.name == '{name}']"),
            None if list => format!("[{key}]"),
            _ => member(key),
        };
    }
    path
}

fn member(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let plain = plain && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if plain { format!(".{name}") } else { format!("['{name}']") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::curate::{described, overlay::Overlay, report::Report};

    #[test]
    fn stubs_name_each_missing_text_once_with_its_type() {
        let named = json!({"properties": {"name": {"type": "string", "enum": ["A", "B"]}}});
        let document = json!({
            "info": {"description": "About it."},
            "paths": {"/a": {"get": {
                "operationId": "listAs", "tags": ["As"], "externalDocs": {"url": "https://example.com"},
                "parameters": [{"name": "filter", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
                "responses": {"200": {}},
            }}},
            "components": {"schemas": {"A": named, "B": named}},
        });
        let text = skeleton(&document, &described::missing(&document), "As");
        insta::assert_snapshot!(text);
        let mut report = Report::default();
        let mut described = document.clone();
        Overlay::parse("stubs.yaml", &text, false).unwrap().apply(&mut described, &mut report);
        assert!(report.into_findings().is_empty());
        assert_eq!(described::missing(&described), described::missing(&document), "an empty text is still missing");
    }
}
