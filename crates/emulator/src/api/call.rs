//! One request after routing, version negotiation and validation, and the response of its handler.
//!
//! Handlers know nothing of HTTP: they take a [`Call`] and return an [`ApiResponse`] or an [`ApiError`].
//! `http/render.rs` adds the envelope, indentation and version headers.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    domain::{error::ApiError, rate_limits::RateLimits, refusals::INVALID_JSON, roles::Access},
    openapi::{
        document::{Document, Operation, Version},
        query::Query,
    },
    store::shared_state::StateAccess,
};

/// The handler of one operation.
pub(crate) type Handler = fn(&Call<'_>) -> Result<ApiResponse, ApiError>;

/// One request to one operation.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) document: &'a Document,
    pub(crate) operation: &'a Operation,
    pub(crate) version: &'a Version,
    pub(crate) parameters: &'a [(&'a str, String)],
    pub(crate) query: &'a Query,
    pub(crate) body: Option<Value>,
    pub(crate) store: &'a StateAccess<'a>,
    pub(crate) rate_limits: &'a RateLimits,
    /// Projects that the caller may see. The permission for the operation was checked before.
    pub(crate) access: &'a Access,
    pub(crate) now: DateTime<Utc>,
    /// Scheme and authority of the links in responses.
    pub(crate) base: &'a str,
    /// The requested path.
    pub(crate) path: &'a str,
    /// Whether clusters are served to drivers.
    pub(crate) serves_drivers: bool,
}

impl Call<'_> {
    /// The value of a path parameter. Empty if the operation's path does not have the parameter.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str())
    }

    /// The body as `T`. A missing body counts as an empty object.
    ///
    /// # Errors
    /// 400 if the body has another shape.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let body = self.body.clone().unwrap_or_else(|| json!({}));
        serde_json::from_value(body).map_err(|e| INVALID_JSON.error(format!("The request body does not fit: {e}.")))
    }

    /// The body as a document. Null without a body.
    pub(crate) fn document_body(&self) -> &Value {
        self.body.as_ref().unwrap_or(&Value::Null)
    }

    /// When the body's subject is to be deleted by itself.
    ///
    /// # Errors
    /// 400 for a moment that is not within the next week.
    pub(crate) fn delete_after(&self, body: &Value) -> Result<Option<DateTime<Utc>>, ApiError> {
        let moment = body["deleteAfterDate"].as_str().and_then(|moment| moment.parse().ok());
        let week = self.now..=self.now + TimeDelta::weeks(1);
        if moment.is_some_and(|moment| !week.contains(&moment)) {
            return Err(ApiError::invalid_field("deleteAfterDate", "must be within the next week"));
        }
        Ok(moment)
    }

    /// A link to `path` of this server.
    pub(crate) fn link(&self, rel: &str, path: &str) -> Value {
        json!({"href": format!("{}{path}", self.base), "rel": rel})
    }
}

/// A successful response.
#[derive(Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    /// The header of this name.
    pub(crate) location: Option<String>,
}

impl ApiResponse {
    /// 200 with `document`. Null fields are omitted.
    pub(crate) fn ok(document: Value) -> Self {
        Self::with_status(StatusCode::OK, document)
    }

    /// `status` with `document`.
    pub(crate) fn with_status(status: StatusCode, document: Value) -> Self {
        Self { status, body: Some(document), location: None }
    }

    /// 204.
    pub(crate) fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, location: None }
    }
}

/// `document` with the fields of `more`.
pub(crate) fn merged(mut document: Value, more: Value) -> Value {
    if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
        document.extend(more);
    }
    document
}

/// Removes null fields from `document`: the service omits absent scalars.
pub(crate) fn omit_nulls(mut document: Value) -> Value {
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    document
}

/// A time in the format of the service, to the second.
pub(crate) fn stamp(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
