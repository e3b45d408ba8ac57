//! Resolves shared parameters and drops those that the bindings do not offer.
//!
//! `envelope` and `pretty` belong to the transport, which reverses their effect. A binding that offered them would
//! return bodies that its types do not describe. Headers belong to the transport too; those that it does not send and
//! cookies are reported, and so are an optional query parameter with the name of a path parameter and one that bindings
//! cannot write, such as a `deepObject`. An operation that requires such a parameter is refused.

use heck::ToSnakeCase;
use serde_json::Value;

use super::Report;
use crate::openapi::{
    document::Document,
    walk::{operations_mut, template_names},
};

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

/// The form of a path or query parameter that bindings do not write.
fn other_form(parameter: &Value) -> Option<String> {
    let plain = if parameter["in"] == "path" { "simple" } else { "form" };
    match parameter["style"].as_str() {
        Some(style) if style != plain => Some(format!("in the style {style}")),
        _ => parameter.get("content").map(|_| "a document of its own (`content`)".to_owned()),
    }
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
        let path = pointer.keys().swap_remove(1);
        parameters.retain_mut(|parameter| {
            let location = pointer.child("parameters").item(index);
            index += 1;
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let name = name.as_str();
            let required = parameter["required"] == true;
            let presence = if required { "required " } else { "" };
            match parameter["in"].as_str() {
                Some("query") if TRANSPORT.contains(&name) => false,
                Some(place @ ("path" | "query")) if let Some(form) = other_form(parameter) => {
                    let message =
                        format!("bindings do not send the {presence}{place} parameter {name:?}, which is {form}");
                    match required {
                        true => report.residue(pointer, message),
                        false => report.left_out(location, message),
                    }
                    false
                }
                Some("path") if !template_names(&path).any(|known| known == name) => {
                    report.left_out(location, format!("the path has no parameter {name:?}"));
                    false
                }
                Some("path") => {
                    parameter["required"] = true.into();
                    true
                }
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
