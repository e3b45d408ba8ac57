//! Holds answers to the curated document, for the tests of this emulator and of anything that stands in for Atlas.
//!
//! The same validator reads requests, so what it misses in one direction shows in the other.

use http::Method;
use serde_json::Value;

use crate::{
    document::Document,
    router::{Route, Router},
    schema::{self, Direction, Violation},
};

/// Everything in a success that the curated document does not provide for: an operation, version or status it does not
/// know, and each field that does not fit or is not documented. `media_type` is the answer's `Content-Type`.
#[must_use]
pub fn check_answer(method: &Method, path: &str, media_type: &str, status: u16, body: &Value) -> Vec<Violation> {
    let document = Document::embedded();
    let violation = |description: String| vec![Violation { field: String::new(), description }];
    let Route::Found(found) = Router::embedded().find(document, method, path) else {
        return violation(format!("there is no {method} {path}"));
    };
    let version = found.operation.versions.iter().find(|v| media_type.contains(&format!("atlas.{}+json", v.date)));
    let Some(version) = version else {
        return violation(format!("{} has no version {media_type}", found.operation.id));
    };
    let Some((_, schema)) = version.responses.iter().find(|(s, _)| *s == status) else {
        return violation(format!("{} does not answer {status} in {}", found.operation.id, version.date));
    };
    match schema {
        Some(schema) => schema::check(document, schema, body, Direction::Answer),
        // The service answers some deletions with an empty object where the specification has nothing.
        None if body.is_null() || body.as_object().is_some_and(serde_json::Map::is_empty) => Vec::new(),
        None => violation(format!("{status} has no body in the document")),
    }
}
