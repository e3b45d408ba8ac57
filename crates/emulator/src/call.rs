//! One request after routing, version negotiation and validation, and the answer a handler makes of it.
//!
//! Handlers see nothing of HTTP: they take a [`Call`] and give an [`Answer`] or an [`ApiError`]. Envelope, indentation and
//! version headers are put on afterwards, in one place.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    auth::roles::Access,
    document::{Document, Operation, Version},
    errors::ApiError,
    limits::Limits,
    paging::Paging,
    store,
};

/// What answers one operation.
pub(crate) type Handler = fn(&Call<'_>) -> Result<Answer, ApiError>;

/// One request to one operation.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) document: &'a Document,
    pub(crate) operation: &'a Operation,
    pub(crate) version: &'a Version,
    pub(crate) parameters: &'a [(&'a str, String)],
    pub(crate) query: &'a Query,
    pub(crate) body: Option<Value>,
    pub(crate) store: &'a store::Access<'a>,
    pub(crate) limits: &'a Limits,
    /// What whoever asks may see; that the operation is allowed has been decided before.
    pub(crate) access: &'a Access,
    pub(crate) now: DateTime<Utc>,
    /// Scheme and authority that links in answers begin with.
    pub(crate) base: &'a str,
    /// The path as it was asked for.
    pub(crate) path: &'a str,
}

impl Call<'_> {
    /// A path parameter's value; empty where the operation's path has no such parameter.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str())
    }

    /// The body as `T`; a missing body reads as an empty object.
    ///
    /// # Errors
    /// 400 where the body has another shape.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let body = self.body.clone().unwrap_or_else(|| json!({}));
        serde_json::from_value(body)
            .map_err(|e| ApiError::bad_request("INVALID_JSON", format!("The request body does not fit: {e}.")))
    }

    /// The requested page.
    pub(crate) fn paging(&self) -> Paging {
        Paging::of(self.query)
    }

    /// A link to `path` of this server.
    pub(crate) fn link(&self, rel: &str, path: &str) -> Value {
        json!({"href": format!("{}{path}", self.base), "rel": rel})
    }
}

/// The query, decoded; empty values count as absent.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Every value of a parameter that may be repeated.
    pub(crate) fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.pairs().filter(move |(n, _)| *n == name).map(|(_, value)| value)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// A success.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
}

impl Answer {
    /// 200 with `document`, its absent fields left out.
    pub(crate) fn ok(document: Value) -> Self {
        Self::with(StatusCode::OK, document)
    }

    /// `status` with `document`.
    pub(crate) fn with(status: StatusCode, document: Value) -> Self {
        Self { status, body: Some(document) }
    }

    /// 204.
    pub(crate) fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None }
    }
}

/// Leaves out what is null in `document`: the service does not send absent scalars.
pub(crate) fn present(mut document: Value) -> Value {
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    document
}

/// A moment as the service writes it, to the second.
pub(crate) fn stamp(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
