//! A call by method and path, with JSON in and out, for operations that this crate does not know.
//!
//! It is signed, limited and retried like any other call, and goes only to this client's base URL. Its versions are not
//! known, so the caller must name one, unless the path belongs to an operation of the table or the client is pinned.

use std::{fmt, future::IntoFuture, pin::Pin, time::Duration};

use bytes::Bytes;
use serde_json::Value;

use crate::{
    call::{client::Client, raw::RawResponse},
    http::pipeline::PathRequest,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::Meta,
        operations,
        subject::Subject,
        version::ApiVersion,
    },
};

/// A call by method and path. [`send`](Self::send) it or await it.
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent or awaited"]
pub struct PathCall {
    client: Client,
    method: http::Method,
    path: String,
    query: Vec<(String, String)>,
    version: Option<ApiVersion>,
    body: Option<Bytes>,
}

impl PathCall {
    pub(crate) fn new(client: Client, method: http::Method, path: String) -> Self {
        PathCall { client, method, path, query: Vec::new(), version: None, body: None }
    }

    /// Adds a query parameter, which is not encoded yet.
    pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// The version to request. For a date between versions the service uses the newest version before it. Without it
    /// the client's pin applies, and without a pin the newest version in the operations table.
    pub fn version(mut self, version: ApiVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// The request's body.
    pub fn body(self, body: &Value) -> Self {
        self.body_text(body.to_string())
    }

    /// The request's body as JSON text, which is sent as it is.
    pub fn body_text(mut self, json: impl Into<Bytes>) -> Self {
        self.body = Some(json.into());
        self
    }

    /// How long this call may take in total.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.client = self.client.with_timeout(timeout);
        self
    }

    /// Sends it only if it is read-only: see [`Client::with_dry_run`].
    pub fn dry_run(mut self) -> Self {
        self.client = self.client.with_dry_run();
        self
    }

    /// Sends a further header with this call.
    ///
    /// # Errors
    /// As [`Client::with_header`].
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        self.client = self.client.with_header(name, value)?;
        Ok(self)
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the path is not a path of the API or the body is not JSON;
    /// [`ErrorKind::UnsupportedVersion`] if no version is given or known. Afterwards as every call.
    pub async fn send(self) -> Result<RawResponse> {
        let operation = operations::find_path(&self.method, &self.path);
        let on = |error: Error| error.on_path(&self.method, &self.path, String::new());
        if !self.path.starts_with("/api/") {
            return Err(on(Error::new(ErrorKind::InvalidInput, "invalid path: a path of the API begins with /api/")));
        }
        if let Some(body) = &self.body {
            serde_json::from_slice::<serde::de::IgnoredAny>(body).map_err(|source| {
                on(Error::new(ErrorKind::InvalidInput, "the body is not JSON").with_source(source))
            })?;
        }
        let newest = || operation.and_then(|operation| operation.newest().date.parse().ok());
        let version = self.version.or_else(|| self.client.pin()).or_else(newest).ok_or_else(|| {
            on(Error::new(ErrorKind::UnsupportedVersion, "missing version: this path is not in the operations table"))
        })?;
        let request = PathRequest {
            method: self.method,
            path: self.path,
            query: self.query,
            version,
            body: self.body,
            operation,
        };
        let subject = Subject::of(operation, &request.path);
        let reply = self.client.send_path(request).await?;
        Ok(RawResponse::new(
            operation,
            version.to_string().into(),
            subject,
            reply.body,
            Meta::new(reply.status, reply.headers, &reply.extensions),
        ))
    }
}

/// Without the body, which may contain secrets.
impl fmt::Debug for PathCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PathCall")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl IntoFuture for PathCall {
    type Output = Result<RawResponse>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
