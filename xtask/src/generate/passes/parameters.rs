//! Resolves shared parameters and drops the two that change the form of a response.
//!
//! `envelope` and `pretty` belong to the transport, which reverses their effect. A binding that offered them would
//! return bodies that its types do not describe. Header parameters belong to the transport too.

use serde_json::Value;

use super::Report;
use crate::openapi::{document::Document, walk::operations_mut};

const TRANSPORT: [&str; 2] = ["envelope", "pretty"];

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let shared = document.pointer("/components/parameters").cloned().unwrap_or_default();
    operations_mut(document, |pointer, operation| {
        let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { return };
        for (index, parameter) in parameters.iter_mut().enumerate() {
            let Some(target) = parameter["$ref"].as_str() else { continue };
            match target.strip_prefix("#/components/parameters/").and_then(|name| shared.get(name)) {
                Some(found) => *parameter = found.clone(),
                None => report.residue(pointer.child("parameters").item(index), format!("cannot resolve {target}")),
            }
        }
        let before = parameters.len();
        parameters.retain(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default();
            !TRANSPORT.contains(&name) && matches!(parameter["in"].as_str(), Some("path" | "query"))
        });
        report.changed += before - parameters.len();
    });
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.remove("parameters");
    }
    report
}
