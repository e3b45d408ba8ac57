//! Readable pointers: `Cluster.links[].href`, `response 200 .name`, `parameter pageNum`.
//!
//! For messages only. Programs use the pointer itself.

use serde_json::Value;

use crate::openapi::pointer::Pointer;

/// The name of the target of a pointer.
pub(crate) fn label(document: &Value, pointer: &Pointer) -> String {
    let tokens = pointer.keys();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    match tokens.as_slice() {
        ["components", "schemas", name, rest @ ..] => format!("{name}{}", inside(rest)),
        ["components", "parameters", _, rest @ ..] => parameter(document, pointer, rest),
        ["paths", _, "parameters", _, rest @ ..] => parameter(document, pointer, rest),
        ["paths", _, _, "parameters", _, rest @ ..] => parameter(document, pointer, rest),
        ["components", "responses", name, "content", _, "schema", rest @ ..] => {
            format!("response {name}{}", inside(rest))
        }
        ["components", "requestBodies", _, "content", _, "schema", rest @ ..] => {
            format!("request body{}", inside(rest))
        }
        ["paths", _, _, "requestBody", "content", _, "schema", rest @ ..] => format!("request body{}", inside(rest)),
        ["paths", _, _, "responses", status, "content", _, "schema", rest @ ..] => {
            format!("response {status}{}", inside(rest))
        }
        _ => pointer.to_string(),
    }
}

/// A parameter by its name on the wire.
fn parameter(document: &Value, pointer: &Pointer, rest: &[&str]) -> String {
    let own = rest.iter().fold(pointer.clone(), |pointer, _| pointer.parent().unwrap_or(pointer));
    let name = own.get(document).and_then(|parameter| parameter["name"].as_str()).unwrap_or_default();
    format!("parameter {name}{}", inside(rest.strip_prefix(&["schema"]).unwrap_or(rest)))
}

/// The path from a schema down to one of its parts.
fn inside(tokens: &[&str]) -> String {
    match tokens {
        [] => String::new(),
        ["properties", name, rest @ ..] => format!(".{name}{}", inside(rest)),
        ["items", rest @ ..] => format!("[]{}", inside(rest)),
        ["additionalProperties", rest @ ..] => format!("{{}}{}", inside(rest)),
        ["allOf", _, rest @ ..] => inside(rest),
        ["oneOf" | "anyOf", index, rest @ ..] => format!("({index}){}", inside(rest)),
        [other, rest @ ..] => format!("/{other}{}", inside(rest)),
    }
}
