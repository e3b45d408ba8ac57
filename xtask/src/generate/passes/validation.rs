//! Strips keywords that would make the bindings reject a valid response or send a value that the caller did not set.
//!
//! Patterns and lengths become validating newtypes that refuse real responses of the service. Bounds select integer
//! types that are too small (responses exceed 32 bits). A default makes a PATCH send it. Formats other than `date-time`
//! (uuid, email, uri) fail a page on unusual text. The emulator and the operations table keep all of them.

use serde_json::Value;

use super::Report;
use crate::openapi::{document::Document, walk::every_schema};

const STRIPPED: [&str; 18] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "example",
    "examples",
    "externalDocs",
    "title",
];

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    every_schema(document, &mut |_, schema| {
        let Some(object) = schema.as_object_mut() else { return };
        let before = object.len();
        object.retain(|key, _| !STRIPPED.contains(&key.as_str()));
        report.changed += before - object.len();
        let kind = object.get("type").and_then(Value::as_str).map(str::to_owned);
        match (kind.as_deref(), object.get("format").and_then(Value::as_str)) {
            (Some("integer"), Some("int64")) | (Some("string"), Some("date-time")) | (_, None) => {}
            (Some("number"), Some("double")) => {}
            (Some("integer"), Some(_)) => {
                object.insert("format".to_owned(), "int64".into());
                report.changed += 1;
            }
            _ => {
                object.remove("format");
                report.changed += 1;
            }
        }
        // The generator would pick 64 bits for a bare integer only by chance, so state it.
        if kind.as_deref() == Some("integer") {
            object.insert("format".to_owned(), "int64".into());
        }
        // Additional properties are always allowed and kept.
        if object.contains_key("properties") {
            object.remove("additionalProperties");
        }
    });
    report
}
