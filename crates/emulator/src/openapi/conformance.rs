//! Checks responses against the curated document, for the tests of this emulator and of other substitutes for Atlas.
//!
//! The same validator checks requests, so an error in one direction shows in the other. A strict emulator checks each
//! of its responses here.

use http::Method;
use serde_json::Value;

use crate::{
    domain::error::Violation,
    openapi::{
        document::{Document, Operation, Version},
        media_type,
        router::{Route, Router},
        schema::{self, Direction},
    },
};

/// Operations that return an empty document if nothing exists.
const MAY_BE_EMPTY: [&str; 1] = ["getGroupBackupCompliancePolicy"];

/// All violations of the curated document in a success: an unknown operation, version or status, and each invalid or
/// undocumented field. `media_type` is the `Content-Type` of the response.
#[must_use]
pub fn check_response(method: &Method, path: &str, media_type: &str, status: u16, body: &Value) -> Vec<Violation> {
    let document = Document::embedded();
    let Route::Found(found) = Router::embedded().find(document, method, path) else {
        return violation(format!("the document has no operation {method} {path}"));
    };
    let date = media_type::date(media_type);
    let version = found.operation.versions.iter().find(|v| Some(v.date.as_str()) == date);
    let Some(version) = version else {
        return violation(format!("{} has no version {media_type}", found.operation.id));
    };
    check_success(document, found.operation, version, status, body)
}

/// The same for a known operation and version.
pub(crate) fn check_success(
    document: &Document,
    operation: &Operation,
    version: &Version,
    status: u16,
    body: &Value,
) -> Vec<Violation> {
    let Some((_, schema)) = version.responses.iter().find(|(s, _)| *s == status) else {
        return violation(format!("{} has no response {status} in version {}", operation.id, version.date));
    };
    match schema {
        Some(_) if MAY_BE_EMPTY.contains(&operation.id.as_str()) && is_empty(body) => Vec::new(),
        Some(schema) => schema::check(document, schema, body, Direction::Response),
        // The service returns an empty object for some deletions although the specification has no body.
        None if body.is_null() || is_empty(body) => Vec::new(),
        None => violation(format!("{status} has no body in the document")),
    }
}

/// Statuses of HTTP rather than of an operation, such as a media type that is not JSON. 501 belongs to the emulator.
const NOT_OF_OPERATIONS: [u16; 2] = [415, 501];

/// The violation, if the document does not list the error status for the operation.
pub(crate) fn check_error(operation: &Operation, status: u16) -> Vec<Violation> {
    if operation.statuses.contains(&status) || NOT_OF_OPERATIONS.contains(&status) {
        return Vec::new();
    }
    violation(format!("{} has no response {status}", operation.id))
}

fn is_empty(body: &Value) -> bool {
    body.as_object().is_some_and(serde_json::Map::is_empty)
}

fn violation(description: String) -> Vec<Violation> {
    vec![Violation::new("", description)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unlisted_status_is_a_violation() {
        let document = Document::embedded();
        let operation = document.operations.iter().find(|o| o.id == "deleteGroupBackupExportBucket").unwrap();
        assert!(check_error(operation, 404).is_empty());
        assert_eq!(check_error(operation, 409)[0].description, "deleteGroupBackupExportBucket has no response 409");
        let version = &operation.versions[0];
        assert!(check_success(document, operation, version, 204, &Value::Null).is_empty());
        assert!(!check_success(document, operation, version, 200, &Value::Null).is_empty());
        assert!(!check_success(document, operation, version, 204, &json!({"id": 1})).is_empty());
    }

    #[test]
    fn empty_document_is_allowed_only_for_compliance_policy() {
        let document = Document::embedded();
        for (id, fits) in [("getGroupBackupCompliancePolicy", true), ("getGroup", false)] {
            let operation = document.operations.iter().find(|o| o.id == id).unwrap();
            let version = operation.versions.last().unwrap();
            assert_eq!(check_success(document, operation, version, 200, &json!({})).is_empty(), fits, "{id}");
        }
    }
}
