//! Validates a request against the document.
//!
//! Path and query values are strings, so each is parsed as its parameter's type first. Unknown query parameters are
//! ignored, as in the service.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use crate::{
    domain::{
        error::{ApiError, Violation},
        refusals::{INVALID_JSON, INVALID_NUM_OF_POLICIES, MISSING_BODY, MISSING_POLICY_ITEM_PARAMETERS, Refusal},
    },
    openapi::{
        document::{Document, Operation, Parameter, ParameterLocation, Version},
        query::Query,
        schema::{self, Direction},
        versions,
    },
};

/// Validates path, query and headers.
///
/// # Errors
/// 400 that names each invalid value.
pub(crate) fn parameters(
    document: &Document,
    operation: &Operation,
    path: &[(&str, String)],
    query: &Query,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    for parameter in &operation.parameters {
        let value = match parameter.place {
            ParameterLocation::Path => path.iter().find(|(n, _)| *n == parameter.name).map(|(_, v)| v.as_str()),
            ParameterLocation::Query => query.get(&parameter.name),
            ParameterLocation::Header => {
                let value = headers.get(&parameter.name).and_then(|v| v.to_str().ok());
                value.filter(|v| !v.is_empty())
            }
        };
        let found = match value {
            Some(text) => {
                let value = typed(document, parameter, text, query);
                schema::check(document, &parameter.schema, &value, Direction::Request)
            }
            None if parameter.required => {
                vec![Violation { field: String::new(), description: "is required".to_owned() }]
            }
            None => Vec::new(),
        };
        violations.extend(found.into_iter().map(|v| Violation { field: parameter.name.clone(), ..v }));
    }
    if violations.is_empty() { Ok(()) } else { Err(ApiError::validation(violations)) }
}

/// Parses and validates the body.
///
/// # Errors
/// 400 if it is missing, not JSON or invalid. 406 and 415 for its media type.
pub(crate) fn body(
    document: &Document,
    operation: &Operation,
    accepted: &Version,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Option<Value>, ApiError> {
    let Some(expected) = &accepted.request else { return Ok(None) };
    let missing = || match expected.required {
        true => Err(MISSING_BODY.error("This operation needs a request body.")),
        false => Ok(None),
    };
    if body.is_empty() {
        return missing();
    }
    let version = versions::of_body(operation, accepted, headers)?;
    let expected = version.request.as_ref().unwrap_or(expected);
    let value: Value =
        serde_json::from_slice(body).map_err(|e| INVALID_JSON.error(format!("The request body is not JSON: {e}.")))?;
    if value.is_null() {
        return missing();
    }
    let value = without_nulls(value);
    let violations = schema::check(document, &expected.schema, &value, Direction::Request);
    if violations.is_empty() { Ok(Some(value)) } else { Err(refusal(violations)) }
}

/// An explicit null counts as absent, because clients send it for every unset field.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let there = fields.into_iter().filter(|(_, value)| !value.is_null());
            there.map(|(name, value)| (name, without_nulls(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        scalar => scalar,
    }
}

/// Fields whose violations have their own code, by the first and the last part of their name.
const PUBLISHED: [(&str, &str, &Refusal); 5] = [
    ("policies", "", &INVALID_NUM_OF_POLICIES),
    ("policies", "frequencyType", &MISSING_POLICY_ITEM_PARAMETERS),
    ("policies", "frequencyInterval", &MISSING_POLICY_ITEM_PARAMETERS),
    ("policies", "retentionUnit", &MISSING_POLICY_ITEM_PARAMETERS),
    ("policies", "retentionValue", &MISSING_POLICY_ITEM_PARAMETERS),
];

/// The error for these violations, with the service's code for the first of them if there is one.
fn refusal(violations: Vec<Violation>) -> ApiError {
    let code = violations.first().and_then(|violation| {
        let parts: Vec<&str> = violation.field.split('.').collect();
        let last = if parts.len() > 1 { parts[parts.len() - 1] } else { "" };
        let named = PUBLISHED.iter().find(|(first, end, _)| parts[0] == *first && last == *end);
        let missing = violation.description == schema::REQUIRED;
        named.map(|(.., code)| *code).filter(|code| (**code == MISSING_POLICY_ITEM_PARAMETERS) == missing)
    });
    match code {
        Some(code) => ApiError::validation(violations).with(code),
        None => ApiError::validation(violations),
    }
}

/// A string as the type of its schema, or unchanged if it cannot be parsed.
fn typed(document: &Document, parameter: &Parameter, text: &str, query: &Query) -> Value {
    let schema = document.resolve(&parameter.schema);
    match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Some("number") => text.parse::<f64>().map_or_else(|_| text.into(), Value::from),
        Some("boolean") if text.eq_ignore_ascii_case("true") => true.into(),
        Some("boolean") if text.eq_ignore_ascii_case("false") => false.into(),
        Some("array") => query.all(&parameter.name).map(Value::from).collect(),
        _ => text.into(),
    }
}
