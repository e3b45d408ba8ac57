//! Validates a request against the document.
//!
//! Path and query values are strings, so each is parsed as its parameter's type first. Unknown query parameters are
//! ignored, as in the service.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use crate::{
    domain::{
        error::{ApiError, Rule, Violation},
        refusals::{
            ATTRIBUTE_NEGATIVE, ATTRIBUTE_NEGATIVE_OR_ZERO, CLUSTER_NAME_INVALID, INVALID_ATTRIBUTE,
            INVALID_ENUM_VALUE, INVALID_GROUP_NAME, INVALID_JSON, INVALID_JSON_ATTRIBUTE, INVALID_NUM_OF_POLICIES,
            INVALID_PATH_PARAMETER, INVALID_QUERY_PARAMETER, INVALID_REGION, MALFORMED_JSON, MISSING_ATTRIBUTE,
            MISSING_ATTRIBUTES, MISSING_POLICY_ITEM_PARAMETERS, MISSING_QUERY_PARAMETER, PATH_PARAM_PARSE_ERROR,
            Refusal, VALIDATION_ERROR,
        },
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
    for parameter in &operation.parameters {
        let value = match parameter.place {
            ParameterLocation::Path => path.iter().find(|(n, _)| *n == parameter.name).map(|(_, v)| v.as_str()),
            ParameterLocation::Query => query.peek(&parameter.name),
            ParameterLocation::Header => {
                let value = headers.get(&parameter.name).and_then(|v| v.to_str().ok());
                value.filter(|v| !v.is_empty())
            }
        };
        let Some(text) = value else {
            if parameter.required {
                let detail = format!("The query parameter {} is missing.", parameter.name);
                return Err(MISSING_QUERY_PARAMETER.error(detail).parameter(parameter.name.as_str()));
            }
            continue;
        };
        let value = typed(document, parameter, text, query);
        let violations = schema::check(document, &parameter.schema, &value, Direction::Request);
        if !violations.is_empty() {
            return Err(parameter_error(document, parameter, text, violations));
        }
    }
    Ok(())
}

/// The pattern of IDs.
const ID: &str = "^([a-f0-9]{24})$";

/// The error for a parameter whose value does not fit.
fn parameter_error(
    document: &Document,
    parameter: &Parameter,
    value: &str,
    mut violations: Vec<Violation>,
) -> ApiError {
    violations.iter_mut().for_each(|violation| violation.field.clone_from(&parameter.name));
    let why = violations.first().map_or("", |violation| violation.description.as_str());
    let detail = format!("{} is {value:?}, and {why}.", parameter.name);
    let is_id = document.resolve(&parameter.schema)["pattern"] == ID;
    let error = match (parameter.place, violations.first().map(|violation| &violation.rule)) {
        (ParameterLocation::Path, _) if is_id => PATH_PARAM_PARSE_ERROR.error(detail).parameter(value),
        (ParameterLocation::Path, _) => INVALID_PATH_PARAMETER.error(detail).parameter(value),
        (_, Some(Rule::Enum(_))) => INVALID_ENUM_VALUE.error(detail).parameter(value),
        (ParameterLocation::Query, _) => {
            INVALID_QUERY_PARAMETER.error(detail).parameter(parameter.name.as_str()).parameter(value)
        }
        (ParameterLocation::Header, _) => VALIDATION_ERROR.error(detail).parameter(value),
    };
    error.fields(violations)
}

/// Reads and checks the body. Where it is not `closed`, attributes that the document does not have are ignored.
///
/// # Errors
/// 400 if it is missing, not JSON or invalid. 406 and 415 for its media type.
pub(crate) fn body(
    document: &Document,
    operation: &Operation,
    accepted: &Version,
    headers: &HeaderMap,
    body: &Bytes,
    closed: bool,
) -> Result<Option<Value>, ApiError> {
    let Some(expected) = &accepted.request else { return Ok(None) };
    let missing = || match expected.required {
        true => Err(MALFORMED_JSON.error("This operation needs a request body.")),
        false => Ok(None),
    };
    if body.is_empty() {
        return missing();
    }
    let version = versions::of_body(operation, accepted, headers)?;
    let expected = version.request.as_ref().unwrap_or(expected);
    let value: Value = serde_json::from_slice(body)
        .map_err(|e| MALFORMED_JSON.error(format!("The request body is not JSON: {e}.")))?;
    if value.is_null() {
        return missing();
    }
    let value = without_nulls(value);
    let mut violations = schema::check(document, &expected.schema, &value, Direction::Request);
    if !closed {
        violations.retain(|violation| violation.rule != Rule::Undocumented);
    }
    if violations.is_empty() { Ok(Some(value)) } else { Err(body_error(operation, &value, violations)) }
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

/// Fields whose violations have their own code: by a part of the operation's ID, the first and the last part of the
/// field's name, and whether it is missing.
const PUBLISHED: [(&str, &str, &str, bool, &Refusal); 9] = [
    ("BackupSchedule", "policies", "", false, &INVALID_NUM_OF_POLICIES),
    ("BackupSchedule", "policies", "frequencyType", true, &MISSING_POLICY_ITEM_PARAMETERS),
    ("BackupSchedule", "policies", "frequencyInterval", true, &MISSING_POLICY_ITEM_PARAMETERS),
    ("BackupSchedule", "policies", "retentionUnit", true, &MISSING_POLICY_ITEM_PARAMETERS),
    ("BackupSchedule", "policies", "retentionValue", true, &MISSING_POLICY_ITEM_PARAMETERS),
    ("createGroup", "name", "", false, &INVALID_GROUP_NAME),
    ("updateGroup", "name", "", false, &INVALID_GROUP_NAME),
    ("createGroupCluster", "name", "", false, &CLUSTER_NAME_INVALID),
    ("createGroupFlexCluster", "name", "", false, &CLUSTER_NAME_INVALID),
];

/// The error for a body that breaks these rules: the code of the first of them, or of all that are missing.
fn body_error(operation: &Operation, body: &Value, violations: Vec<Violation>) -> ApiError {
    let Some(Violation { field, description, rule }) = violations.first() else {
        return INVALID_JSON.error("The request body does not fit.");
    };
    let (first, rest) = field.split_once('.').unwrap_or((field, ""));
    let last = rest.rsplit('.').next().unwrap_or_default();
    let named = |(id, one, end, missing, _): &&(&str, &str, &str, bool, &Refusal)| {
        let exact = if id.starts_with("Backup") { operation.id.contains(id) } else { operation.id == *id };
        exact && first == *one && last == *end && *missing == (*rule == Rule::Required)
    };
    let detail = match field.as_str() {
        "" => format!("The request body {description}."),
        field => format!("{field} {description}."),
    };
    let error = match (PUBLISHED.iter().find(named), rule) {
        (Some((.., refusal)), _) => refusal.error(detail).parameter(field.as_str()),
        (None, Rule::Required) => {
            let missing: Vec<&str> =
                violations.iter().filter(|v| v.rule == Rule::Required).map(|v| v.field.as_str()).collect();
            let code = if missing.len() > 1 { &MISSING_ATTRIBUTES } else { &MISSING_ATTRIBUTE };
            let error = code.error(format!("Required attributes are missing: {}.", missing.join(", ")));
            missing.into_iter().fold(error, |error, name| error.parameter(name))
        }
        (None, Rule::Type) if field.is_empty() => INVALID_JSON.error(detail),
        (None, Rule::Type) => INVALID_JSON_ATTRIBUTE.error(detail).parameter(field.as_str()),
        (None, Rule::Enum(value)) => INVALID_ENUM_VALUE.error(detail).parameter(value.as_str()),
        (None, Rule::Minimum(0)) => ATTRIBUTE_NEGATIVE.error(detail).parameter(field.as_str()),
        (None, Rule::Minimum(1)) => ATTRIBUTE_NEGATIVE_OR_ZERO.error(detail).parameter(field.as_str()),
        // The regions of all providers are a choice of lists, not one list.
        (None, Rule::Other) if field.ends_with("regionName") => {
            INVALID_REGION.error(detail).parameter(value_at(body, field))
        }
        (None, Rule::Undocumented) => INVALID_ATTRIBUTE.error(detail).parameter(field.as_str()),
        (None, Rule::Minimum(_) | Rule::Other) => VALIDATION_ERROR.error(detail).parameter(field.as_str()),
    };
    error.fields(violations)
}

/// The value of the field with this name, whose parts are joined by dots.
fn value_at(body: &Value, field: &str) -> Value {
    body.pointer(&format!("/{}", field.replace('.', "/"))).cloned().unwrap_or_default()
}

/// A string as the type of its schema, or unchanged if it cannot be parsed.
fn typed(document: &Document, parameter: &Parameter, text: &str, query: &Query) -> Value {
    let schema = document.resolve(&parameter.schema);
    match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Some("number") => text.parse::<f64>().map_or_else(|_| text.into(), Value::from),
        Some("boolean") if text.eq_ignore_ascii_case("true") => true.into(),
        Some("boolean") if text.eq_ignore_ascii_case("false") => false.into(),
        Some("array") => {
            query.pairs().filter(|(n, _)| *n == parameter.name).map(|(_, value)| Value::from(value)).collect()
        }
        _ => text.into(),
    }
}
