//! Decides which fields are optional, and where null has a meaning.
//!
//! A response guarantees nothing: the service sends null for, or omits, fields that its document requires. So every
//! field of a response type is optional except the items of a page. A type that only requests use keeps its
//! required fields. The arguments of constructors are recorded in [`CONSTRUCTOR`] first. Null means absent, except
//! where a request's schema is nullable: those properties are recorded in [`NULLABLE`], and the bindings distinguish
//! absent, null and a value. Optional lists and maps are marked nullable, so that the generator distinguishes an absent
//! list from an empty one.

use serde_json::{Value, json};

use super::Report;
use crate::openapi::{
    document::{Document, schema_ref, schemas, schemas_mut},
    references::directions,
    walk::operations_mut,
};

/// The extension that lists a request type's required, writable properties.
pub(crate) const CONSTRUCTOR: &str = "x-atlas-constructor";
/// The extension that lists the properties for which a request may send null.
pub(crate) const NULLABLE: &str = "x-atlas-nullable";

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let directions = directions(document);
    let originals = schemas(document).clone();
    let is_nullable = |property: &Value| {
        let target = schema_ref(property).and_then(|name| originals.get(name));
        let says = |schema: &Value| schema["nullable"] == json!(true);
        says(property) || target.is_some_and(says)
    };
    operations_mut(document, |_, operation| {
        let body = &mut operation["requestBody"];
        let schema = body["content"]["application/json"]["schema"].clone();
        if body.is_object() && is_nullable(&schema) {
            body["x-atlas-optional"] = json!(true);
        }
        if operation["requestBody"].is_null() {
            operation.as_object_mut().expect("an operation is an object").remove("requestBody");
        }
    });
    for (name, schema) in schemas_mut(document) {
        let Some(object) = schema.as_object_mut() else { continue };
        object.remove("nullable");
        let sent = directions.request.contains(name);
        let got = directions.response.contains(name);
        let required: Vec<String> = object
            .remove("required")
            .and_then(|names| Some(names.as_array()?.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect()))
            .unwrap_or_default();
        let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { continue };
        let (mut kept, mut constructor, mut nullable) = (Vec::new(), Vec::new(), Vec::new());
        for (property, value) in properties.iter_mut() {
            let needed = required.contains(property);
            let read_only = value["readOnly"] == json!(true);
            let is_list = value["type"] == json!("array");
            if sent && needed && !read_only {
                constructor.push(property.clone());
            }
            if sent && !read_only && is_nullable(value) && value["x-atlas-null"] != json!("absent") {
                nullable.push(property.clone());
            }
            // A page must have its items, whatever the document says.
            let is_page = property == "results" && is_list && got;
            if is_page || (needed && ((sent && !got && !read_only) || (is_list && !sent))) {
                kept.push(property.clone());
            } else if needed {
                report.changed += 1;
            }
            let holds_many = is_list || value.get("additionalProperties").is_some();
            if let Some(value) = value.as_object_mut() {
                value.remove("nullable");
                if holds_many && !kept.contains(property) {
                    value.insert("nullable".to_owned(), json!(true));
                }
            }
        }
        for (key, names) in [("required", kept), (CONSTRUCTOR, constructor), (NULLABLE, nullable)] {
            if !names.is_empty() {
                object.insert(key.to_owned(), json!(names));
            }
        }
        if sent {
            object.insert("x-atlas-request".to_owned(), json!(true));
        }
    }
    report
}
