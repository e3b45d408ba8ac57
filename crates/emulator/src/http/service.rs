//! From one HTTP request to one response: authentication, routing, faults, execution.
//!
//! The order is that of the service: authentication comes before routing. No request may cause a panic or be read
//! without a limit.

use std::sync::Arc;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, Version, header, request::Parts};

#[cfg(feature = "mongo")]
use crate::mongo::endpoints::Endpoints;
use crate::{
    api::cluster_create::DEFAULT_MAJOR,
    domain::{error::ApiError, link_key::PREFIX},
    files::{archive_cache::ArchiveCache, downloads, exporter::Exporter, requested_archive::RequestedArchive},
    http::{
        auth::credentials::Auth,
        compression::compressed,
        connection::Peer,
        control::routes,
        execute::{AuthenticatedRequest, Executor, not_modelled},
        faults::{apply, fault},
        instance::Instance,
        messages::{other_methods, read_body},
        render, served_document,
        token_endpoint::{self, Endpoint},
    },
    openapi::router::{Route, Router},
    store::shared_state::StateAccess,
};

/// Maximum size of a request body, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// The official command line requests, without credentials, the default MongoDB version at this path.
const DEFAULT_VERSION_PATH: &str = "/api/private/unauth/nds/defaultMongoDBMajorVersion";

/// Everything that a request needs.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) instance: Arc<Instance>,
    pub(crate) router: &'static Router,
    pub(crate) executor: Executor,
    pub(crate) auth: Auth,
    pub(crate) downloads: ArchiveCache,
    pub(crate) exporter: Option<Arc<Exporter>>,
    /// Whether the control API is enabled.
    pub(crate) control: bool,
    /// The clusters for drivers, where they are served.
    #[cfg(feature = "mongo")]
    pub(crate) endpoints: Option<Arc<Endpoints>>,
}

/// Target of a routed request.
enum Target<'a> {
    Tokens(Endpoint),
    /// The archive of a restore. Its URL is the only credential.
    Download,
    Operation(AuthenticatedRequest<'a>),
}

impl Service {
    /// Handles one request.
    pub(crate) async fn answer(&self, request: http::Request<Body>) -> Response {
        let (mut parts, body) = request.into_parts();
        let peer = parts.extensions.remove::<Peer>().unwrap_or_default();
        // RFC 9112, 3.2: a request of this version names its host once.
        if parts.version == Version::HTTP_11 && parts.headers.get_all(header::HOST).iter().count() != 1 {
            return StatusCode::BAD_REQUEST.into_response();
        }
        if self.control && routes::is_control_path(parts.uri.path()) {
            let response = routes::answer(&self.instance, &peer, &parts, body).await;
            return compressed(&parts.headers, response).await;
        }
        let mut response = match self.read_and_answer(&peer, &parts, body).await {
            Ok((body, response)) => {
                if let Some(recorder) = &self.instance.recorder {
                    recorder.record(&parts, &body, response.status());
                }
                response
            }
            Err(refusal) => refusal.into_response(),
        };
        let status = response.status().as_u16();
        tracing::debug!(peer = %peer.address(), method = %parts.method, path = parts.uri.path(), status);
        for (name, value) in COMMON_HEADERS {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        compressed(&parts.headers, response).await
    }

    /// Reads the body of a request and handles it.
    ///
    /// # Errors
    /// The body is too large or does not arrive.
    async fn read_and_answer(&self, peer: &Peer, parts: &Parts, body: Body) -> Result<(Bytes, Response), ApiError> {
        let target = self.target(parts);
        // A client that waits for `100 Continue` is not asked for a body that will not be read.
        let waits =
            parts.headers.get(header::EXPECT).is_some_and(|e| e.as_bytes().eq_ignore_ascii_case(b"100-continue"));
        let body = if target.is_err() && waits { Bytes::new() } else { read_body(parts, body, BODY_LIMIT).await? };
        let response = match target {
            Ok(target) => self.dispatch(target, peer, parts, &body).await,
            Err(refusal) => *refusal,
        };
        Ok((body, response))
    }

    async fn dispatch(&self, target: Target<'_>, peer: &Peer, parts: &Parts, body: &Bytes) -> Response {
        self.instance.store.run_schedules(self.instance.clock.now()).await;
        if let Some(exporter) = &self.exporter {
            exporter.catch_up().await;
        }
        #[cfg(feature = "mongo")]
        if let Some(endpoints) = &self.endpoints {
            endpoints.update().await;
        }
        let matched = self.instance.faults.take_matching(match &target {
            Target::Tokens(endpoint) => endpoint.name(),
            Target::Download => fault::DOWNLOAD,
            Target::Operation(admitted) => &admitted.found.operation.id,
        });
        if let Some(response) = apply::before(&self.instance.faults, &matched, peer).await {
            return response;
        }
        let response = match &target {
            Target::Tokens(endpoint) => token_endpoint::answer(
                &self.auth.tokens,
                &self.instance.limits,
                self.instance.clock.unscaled(),
                *endpoint,
                parts,
                body,
            ),
            Target::Download => {
                let wanted =
                    self.instance.store.read(|state| RequestedArchive::find(state, parts, self.instance.clock.now()));
                downloads::answer(&self.downloads, parts, wanted).await
            }
            Target::Operation(admitted) => {
                let store = StateAccess::to(&self.instance.store);
                let response = self.executor.answer(admitted, parts, body, &store);
                // No response is sent before the changes are saved.
                store.saved().await.map_or_else(|error| ApiError::from(error).into_response(), |()| response)
            }
        };
        apply::after(&matched, response, peer).await
    }

    /// The target of the request, or a final response.
    fn target(&self, parts: &Parts) -> Result<Target<'_>, Box<Response>> {
        let path = parts.uri.path();
        if let Some(endpoint) = Endpoint::at(path) {
            return Ok(Target::Tokens(endpoint));
        }
        if path.starts_with(PREFIX) {
            return Ok(Target::Download);
        }
        if path == DEFAULT_VERSION_PATH {
            let plain = [(header::CONTENT_TYPE, "text/plain;charset=iso-8859-1")];
            return Err(Box::new((plain, DEFAULT_MAJOR).into_response()));
        }
        if path == served_document::PATH {
            let base = render::base(&parts.headers, &self.executor.base_url);
            return Err(Box::new(served_document::answer(self.instance.document, &parts.method, &base)));
        }
        if path == "*" && parts.method == Method::OPTIONS {
            return Err(Box::new(StatusCode::NO_CONTENT.into_response()));
        }
        if !path.starts_with("/api/") {
            return Err(Box::new(unknown_path(path).into_response()));
        }
        let target = parts.uri.path_and_query().map_or(path, |t| t.as_str());
        let access = self.auth.admit(&parts.method, target, &parts.headers, self.instance.clock.unscaled());
        let access = access.map_err(|refusal| Box::new(refusal.into_response()))?;
        match self.router.find(self.instance.document, &parts.method, path) {
            Route::Found(found) => Ok(Target::Operation(AuthenticatedRequest { found, access })),
            Route::NotInDocument(id) => Err(Box::new(not_modelled(id).into_response())),
            Route::Unknown => Err(Box::new(unknown_path(path).into_response())),
            Route::OtherMethods(methods) => Err(Box::new(other_methods(&methods, &parts.method, path))),
        }
    }
}

/// Headers of every response.
const COMMON_HEADERS: [(&str, &str); 8] = [
    ("server", "mdbws"),
    ("x-envoy-upstream-service-time", "1"),
    ("x-mongodb-service-version", concat!("atlas-backup-emulator ", env!("CARGO_PKG_VERSION"))),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("strict-transport-security", "max-age=31536000; includeSubdomains;"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-permitted-cross-domain-policies", "none"),
];

fn unknown_path(path: &str) -> ApiError {
    ApiError::resource_not_found("resource at", path)
}
