//! Pointers as people read them: `Cluster.links[].href`, `answer 200 .name`, `parameter pageNum`.
//!
//! For messages only; what a program needs is the pointer itself.

use serde_json::Value;

/// The name of what a pointer leads to.
pub(crate) fn label(document: &Value, pointer: &str) -> String {
    let tokens: Vec<String> =
        pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    match tokens.as_slice() {
        ["components", "schemas", name, rest @ ..] => format!("{name}{}", inside(rest)),
        ["components", "parameters", _, rest @ ..] => parameter(document, pointer, rest),
        ["paths", _, "parameters", _, rest @ ..] => parameter(document, pointer, rest),
        ["paths", _, _, "parameters", _, rest @ ..] => parameter(document, pointer, rest),
        ["components", "responses", name, "content", _, "schema", rest @ ..] => {
            format!("answer {name}{}", inside(rest))
        }
        ["components", "requestBodies", _, "content", _, "schema", rest @ ..] => {
            format!("request body{}", inside(rest))
        }
        ["paths", _, _, "requestBody", "content", _, "schema", rest @ ..] => format!("request body{}", inside(rest)),
        ["paths", _, _, "responses", status, "content", _, "schema", rest @ ..] => {
            format!("answer {status}{}", inside(rest))
        }
        _ => pointer.to_owned(),
    }
}

/// A parameter by the name it has on the wire.
fn parameter(document: &Value, pointer: &str, rest: &[&str]) -> String {
    let own = rest.iter().fold(pointer, |pointer, _| pointer.rsplit_once('/').map_or(pointer, |(before, _)| before));
    let name = document.pointer(own).and_then(|parameter| parameter["name"].as_str()).unwrap_or_default();
    format!("parameter {name}{}", inside(rest.strip_prefix(&["schema"]).unwrap_or(rest)))
}

/// The way from a schema down to one of its parts.
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
