//! Joins a `oneOf` of string enums into one enum, and opens enums of numbers.
//!
//! The service documents a region name as "one of the regions of one of three providers", often beside a wrong `type:
//! object`. On the wire it is a string. The values are joined in order, without duplicates. A list of allowed numbers
//! (policy intervals, node counts) is a rule for requests that the service checks, so the bindings accept any number. A list of null alone leaves the type.
//! A value that is listed twice counts once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Report;
use crate::openapi::{
    document::{Document, schema_ref, schemas, string_enum},
    walk::every_schema,
};

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let originals = schemas(document).clone();
    let resolve = |member: &Value| match schema_ref(member) {
        Some(name) => originals.get(name).cloned().unwrap_or_default(),
        None => member.clone(),
    };
    every_schema(document, &mut |_, schema| {
        if matches!(schema["type"].as_str(), Some("integer" | "number")) && schema.get("enum").is_some() {
            schema.as_object_mut().expect("it has a type").remove("enum");
            report.changed += 1;
        }
        if string_enum(schema).is_some_and(|values| values.is_empty()) {
            let object = schema.as_object_mut().expect("it has an enum");
            object.remove("enum");
            object.insert("nullable".to_owned(), true.into());
            report.changed += 1;
        }
        if let Some(values) = string_enum(schema) {
            let mut seen = BTreeSet::new();
            let once: Vec<&str> = values.iter().copied().filter(|value| seen.insert(*value)).collect();
            if once.len() < values.len() {
                schema["enum"] = json!(once);
                report.changed += 1;
            }
        }
        for key in ["oneOf", "anyOf"] {
            let Some(members) = schema.get(key).and_then(Value::as_array) else { continue };
            let members: Vec<Value> = members.iter().map(resolve).collect();
            let Some(values) = members.iter().map(string_enum).collect::<Option<Vec<_>>>() else { continue };
            let mut seen = BTreeSet::new();
            let values: Vec<&str> = values.into_iter().flatten().filter(|value| seen.insert(*value)).collect();
            let (values, words) = (json!(values), described(&members));
            let object = schema.as_object_mut().expect("it has members");
            object.remove(key);
            object.insert("type".to_owned(), "string".into());
            object.insert("enum".to_owned(), values);
            if !words.is_empty() {
                object.insert("x-enum-descriptions".to_owned(), Value::Object(words));
            }
            report.changed += 1;
        }
    });
    report
}

fn described(members: &[Value]) -> serde_json::Map<String, Value> {
    let tables = members.iter().filter_map(|member| member.get("x-enum-descriptions")?.as_object());
    tables.flatten().map(|(value, words)| (value.clone(), words.clone())).collect()
}
