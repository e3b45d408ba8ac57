//! From one HTTP request to one answer: sign-in, routing, limits, versions, validation, handler, envelope.
//!
//! The order is the service's: who asks comes before what is asked, and every answer after that says how much of the rate
//! limit is left. No request, however odd, may panic here or be read without a bound.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts, uri::Authority};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    auth::Auth,
    call::{Answer, Call, Handler, Query},
    clock::Clock,
    document::{Document, Operation, Version},
    downloads::{self, Downloads},
    errors::ApiError,
    limits::Limits,
    recorder::Recorder,
    resources,
    router::{Match, Route, Router},
    schema::{self, Direction},
    store::{Access, Store},
    token_endpoint, validation, versions,
};

/// The largest request body that is read, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// How long a request body may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Everything a request needs.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) document: &'static Document,
    pub(crate) router: &'static Router,
    /// In the document's order of operations.
    pub(crate) handlers: Vec<Option<Handler>>,
    pub(crate) auth: Auth,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<Clock>,
    pub(crate) store: Arc<Store>,
    pub(crate) downloads: Downloads,
    pub(crate) recorder: Option<Recorder>,
    /// Where links point when a request has no usable `Host`.
    pub(crate) base_url: String,
}

impl App {
    pub(crate) fn handlers(document: &Document) -> Vec<Option<Handler>> {
        document.operations.iter().map(|o| resources::handler(&o.id)).collect()
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: http::Request<Body>) -> Response {
        let (parts, body) = request.into_parts();
        if parts.uri.path().starts_with(downloads::PREFIX) {
            let wanted = self.store.read(|state| downloads::Wanted::find(state, &parts, self.clock.now()));
            return downloads::answer(&self.downloads, &parts, wanted).await;
        }
        let mut response = match timeout(BODY_WITHIN, to_bytes(body, BODY_LIMIT)).await {
            Err(_) => {
                let detail = format!("The request body did not arrive within {} s.", BODY_WITHIN.as_secs());
                ApiError::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", detail).into_response()
            }
            Ok(Ok(body)) => {
                let access = Access::to(&self.store);
                let response = self.dispatch(&parts, &body, &access);
                // Nothing is acknowledged before it is saved.
                let response = match access.saved().await {
                    Ok(()) => response,
                    Err(error) => ApiError::from(error).into_response(),
                };
                if let Some(recorder) = &self.recorder {
                    recorder.record(&parts, &body, response.status());
                }
                response
            }
            Ok(Err(_)) => {
                let detail = format!("The request body could not be read or is larger than {BODY_LIMIT} bytes.");
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "REQUEST_BODY_TOO_LARGE", detail).into_response()
            }
        };
        tracing::debug!(method = %parts.method, path = parts.uri.path(), status = response.status().as_u16());
        for (name, value) in EVERYWHERE {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }

    fn dispatch(&self, parts: &Parts, body: &Bytes, access: &Access<'_>) -> Response {
        let path = parts.uri.path();
        match path {
            "/api/oauth/token" | "/api/oauth/revoke" => return token_endpoint::answer(self, parts, body),
            _ if !path.starts_with("/api/") => return unknown(path).into_response(),
            _ => {}
        }
        let target = parts.uri.path_and_query().map_or(path, |t| t.as_str());
        if let Err(refusal) = self.auth.admit(&parts.method, target, &parts.headers, self.clock.unscaled()) {
            return refusal.into_response();
        }
        match self.router.find(self.document, &parts.method, path) {
            Route::Found(found) => self.operation(&found, parts, body, access),
            Route::Unknown => unknown(path).into_response(),
            Route::OtherMethods(methods) => other_methods(&methods, &parts.method, path),
        }
    }

    fn operation(&self, found: &Match<'_>, parts: &Parts, body: &Bytes, access: &Access<'_>) -> Response {
        let operation = found.operation;
        let project = found.parameters.iter().find(|(n, _)| *n == "groupId").map_or("", |(_, id)| id.as_str());
        let now = self.clock.unscaled();
        let granted = match self.limits.take(&operation.tag, project, parts.uri.path(), now) {
            Ok(granted) => granted,
            Err(refusal) => return refusal.into_response(),
        };
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let version =
            if found.legacy { Ok(&operation.versions[0]) } else { versions::negotiate(operation, &parts.headers) };
        let outcome = version.clone().and_then(|version| self.call(found, version, &query, parts, body, access));
        let mut response = render(outcome, version.as_ref().ok().copied().filter(|_| !found.legacy), &query);
        let headers = response.headers_mut();
        granted.announce(headers);
        if let (Ok(version), false) = (version, found.legacy) {
            versions::announce(version, headers);
        }
        response
    }

    fn call(
        &self,
        found: &Match<'_>,
        version: &Version,
        query: &Query,
        parts: &Parts,
        body: &Bytes,
        access: &Access<'_>,
    ) -> Result<Answer, ApiError> {
        let operation = found.operation;
        let path = parts.uri.path();
        let now = self.clock.now();
        versions::still_served(version, path, now.date_naive())?;
        let Some(handler) = self.handlers[found.index] else { return Err(not_modelled(operation)) };
        validation::parameters(self.document, operation, &found.parameters, query)?;
        let body = validation::body(self.document, operation, version, &parts.headers, body)?;
        let base = base(&parts.headers, &self.base_url);
        let call = Call {
            document: self.document,
            operation,
            version,
            parameters: &found.parameters,
            query,
            body,
            store: access,
            limits: &self.limits,
            now,
            base: &base,
            path,
        };
        let answer = handler(&call)?;
        if cfg!(debug_assertions) {
            self.complain_about(&call, &answer);
        }
        Ok(answer)
    }

    /// In debug builds, logs what an answer says that the document does not.
    fn complain_about(&self, call: &Call<'_>, answer: &Answer) {
        let documented = call.version.responses.iter().find_map(|(_, schema)| schema.as_ref());
        // An empty document is how the service says that there is nothing yet.
        let body = answer.body.as_ref().filter(|body| body.as_object().is_none_or(|fields| !fields.is_empty()));
        let (Some(schema), Some(body)) = (documented, body) else { return };
        for violation in schema::check(self.document, schema, body, Direction::Answer) {
            let (field, description) = (violation.field, violation.description);
            tracing::warn!(operation = call.operation.id, field, description, "undocumented answer");
        }
    }
}

/// Headers of every answer.
const EVERYWHERE: [(&str, &str); 5] = [
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("strict-transport-security", "max-age=31536000; includeSubdomains;"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-permitted-cross-domain-policies", "none"),
];

/// Puts an outcome on the wire, in an envelope and indented if the query says so.
fn render(outcome: Result<Answer, ApiError>, version: Option<&Version>, query: &Query) -> Response {
    let write = |mut body: Value, status: StatusCode| {
        if query.flag("envelope") {
            body = enveloped(body, status);
        }
        let pretty = if query.flag("pretty") { serde_json::to_string_pretty(&body).ok() } else { None };
        pretty.unwrap_or_else(|| body.to_string())
    };
    match outcome {
        Ok(Answer { status, body }) => {
            let body = body.map_or_else(String::new, |body| write(body, status));
            let mut response = (status, body).into_response();
            let content_type = version.map_or(HeaderValue::from_static("application/json"), versions::content_type);
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            response
        }
        Err(error) => {
            let body = write(error.body(), error.status);
            error.respond_with(body)
        }
    }
}

/// A page gets its status beside the results, anything else goes below `content`.
fn enveloped(mut body: Value, status: StatusCode) -> Value {
    if body.get("results").is_some() {
        body["status"] = status.as_u16().into();
        return body;
    }
    json!({"status": status.as_u16(), "content": body})
}

/// Links point where the client came in, so that they stay on its origin.
fn base(headers: &HeaderMap, otherwise: &str) -> String {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()?.parse::<Authority>().ok());
    host.map_or_else(|| otherwise.to_owned(), |host| format!("http://{host}"))
}

/// What a known path answers to a method it does not take: what it takes, to OPTIONS as an answer, to others as an error.
fn other_methods(taken: &[&Method], asked: &Method, path: &str) -> Response {
    let taken = taken.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(", ");
    let allow = HeaderValue::from_str(&taken).unwrap_or(HeaderValue::from_static(""));
    if asked == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]).into_response();
    }
    let detail = format!("{path} takes {taken}.");
    let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail);
    error.header(header::ALLOW, allow).into_response()
}

fn unknown(path: &str) -> ApiError {
    ApiError::resource_not_found("resource at", path)
}

fn not_modelled(operation: &Operation) -> ApiError {
    let detail = format!("This emulator does not model {}.", operation.id);
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "EMULATOR_NOT_IMPLEMENTED", detail).parameter(operation.id.as_str())
}
