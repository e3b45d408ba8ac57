//! Error responses in the format of Atlas: one JSON object, with the code repeated in a header.
//!
//! Clients branch on `errorCode` and `parameters`, so these two match recorded responses. `detail` is only for people.
//! No error may repeat a secret of the request.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::domain::refusals::{
    CLUSTER_NOT_FOUND, EMULATOR_UNDOCUMENTED_ANSWER, GROUP_NOT_FOUND, INVALID_ATTRIBUTE, MISSING_ATTRIBUTE,
    NOT_IN_GROUP, RESOURCE_NOT_FOUND, Refusal, USER_UNAUTHORIZED,
};

/// The header that repeats the error's code.
pub(crate) const X_ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

/// One refused request.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    code: Option<Cow<'static, str>>,
    detail: Box<str>,
    parameters: Vec<Value>,
    fields: Vec<Violation>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ApiError {
    fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        let (code, detail) = (Some(code.into()), detail.into().into_boxed_str());
        Self { status, code, detail, parameters: Vec::new(), fields: Vec::new(), headers: Vec::new() }
    }

    /// 401 for a caller without valid credentials. The service sends it without a code.
    pub(crate) fn unauthorized(challenge: &str) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "", "Credentials are missing or were not accepted.");
        error.code = None;
        if let Ok(value) = HeaderValue::from_str(challenge) {
            error.headers.push((header::WWW_AUTHENTICATE, value));
        }
        error
    }

    /// The same error with each offending field.
    pub(crate) fn fields(mut self, fields: Vec<Violation>) -> Self {
        self.fields = fields;
        self
    }

    /// 400 that names one invalid field.
    pub(crate) fn invalid_field(field: impl Into<String>, description: impl Into<String>) -> Self {
        let violation = Violation::new(field, description);
        let error = INVALID_ATTRIBUTE.error(format!("{} {}.", violation.field, violation.description));
        error.parameter(violation.field.as_str()).fields(vec![violation])
    }

    /// 400 for a missing field.
    pub(crate) fn required_field(field: impl Into<String>) -> Self {
        let violation = Violation::new(field, "is required");
        let error = MISSING_ATTRIBUTE.error(format!("The required attribute {} is missing.", violation.field));
        error.parameter(violation.field.as_str()).fields(vec![violation])
    }

    pub(crate) fn group_not_found(group: &str) -> Self {
        GROUP_NOT_FOUND.error(format!("There is no project {group}.")).parameter(group)
    }

    pub(crate) fn cluster_not_found(name: &str, group: &str) -> Self {
        CLUSTER_NOT_FOUND.error(format!("Project {group} has no cluster {name}.")).parameter(name).parameter(group)
    }

    /// 404 for a resource below a cluster or a project.
    pub(crate) fn resource_not_found(what: &str, id: &str) -> Self {
        RESOURCE_NOT_FOUND.error(format!("There is no {what} {id}.")).parameter(id)
    }

    /// 401 for an authenticated caller without the required role.
    pub(crate) fn forbidden(roles: &str) -> Self {
        let detail = format!("The credentials are not authorized to perform this action, which takes {roles}.");
        USER_UNAUTHORIZED.error(detail)
    }

    /// 401 for an authenticated caller without access to this project.
    pub(crate) fn not_in_group(group: &str) -> Self {
        let detail = format!("The credentials are not for project {group}, or there is no such project.");
        NOT_IN_GROUP.error(detail).parameter(group)
    }

    /// Response of an injected fault.
    pub(crate) fn fault(status: StatusCode, code: &str) -> Self {
        Self::new(status, code.to_owned(), "A fault on purpose.")
    }

    /// 500 instead of a response that does not conform to the curated document.
    pub(crate) fn undocumented(operation: &str, violations: Vec<Violation>) -> Self {
        let detail = format!("The emulator's answer to {operation} is not as documented.");
        let mut error = EMULATOR_UNDOCUMENTED_ANSWER.error(detail);
        error.fields = violations;
        error
    }

    pub(crate) fn parameter(mut self, value: impl Into<Value>) -> Self {
        self.parameters.push(value.into());
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The body as a document.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({
            "detail": self.detail,
            "error": self.status.as_u16(),
            "reason": self.status.canonical_reason(),
            "parameters": self.parameters,
        });
        if let Some(code) = &self.code {
            body["errorCode"] = code.as_ref().into();
        }
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|v| json!({"description": v.description, "field": v.field}));
            body["badRequestDetail"] = json!({ "fields": fields.collect::<Vec<_>>() });
        }
        body
    }

    /// The response with `body`, which may be this error's body or an envelope around it.
    pub(crate) fn respond_with(self, body: String) -> Response {
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(code) = self.code.as_deref().and_then(|code| HeaderValue::from_str(code).ok()) {
            headers.insert(X_ERROR_CODE, code);
        }
        headers.extend(self.headers);
        response
    }
}

impl Refusal {
    /// The error with this code, `detail` for people.
    pub(crate) fn error(&self, detail: impl Into<String>) -> ApiError {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        ApiError::new(status, self.code, detail)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        self.respond_with(body)
    }
}

/// One invalid field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field: names and indexes joined by dots. Empty for the whole value.
    pub field: String,
    /// Reason.
    pub description: String,
    /// The rule that it breaks.
    pub(crate) rule: Rule,
}

/// The kinds of rules that a value can break, as far as the service has codes for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    Required,
    Type,
    /// One of the documented values; this is what was sent instead.
    Enum(String),
    /// At least this number.
    Minimum(i64),
    Undocumented,
    Other,
}

impl Violation {
    /// A violation of a rule without its own code.
    pub(crate) fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into(), rule: Rule::Other }
    }
}
