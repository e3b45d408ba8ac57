//! Strips what would make the bindings reject a valid answer or send a value that nobody set.
//!
//! Patterns and lengths become validating newtypes that refuse what the service really responses; bounds pick integer
//! types that are too small (responses exceed 32 bits); a default makes a PATCH send it; formats other than
//! `date-time` (uuid, email, uri) turn odd text into a failed page. The emulator and the operations table keep them.

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
        // A bare integer would become a 64-bit one by luck of the generator: say it.
        if kind.as_deref() == Some("integer") {
            object.insert("format".to_owned(), "int64".into());
        }
        // Whether more properties may come is not a question: they always may, and are kept.
        if object.contains_key("properties") {
            object.remove("additionalProperties");
        }
    });
    report
}
