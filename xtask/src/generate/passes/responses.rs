//! Keeps one success response per operation and no error responses.
//!
//! Typed error responses lose the HTTP status of a body that is not JSON, so errors stay out of the generated methods
//! and reach the transport unchanged. If an operation documents several success statuses, the first one represents all,
//! with the bodies of all. The schema of the error body is recorded as a root so that it is not dropped.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Report;
use crate::openapi::{
    document::{Document, without_annotations},
    references::named_schemas,
    walk::operations_mut,
};

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let shared = document.pointer("/components/responses").cloned().unwrap_or_default();
    let mut roots = BTreeSet::new();
    operations_mut(document, |pointer, operation| {
        let responses = operation["responses"].as_object().cloned().unwrap_or_default();
        let (mut kept, mut statuses) = (None::<(String, Value)>, Vec::new());
        for (status, response) in responses {
            let response = resolve(response, &shared);
            if !status.starts_with('2') {
                named_schemas(&response, &mut roots);
                continue;
            }
            statuses.push(status.clone());
            match &mut kept {
                None => kept = Some((status, response)),
                Some((first, seen)) => {
                    let location = pointer.child("responses").child(&status).child("content");
                    for media in join(seen, response) {
                        let message = format!("its body differs from that of status {first}");
                        report.left_out(location.child(&media), message);
                    }
                }
            }
        }
        report.changed += 1;
        match kept {
            Some((status, response)) => {
                operation["responses"] = Value::Object(Map::from_iter([(status, response)]));
                operation["x-atlas-statuses"] = json!(statuses);
            }
            None => report.residue(pointer, "no success response"),
        }
    });
    if !roots.is_empty() {
        document["x-atlas-roots"] = json!(roots);
    }
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.remove("responses");
        components.remove("headers");
    }
    report
}

fn resolve(response: Value, shared: &Value) -> Value {
    let name = response["$ref"].as_str().and_then(|target| target.strip_prefix("#/components/responses/"));
    let mut response = match name.and_then(|name| shared.get(name)) {
        Some(target) => target.clone(),
        None => response,
    };
    if let Some(object) = response.as_object_mut() {
        object.remove("headers");
        object.entry("description").or_insert_with(|| "".into());
    }
    response
}

/// Adds the media types of another success response, because versions may differ in status. A schema takes precedence
/// over none. Returns the media types that have another schema already.
fn join(seen: &mut Value, other: Value) -> Vec<String> {
    let mut differing = Vec::new();
    for (media, body) in other["content"].as_object().into_iter().flatten() {
        let known = &mut seen["content"][media];
        match (known.get("schema"), body.get("schema")) {
            (None, _) => *known = body.clone(),
            (Some(schema), Some(other)) if without_annotations(schema) != without_annotations(other) => {
                differing.push(media.clone());
            }
            _ => {}
        }
    }
    differing
}
