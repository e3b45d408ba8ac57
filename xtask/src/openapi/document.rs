//! An OpenAPI document as plain JSON with sorted keys, and its schema components.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// An OpenAPI document as JSON.
pub(crate) type Document = Value;

/// The prefix of a reference to a schema component.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";

/// Reads one of this project's documents, which are JSON. Returns its text and value.
///
/// # Errors
/// Returns an error if the file cannot be read or is not JSON.
pub(crate) fn read(path: &Path) -> Result<(String, Document)> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let document = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    Ok((text, document))
}

/// The schema name of `{"$ref": "#/components/schemas/Name"}`.
pub(crate) fn schema_ref(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

/// The schema components.
pub(crate) fn schemas(document: &Document) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    document.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&EMPTY)
}

/// The schema components, created if missing.
pub(crate) fn schemas_mut(document: &mut Document) -> &mut Map<String, Value> {
    let mut location = document;
    for key in ["components", "schemas"] {
        if !location.get(key).is_some_and(Value::is_object) {
            location[key] = Value::Object(Map::new());
        }
        location = &mut location[key];
    }
    location.as_object_mut().expect("made an object above")
}

/// A schema without its descriptions. Two schemas that are equal in this are the same type.
pub(crate) fn without_annotations(schema: &Value) -> Value {
    const WORDS: [&str; 9] = [
        "description",
        "title",
        "example",
        "examples",
        "externalDocs",
        "deprecated",
        "default",
        "readOnly",
        "writeOnly",
    ];
    match schema {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(key, value)| !(WORDS.contains(&key.as_str()) && !value.is_object() || key.starts_with("x-")))
                .map(|(key, value)| (key.clone(), without_annotations(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_annotations).collect()),
        other => other.clone(),
    }
}

/// The values of a string enum. `None` for other schemas.
pub(crate) fn string_enum(schema: &Value) -> Option<Vec<&str>> {
    schema.get("enum")?.as_array()?.iter().filter(|value| !value.is_null()).map(Value::as_str).collect()
}
