//! The document at `/openapi.json`: the curated one with the emulator's address and a mark on operations that are not
//! modelled.
//!
//! It adds nothing else, so that other tools can test the emulator against it.

use axum::response::{IntoResponse, Response};
use http::{Method, header};
use serde_json::{Value, json};

use crate::{api::handlers, http::messages::other_methods, openapi::document::Document};

/// Its path.
pub(crate) const PATH: &str = "/openapi.json";
/// Extension on operations that are answered with 501.
const MODELLED_EXTENSION: &str = "x-atlas-emulator-modelled";

/// Handles a request for the document.
pub(crate) fn answer(document: &Document, method: &Method, base: &str) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return other_methods(&[&Method::GET], method, PATH);
    }
    ([(header::CONTENT_TYPE, "application/json")], with_modelled_marks(document, base).to_string()).into_response()
}

fn with_modelled_marks(document: &Document, base: &str) -> Value {
    let mut root = document.root().clone();
    root["servers"] = json!([{ "url": base }]);
    let items = root["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        let unknown = operation["operationId"].as_str().is_some_and(|id| handlers::handler(id).is_none());
        if unknown {
            operation[MODELLED_EXTENSION] = false.into();
            operation["responses"]["501"] = json!({"description": "This emulator does not model the operation."});
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_answered_501_are_marked_in_served_document() {
        let document = Document::embedded();
        let marked = with_modelled_marks(document, "http://127.0.0.1:1");
        assert_eq!(marked["servers"], json!([{"url": "http://127.0.0.1:1"}]));
        for operation in &document.operations {
            let item = &marked["paths"][&operation.path][operation.method.as_str().to_ascii_lowercase()];
            let modelled = handlers::handler(&operation.id).is_some();
            assert_eq!(item[MODELLED_EXTENSION] == false, !modelled, "{}", operation.id);
            assert_eq!(item["responses"].get("501").is_some(), !modelled, "{}", operation.id);
        }
    }
}
