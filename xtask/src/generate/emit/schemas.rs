//! Data of `JsonSchema`: the normalised schemas, and one line of code per type.

use heck::ToPascalCase;
use serde_json::Value;

use super::{HEADER, Source};
use crate::generate::passes::UNION;
use crate::openapi::document::schemas;

/// The schemas by type name, embedded in the generated crate.
pub(crate) fn document(source: &Source<'_>) -> String {
    let mut table = serde_json::Map::new();
    for (name, schema) in schemas(source.normal) {
        table.insert(name.to_pascal_case(), open_enums(schema));
    }
    object(&table, 0, &|_, schema| match schema.as_object() {
        Some(schema) => object(schema, 1, &|key, value| match value.as_object() {
            Some(properties) if key == "properties" => object(properties, 2, &|_, property| property.to_string()),
            _ => value.to_string(),
        }),
        None => schema.to_string(),
    }) + "\n"
}

/// An object with one line per entry.
fn object(entries: &serde_json::Map<String, Value>, depth: usize, write: &dyn Fn(&str, &Value) -> String) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    let indent = " ".repeat(depth);
    let entries =
        entries.iter().map(|(key, value)| format!("\n{indent} {}: {}", Value::from(key.as_str()), write(key, value)));
    format!("{{{}\n{indent}}}", entries.collect::<Vec<_>>().join(","))
}

/// The schema of the bindings: open enums, no internal extensions, references by type name.
fn open_enums(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            if let Some(union) = schema.get(UNION) {
                let members: std::collections::BTreeSet<&str> =
                    union["mapping"].as_object().into_iter().flatten().filter_map(|(_, name)| name.as_str()).collect();
                let mut any: Vec<Value> = members
                    .into_iter()
                    .map(|name| serde_json::json!({ "$ref": format!("#/$defs/{}", name.to_pascal_case()) }))
                    .collect();
                any.push(serde_json::json!({ "type": "object" }));
                return serde_json::json!({ "description": schema["description"], "anyOf": any });
            }
            if let Some(values) = schema.get("enum") {
                let known = serde_json::json!({ "enum": values });
                let any = serde_json::json!([known, { "type": "string" }]);
                return serde_json::json!({ "description": schema["description"], "anyOf": any });
            }
            let nullable = object.get("nullable") == Some(&Value::Bool(true));
            let mut opened = serde_json::Map::new();
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("nullable", _) => {}
                    ("type", Value::String(kind)) if nullable => {
                        opened.insert(key.clone(), serde_json::json!([kind, "null"]));
                    }
                    ("$ref", Value::String(target)) => {
                        let name = target.rsplit('/').next().unwrap_or_default().to_pascal_case();
                        opened.insert(key.clone(), format!("#/$defs/{name}").into());
                    }
                    ("properties", Value::Object(properties)) => {
                        let properties = properties.iter().map(|(name, value)| (name.clone(), open_enums(value)));
                        opened.insert(key.clone(), Value::Object(properties.collect()));
                    }
                    (key, _) if key.starts_with("x-") => {}
                    (key, value) => {
                        opened.insert(key.to_owned(), open_enums(value));
                    }
                }
            }
            Value::Object(opened)
        }
        Value::Array(items) => Value::Array(items.iter().map(open_enums).collect()),
        other => other.clone(),
    }
}

/// The implementations, and the table that maps a reference to its type.
pub(crate) fn file(source: &Source<'_>) -> String {
    let names: String = schemas(source.normal).keys().map(|name| format!("    {},\n", name.to_pascal_case())).collect();
    let about = "//! JSON Schema of each type, behind the feature `schemars`.\n\nuse crate::types::*;\n";
    format!("{HEADER}{about}\natlas_backup_runtime::schemas! {{\n    \"schemas.json\";\n{names}}}\n")
}
