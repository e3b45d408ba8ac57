//! The service's error document, read field by field so that a malformed field does not affect the others.
//!
//! Real documents contradict the specification: the code may be missing or null, parameters are strings or null. The
//! reader must accept any JSON, and return `None` only if the body contains no field of an error.

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::model::error_code::ErrorCode;

/// An error document of the service.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The code. Absent from some real responses.
    pub code: Option<ErrorCode>,
    /// Human-readable description.
    pub detail: Option<String>,
    /// Name of the status, for example `Not Found`.
    pub reason: Option<String>,
    /// The status, repeated in the document.
    pub status: Option<i64>,
    /// Values in the detail: mostly strings, although the specification says objects.
    pub parameters: Vec<Value>,
    /// Which fields of the request were refused, and why.
    pub fields: Vec<FieldViolation>,
    /// The document's fields that are not listed above.
    pub extra: Map<String, Value>,
}

/// A field of the request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The field's path.
    pub field: String,
    /// The reason.
    pub description: String,
}

impl ApiError {
    /// An error of another service.
    pub(crate) fn of_text(code: Option<&str>, detail: Option<String>) -> Self {
        let code = code.map(ErrorCode::from);
        let (reason, status, parameters, fields, extra) = (None, None, Vec::new(), Vec::new(), Map::new());
        ApiError { code, detail, reason, status, parameters, fields, extra }
    }

    /// Reads `body`, and the code from `X-Error-Code` if the body has none. `None` if neither contains an error.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let header_code = crate::model::meta::text(headers, "x-error-code").filter(|code| !code.is_empty());
        let mut fields = match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => fields,
            _ if header_code.is_some() => Map::new(),
            _ => return None,
        };
        let known = ["error", "errorCode", "detail", "reason"].iter().any(|name| fields.contains_key(*name));
        if !known && header_code.is_none() {
            return None;
        }
        let code = take_text(&mut fields, "errorCode").or_else(|| header_code.map(str::to_owned));
        Some(ApiError {
            code: code.map(|code| ErrorCode::from(code.as_str())),
            detail: take_text(&mut fields, "detail"),
            reason: take_text(&mut fields, "reason"),
            status: take_if(&mut fields, "error", Value::is_i64).and_then(|v| v.as_i64()),
            parameters: match take_if(&mut fields, "parameters", Value::is_array) {
                Some(Value::Array(parameters)) => parameters,
                _ => Vec::new(),
            },
            fields: take_if(&mut fields, "badRequestDetail", Value::is_object).map_or_else(Vec::new, violations),
            extra: fields,
        })
    }
}

/// Takes a field of the expected type. Null counts as absent. Anything else stays in `extra`.
fn take_if(fields: &mut Map<String, Value>, name: &str, fits: fn(&Value) -> bool) -> Option<Value> {
    let value = fields.get(name)?;
    if value.is_null() || fits(value) { fields.remove(name).filter(|value| !value.is_null()) } else { None }
}

fn take_text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match take_if(fields, name, Value::is_string) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn violations(detail: Value) -> Vec<FieldViolation> {
    let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let items = detail.get("fields").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .map(|item| FieldViolation { field: text(item, "field"), description: text(item, "description") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{error::Error, error_kind::ErrorKind};
    use atlas_backup_runtime::Reply;
    use bytes::Bytes;
    use http::StatusCode;

    fn from_reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Error {
        let headers =
            headers.iter().map(|(k, v)| (http::HeaderName::from_static(k), v.parse().expect("a value"))).collect();
        let status = StatusCode::from_u16(status).expect("a status");
        Error::from_reply(Reply::new(status, headers, Bytes::copy_from_slice(body.as_bytes())))
    }

    #[test]
    fn complete_error_document_is_parsed() {
        let error = from_reply(
            404,
            &[("content-type", "application/json")],
            r#"{"detail":"No such cluster.","error":404,"errorCode":"CLUSTER_NOT_FOUND","parameters":["c","g"],"reason":"Not Found"}"#,
        );
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.code(), Some(&ErrorCode::ClusterNotFound));
        let api = error.api_error().expect("a document");
        assert_eq!((api.status, api.parameters.len(), api.extra.len()), (Some(404), 2, 0));
        assert_eq!(error.to_string(), "404 Not Found CLUSTER_NOT_FOUND: No such cluster.");
    }

    #[test]
    fn missing_or_null_error_code_is_absent() {
        for body in [
            r#"{"detail":"Odd.","error":400,"parameters":null}"#,
            r#"{"detail":"Odd.","error":400,"errorCode":null,"parameters":null}"#,
            r#"{"detail":"Odd.","error":"400","errorCode":null,"parameters":"x"}"#,
        ] {
            let error = from_reply(400, &[], body);
            assert_eq!((error.code(), error.kind()), (None, ErrorKind::BadRequest));
            assert_eq!(error.api_error().and_then(|api| api.detail.as_deref()), Some("Odd."), "{body}");
        }
        let named = from_reply(400, &[("x-error-code", "RATE_LIMITED")], r#"{"errorCode":null}"#);
        assert_eq!(named.code(), Some(&ErrorCode::RateLimited));
    }

    #[test]
    fn malformed_error_fields_are_kept_in_extra() {
        let error = from_reply(400, &[], r#"{"error":"four hundred","parameters":{"a":1},"new":true}"#);
        let api = error.api_error().expect("a document");
        assert_eq!(api.extra.keys().collect::<Vec<_>>(), ["error", "new", "parameters"]);
    }

    #[test]
    fn field_violations_are_named() {
        let body = r#"{"error":400,"errorCode":"VALIDATION_ERROR","badRequestDetail":{"fields":[{"field":"a.b","description":"too long"},7]}}"#;
        let error = from_reply(400, &[], body);
        assert_eq!(error.api_error().expect("a document").fields[0].field, "a.b");
        assert!(error.to_string().contains("a.b: too long"), "{error}");
        assert_eq!(error.code().map(ErrorCode::as_str), Some("VALIDATION_ERROR"));
    }

    #[test]
    fn unauthorized_with_code_of_missing_role_is_forbidden() {
        for code in ["USER_UNAUTHORIZED", "NOT_IN_GROUP"] {
            let error = from_reply(401, &[], &format!(r#"{{"error":401,"errorCode":"{code}"}}"#));
            assert_eq!(
                (error.kind(), error.status()),
                (ErrorKind::Forbidden, Some(StatusCode::UNAUTHORIZED)),
                "{code}"
            );
        }
        let other = from_reply(401, &[], r#"{"error":401,"errorCode":"RESOURCE_NOT_FOUND"}"#);
        assert_eq!(other.kind(), ErrorKind::Unauthorized);
    }

    #[test]
    fn empty_401_and_html_502_keep_their_status() {
        let empty = from_reply(401, &[], "");
        assert_eq!((empty.kind(), empty.api_error()), (ErrorKind::Unauthorized, None));
        assert_eq!(empty.to_string(), "401 Unauthorized with an empty body");

        let page = "<html><body>Bad gateway</body></html>";
        let html = from_reply(502, &[("content-type", "text/html"), ("retry-after", "3")], page);
        assert_eq!((html.kind(), html.status()), (ErrorKind::Server, Some(StatusCode::BAD_GATEWAY)));
        assert_eq!(html.retry_after(), Some(std::time::Duration::from_secs(3)));
        assert_eq!(html.body().map(|b| &b[..]), Some(page.as_bytes()));
        assert!(html.to_string().contains("text/html"), "{html}");
    }

    #[test]
    fn json_without_error_fields_is_not_an_api_error() {
        for body in ["[]", "null", "7", "{}", r#"{"id":"x"}"#] {
            assert_eq!(from_reply(500, &[], body).api_error(), None, "{body}");
        }
    }
}
