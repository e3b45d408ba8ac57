//! Resolves shared parameters and drops those that the bindings do not offer.
//!
//! `envelope` and `pretty` belong to the transport, which reverses their effect. A binding that offered them would
//! return bodies that its types do not describe. Headers belong to the transport too; those that it does not send and
//! cookies are reported, and so is an optional query parameter with the name of a path parameter.

use heck::ToSnakeCase;
use serde_json::Value;

use super::Report;
use crate::openapi::{document::Document, walk::operations_mut};

const TRANSPORT: [&str; 2] = ["envelope", "pretty"];

/// Headers that need no argument: OpenAPI ignores the first three, and the others opt in to another form of clusters,
/// which the types of the bindings do not describe.
const HEADERS: [&str; 5] = [
    "accept",
    "authorization",
    "content-type",
    "use-effective-fields-replication-specs",
    "use-effective-instance-fields",
];

/// The name of a parameter as an argument.
fn argument(parameter: &Value) -> String {
    parameter["name"].as_str().unwrap_or_default().to_snake_case()
}

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
        let in_path: Vec<String> =
            parameters.iter().filter(|parameter| parameter["in"] == "path").map(argument).collect();
        let mut index = 0;
        parameters.retain(|parameter| {
            let location = pointer.child("parameters").item(index);
            index += 1;
            let name = parameter["name"].as_str().unwrap_or_default();
            let presence = if parameter["required"] == true { "required " } else { "" };
            match parameter["in"].as_str() {
                Some("path") => true,
                Some("query") if TRANSPORT.contains(&name) => false,
                Some("query") if presence.is_empty() && in_path.contains(&argument(parameter)) => {
                    report.left_out(location, format!("query parameter {name:?} has the name of a path parameter"));
                    false
                }
                Some("query") => true,
                // Reported above.
                None if parameter.get("$ref").is_some() => false,
                Some("header") if HEADERS.contains(&name.to_ascii_lowercase().as_str()) => false,
                other => {
                    let other = other.unwrap_or("unknown");
                    report.left_out(location, format!("bindings do not send the {presence}{other} parameter {name:?}"));
                    false
                }
            }
        });
        report.changed += before - parameters.len();
    });
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.remove("parameters");
    }
    report
}
