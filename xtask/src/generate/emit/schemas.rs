//! What `JsonSchema` answers: the normalised schemas as data, and one line of code a type.

use heck::ToPascalCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Source, words};
use crate::generate::{document::schemas, passes::UNION};

/// The schemas by type name, as the generated crate embeds them.
pub(crate) fn document(source: &Source<'_>) -> String {
    let mut table = serde_json::Map::new();
    for (name, schema) in schemas(source.normal) {
        table.insert(name.to_pascal_case(), open(schema));
    }
    serde_json::to_string(&Value::Object(table)).expect("a value is JSON") + "\n"
}

/// The schema as the bindings take it: open enums, no private notes, references by type name.
fn open(schema: &Value) -> Value {
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
                        let properties = properties.iter().map(|(name, value)| (name.clone(), open(value)));
                        opened.insert(key.clone(), Value::Object(properties.collect()));
                    }
                    (key, _) if key.starts_with("x-") => {}
                    (key, value) => {
                        opened.insert(key.to_owned(), open(value));
                    }
                }
            }
            Value::Object(opened)
        }
        Value::Array(items) => Value::Array(items.iter().map(open).collect()),
        other => other.clone(),
    }
}

/// The implementations, and the table that turns a reference into its type.
pub(crate) fn file(source: &Source<'_>) -> TokenStream {
    let names: Vec<_> = schemas(source.normal).keys().map(|name| format_ident!("{}", name.to_pascal_case())).collect();
    let about = words::inner_doc("JSON Schema of each type, behind the feature `schemars`.");
    quote! {
        #about
        use crate::types::*;

        atlas_backup_runtime::schemas! { "schemas.json"; #(#names),* }
    }
}
