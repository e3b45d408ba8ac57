//! From one HTTP request to one answer: sign-in, routing, faults, execution.
//!
//! The order is the service's: who asks comes before what is asked. No request, however odd, may panic here or be read without a bound.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    auth::Auth,
    call::Handler,
    clock::Clock,
    connection::Peer,
    control,
    document::Document,
    downloads::{self, Downloads},
    errors::ApiError,
    executing::Admitted,
    exporting::Exporter,
    faults::{self, Faults},
    limits::Limits,
    recorder::Recorder,
    render, resources,
    router::{Route, Router},
    seed::Seed,
    served_document,
    store::{self, ImportError, Store},
    token_endpoint::{self, Endpoint},
};

/// The largest request body that is read, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// How long a request body may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Where the official command line asks, without credentials, which version a new cluster gets.
const DEFAULT_VERSION_PATH: &str = "/api/private/unauth/nds/defaultMongoDBMajorVersion";

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
    pub(crate) exporter: Option<Arc<Exporter>>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) faults: Faults,
    /// Whether the control API answers.
    pub(crate) control: bool,
    /// Whether an answer that is not as documented becomes a 500.
    pub(crate) strict: bool,
    /// Where links point when a request has no usable `Host`.
    pub(crate) base_url: String,
}

/// Where a request goes that has somewhere to go.
enum Target<'a> {
    Tokens(Endpoint),
    /// The archive of a restore, which its URL alone gives access to.
    Download,
    Operation(Admitted<'a>),
}

impl App {
    pub(crate) fn handlers(document: &Document) -> Vec<Option<Handler>> {
        document.operations.iter().map(|o| resources::handler(&o.id)).collect()
    }

    /// Begins again with `seed`, at the time that it is: with no faults, full buckets and nothing recorded.
    ///
    /// # Errors
    /// An exported state is wrong at the place that is named; then nothing has changed.
    pub(crate) fn reset(&self, seed: &Seed) -> Result<(), ImportError> {
        // Whoever has to know that it is saved asks the store for everything.
        let _saved_later = match seed {
            Seed::Exported(document) => store::document::import(&self.store, &self.clock, Value::clone(document))?,
            _ => {
                let state = seed.state(self.clock.now())?;
                let ((), ticket) = self.store.write(|known| known.replace(state));
                // A seed knows no clock; this one has it saved again.
                self.clock.advance(Duration::ZERO);
                ticket
            }
        };
        self.limits.refill();
        self.faults.clear(None);
        self.forget_requests();
        Ok(())
    }

    pub(crate) fn forget_requests(&self) {
        if let Some(recorder) = &self.recorder {
            let _forgotten = recorder.take();
        }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: http::Request<Body>) -> Response {
        let (mut parts, body) = request.into_parts();
        let peer = parts.extensions.remove::<Peer>().unwrap_or_default();
        if self.control && control::is_meant(parts.uri.path()) {
            return control::answer(self, &peer, &parts, body).await;
        }
        let mut response = match self.taken_in(&peer, &parts, body).await {
            Ok((body, response)) => {
                if let Some(recorder) = &self.recorder {
                    recorder.record(&parts, &body, response.status());
                }
                response
            }
            Err(refusal) => refusal.into_response(),
        };
        let status = response.status().as_u16();
        tracing::debug!(peer = %peer.address(), method = %parts.method, path = parts.uri.path(), status);
        for (name, value) in EVERYWHERE {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }

    /// The body of a request and the answer to it.
    ///
    /// # Errors
    /// The body is too large or does not come.
    async fn taken_in(&self, peer: &Peer, parts: &Parts, body: Body) -> Result<(Bytes, Response), ApiError> {
        let target = self.target(parts);
        // Whoever waits to be told to go on is not asked for a body that nobody will look at.
        let waits =
            parts.headers.get(header::EXPECT).is_some_and(|e| e.as_bytes().eq_ignore_ascii_case(b"100-continue"));
        let body = if target.is_err() && waits { Bytes::new() } else { read(parts, body, BODY_LIMIT).await? };
        let response = match target {
            Ok(target) => self.dispatch(target, peer, parts, &body).await,
            Err(refusal) => *refusal,
        };
        Ok((body, response))
    }

    async fn dispatch(&self, target: Target<'_>, peer: &Peer, parts: &Parts, body: &Bytes) -> Response {
        self.store.settle(self.clock.now()).await;
        if let Some(exporter) = &self.exporter {
            exporter.catch_up().await;
        }
        let struck = self.faults.draw(match &target {
            Target::Tokens(endpoint) => endpoint.name(),
            Target::Download => faults::DOWNLOAD,
            Target::Operation(admitted) => &admitted.found.operation.id,
        });
        if let Some(response) = faults::before(&self.faults, &struck, peer).await {
            return response;
        }
        let response = match &target {
            Target::Tokens(endpoint) => token_endpoint::answer(self, *endpoint, parts, body),
            Target::Download => {
                let wanted = self.store.read(|state| downloads::Wanted::find(state, parts, self.clock.now()));
                downloads::answer(&self.downloads, parts, wanted).await
            }
            Target::Operation(admitted) => {
                let store = store::Access::to(&self.store);
                let response = self.operation(admitted, parts, body, &store);
                // Nothing is acknowledged before it is saved.
                store.saved().await.map_or_else(|error| ApiError::from(error).into_response(), |()| response)
            }
        };
        faults::after(&struck, response, peer).await
    }

    /// Where the request goes, or the answer of one that goes no further.
    fn target(&self, parts: &Parts) -> Result<Target<'_>, Box<Response>> {
        let path = parts.uri.path();
        if let Some(endpoint) = Endpoint::at(path) {
            return Ok(Target::Tokens(endpoint));
        }
        if path.starts_with(downloads::PREFIX) {
            return Ok(Target::Download);
        }
        if path == DEFAULT_VERSION_PATH {
            return Err(Box::new(resources::default_mongodb_version()));
        }
        if path == served_document::PATH {
            let base = render::base(&parts.headers, &self.base_url);
            return Err(Box::new(served_document::answer(self.document, &parts.method, &base)));
        }
        if path == "*" && parts.method == Method::OPTIONS {
            return Err(Box::new(StatusCode::NO_CONTENT.into_response()));
        }
        if !path.starts_with("/api/") {
            return Err(Box::new(unknown(path).into_response()));
        }
        let target = parts.uri.path_and_query().map_or(path, |t| t.as_str());
        let access = self.auth.admit(&parts.method, target, &parts.headers, self.clock.unscaled());
        let access = access.map_err(|refusal| Box::new(refusal.into_response()))?;
        match self.router.find(self.document, &parts.method, path) {
            Route::Found(found) => Ok(Target::Operation(Admitted { found, access })),
            Route::Unknown => Err(Box::new(unknown(path).into_response())),
            Route::OtherMethods(methods) => Err(Box::new(other_methods(&methods, &parts.method, path))),
        }
    }
}

/// Reads the body, no more than there may be and no longer than it may take.
pub(crate) async fn read(parts: &Parts, body: Body, most: usize) -> Result<Bytes, ApiError> {
    let too_large = || {
        let detail = format!("The request body could not be read or is larger than {most} bytes.");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "REQUEST_BODY_TOO_LARGE", detail)
    };
    // A client that announces too much, and perhaps waits to be told to go on, is not asked for any of it.
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    match timeout(BODY_WITHIN, to_bytes(body, most)).await {
        Ok(read) => read.map_err(|_| too_large()),
        Err(_) => {
            let detail = format!("The request body did not arrive within {} s.", BODY_WITHIN.as_secs());
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", detail))
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

/// What a known path answers to a method it does not take: what it takes, to OPTIONS as an answer, to others as an error.
pub(crate) fn other_methods(taken: &[&Method], asked: &Method, path: &str) -> Response {
    let mut allowed = Vec::new();
    for method in taken {
        allowed.push(method.as_str());
        if *method == Method::GET {
            allowed.push("HEAD");
        }
    }
    allowed.push("OPTIONS");
    let allowed = allowed.join(", ");
    let allow = HeaderValue::from_str(&allowed).unwrap_or(HeaderValue::from_static(""));
    if asked == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]).into_response();
    }
    let detail = format!("{path} takes {allowed}.");
    let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail);
    error.header(header::ALLOW, allow).into_response()
}

fn unknown(path: &str) -> ApiError {
    ApiError::resource_not_found("resource at", path)
}
