//! The pipeline of a call, and what all calls of a client share.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use ::http::{HeaderMap, HeaderName, HeaderValue, header};
use atlas_backup_runtime::{Call, Operation, Reply, Transport, Version, transport::Exchange};
use bytes::Bytes;
use tokio::{sync::Semaphore, time::Instant};
use tracing::{Instrument as _, field::Empty};

#[cfg(feature = "metrics")]
use crate::http::metrics;
use crate::{
    http::{
        auth::signer::{Signer, TokenContext},
        base::BaseUrl,
        budget::Budget,
        envelope::Unwrapping,
        limiter::Limiter,
        retry::{self, Attempt, RetryPolicy, Safety},
        wire::{self, Outgoing, Wire},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::{self, Deprecation},
        operations,
        retired::RetiredPolicy,
        subject::Subject,
        version::ApiVersion,
        wait_policy::WaitPolicy,
    },
};

/// What all calls of a client share.
pub(crate) struct Core {
    pub(crate) base: BaseUrl,
    pub(crate) wire: Box<dyn Wire>,
    pub(crate) signer: Signer,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) limiter: Option<Limiter>,
    /// One permit for each request that may be under way.
    pub(crate) in_flight: Semaphore,
    pub(crate) envelope: bool,
    pub(crate) pretty: bool,
    /// Deprecations announced by responses, by operation and version.
    pub(crate) announced: Mutex<BTreeMap<(&'static str, String), Deprecation>>,
    pub(crate) redirect: Box<dyn Redirect>,
}

/// Handles calls to removed operations. The replacements are defined above this layer.
pub(crate) trait Redirect: Send + Sync {
    /// Handles `call` according to the policy of `seam`.
    fn call<'a>(&'a self, seam: &'a BindingTransport, call: Call, deadline: Instant) -> wire::Exchange<'a>;
}

impl Core {
    /// Context of a token request.
    pub(crate) fn token_context(&self, deadline: Instant) -> TokenContext<'_> {
        TokenContext { wire: &*self.wire, retry: &self.retry, budget: &self.budget, deadline }
    }
}

/// Options of one client or derived client.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) deadline: Duration,
    pub(crate) pin: Option<ApiVersion>,
    pub(crate) retired: RetiredPolicy,
    /// Requests the envelope and keeps it.
    pub(crate) wrapped: bool,
    /// Sends only read-only calls.
    pub(crate) dry_run: bool,
    pub(crate) headers: HeaderMap,
    /// For waits on what the client's handles start.
    pub(crate) wait: WaitPolicy,
    /// Whether calls are the polls of a wait, which repeats them itself, outside the budget.
    pub(crate) polls: bool,
}

/// The transport that the bindings get.
pub(crate) struct BindingTransport {
    pub(crate) core: Arc<Core>,
    pub(crate) options: Options,
}

impl Transport for BindingTransport {
    fn send(&self, call: Call) -> Exchange<'_> {
        Box::pin(async move { self.call(call).await.map_err(Into::into) })
    }
}

/// A request without a binding.
pub(crate) struct PathRequest {
    pub(crate) method: ::http::Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) version: ApiVersion,
    pub(crate) body: Option<Bytes>,
    /// The operation of the path, if it is in the table.
    pub(crate) operation: Option<&'static Operation>,
}

/// The subject of a request.
#[derive(Clone, Copy)]
struct Target<'a> {
    operation: Option<&'static Operation>,
    version: &'a str,
    accept: &'a str,
    /// Whether the response must have exactly this version, not one that the date selects.
    exact: bool,
}

#[cfg(feature = "metrics")]
impl Target<'_> {
    /// The operation's ID, or `path` for a path that is not in the table.
    fn name(&self) -> &'static str {
        self.operation.map_or("path", |operation| operation.id)
    }
}

impl BindingTransport {
    /// Sends `call` and returns the response, with any status.
    pub(crate) async fn call(&self, call: Call) -> Result<Reply> {
        let (operation, version) = (call.operation, call.version);
        let span = tracing::info_span!(
            "atlas_call",
            operation = operation.id,
            version = version.date,
            project = Empty,
            cluster = Empty,
            http.request.method = method(operation).as_str(),
            http.response.status_code = Empty,
            error.type = Empty,
        );
        record_subject(&span, Some(operation), &call.path);
        let deadline = retry::instant_after(self.options.deadline);
        let answered = async {
            // Operations of other bindings are sent as they are.
            let is_redirected = operation.retired && operations::find(operation.id).is_some_and(|own| own == operation);
            let reply = match (self.check_pin(operation, version), is_redirected) {
                (Err(refused), _) => Err(refused.on_call(operation, Some(version), Some(&call.path))),
                (Ok(()), true) => self.core.redirect.call(self, call, deadline).await,
                (Ok(()), false) => self.exchange(call, deadline).await,
            };
            record_outcome(&reply);
            #[cfg(feature = "metrics")]
            metrics::call(operation.id, &reply);
            reply
        };
        answered.instrument(span).await.map_err(|error| error.on(operation, Some(version)))
    }

    /// The same for a request without a binding. Its path is used as given, retired or not.
    pub(crate) async fn call_path(&self, request: PathRequest) -> Result<Reply> {
        let PathRequest { method, path, query, version, body, operation } = request;
        let text = version.to_string();
        // The path is not in the span, because it may contain data that must not be logged.
        let name = operation.map_or("path", |operation| operation.id);
        let span = tracing::info_span!(
            "atlas_call",
            operation = name,
            version = text,
            project = Empty,
            cluster = Empty,
            http.request.method = method.as_str(),
            http.response.status_code = Empty,
            error.type = Empty,
        );
        if operation.is_some() {
            record_subject(&span, operation, &path);
        }
        let deadline = retry::instant_after(self.options.deadline);
        let accept = crate::model::version::MediaType::json(version).to_string();
        let answered = async {
            let target = Target { operation, version: &text, accept: &accept, exact: false };
            let media = HeaderValue::try_from(&accept).map_err(|source| {
                Error::new(ErrorKind::InvalidInput, "invalid version: not valid in a header").with_source(source)
            })?;
            let query = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let content_type = media.clone();
            let outgoing = self.outgoing(method.clone(), &path, query, media, body.map(|body| (body, content_type)));
            let reply = self.send_with_retries(outgoing?, target, deadline).await;
            record_outcome(&reply);
            #[cfg(feature = "metrics")]
            metrics::call(name, &reply);
            reply
        };
        answered.instrument(span).await.map_err(|error| error.on_path(&method, &path, text.clone()))
    }

    /// Sends a call to the operation that it names.
    pub(crate) async fn exchange(&self, call: Call, deadline: Instant) -> Result<Reply> {
        let Call { operation, version, path, query, body } = call;
        let query = query.iter().map(|(name, value)| (*name, value.as_str()));
        let media = HeaderValue::from_static(version.content_type.unwrap_or(version.accept));
        let accept = HeaderValue::from_static(version.accept);
        let outgoing = self.outgoing(method(operation), &path, query, accept, body.map(|body| (body, media)))?;
        let target = Target { operation: Some(operation), version: version.date, accept: version.accept, exact: true };
        let delivered = self.send_with_retries(outgoing, target, deadline).await;
        delivered.map_err(|error| error.on_call(operation, Some(version), Some(&path)))
    }

    /// Sends a request with retries, and returns a response that a binding can decode.
    async fn send_with_retries(&self, request: Outgoing, target: Target<'_>, deadline: Instant) -> Result<Reply> {
        let safety = Safety::of(&request.method);
        if self.options.dry_run && safety != Safety::Read {
            return Err(request.dry_run(target.operation));
        }
        let core = &*self.core;
        let once = RetryPolicy::none();
        let retry = if self.options.polls { &once } else { &core.retry };
        let set = target.operation.map_or("", |operation| operation.tag);
        let bucket = core.limiter.as_ref().map(|limiter| limiter.bucket(set, request.url.path()));
        let is_sent = (safety == Safety::Once).then(Arc::<AtomicBool>::default);
        let request = Outgoing { is_sent: is_sent.clone(), ..request };
        let attempt = |Attempt { number, waited }| {
            let (request, bucket) = (&request, bucket.as_ref());
            let (wait, budget) = (waited.as_millis() as u64, core.budget.left());
            let span = tracing::debug_span!(
                "atlas_attempt",
                attempt = number,
                wait,
                budget,
                otel.kind = "client",
                http.request.method = request.method.as_str(),
                http.request.resend_count = (number > 1).then_some(number - 1),
                server.address = request.url.host_str(),
                server.port = request.url.port_or_known_default(),
                http.response.status_code = Empty,
                error.type = Empty,
            );
            if let Some(is_sent) = &is_sent {
                is_sent.store(false, Relaxed);
            }
            async move {
                #[cfg(feature = "metrics")]
                let begun = Instant::now();
                let admission = match bucket {
                    Some(bucket) => Some(bucket.admission(deadline).await),
                    None => None,
                };
                #[cfg(feature = "metrics")]
                metrics::limiter(target.name(), begun.elapsed());
                let admission = admission.transpose()?;
                // The semaphore is never closed.
                let _permit = core.in_flight.acquire().await.ok();
                let context = TokenContext { retry, ..core.token_context(deadline) };
                // The status inside an envelope decides: the outer one may be 200 for a failure.
                let reply = match self.options.wrapped || core.envelope {
                    true => {
                        let wire = &Unwrapping { wire: context.wire, keeps: self.options.wrapped };
                        core.signer.send(request, TokenContext { wire, ..context }).await
                    }
                    false => core.signer.send(request, context).await,
                };
                if let (Some(admission), Ok(reply)) = (admission, &reply) {
                    admission.answered(reply);
                }
                record_outcome(&reply);
                #[cfg(feature = "metrics")]
                metrics::attempt(target.name(), set, request.url.path(), &reply);
                reply
            }
            .instrument(span)
        };
        let answered = retry.run(safety, deadline, &core.budget, attempt).await;
        let reply = answered.map_err(|error| match error.kind() {
            ErrorKind::Timeout | ErrorKind::Connection
                if is_sent.as_ref().is_some_and(|is_sent| is_sent.load(Relaxed)) =>
            {
                error.unanswered()
            }
            _ => error,
        })?;
        self.announce_deprecation(target, &reply.headers);
        check_version(target, &reply)?;
        Ok(reply)
    }

    /// A pin that selects another version than the binding's is refused before sending.
    fn check_pin(&self, operation: &'static Operation, version: &'static Version) -> Result<()> {
        let Some(pin) = self.options.pin else { return Ok(()) };
        let supported = || operation.versions.iter().filter_map(|v| v.date.parse::<ApiVersion>().ok());
        match pin.resolve(supported()) {
            Some(resolved) if version.date.parse().ok() == Some(resolved) => Ok(()),
            Some(resolved) => {
                let resolved = resolved.to_string();
                // Naming of bindings.
                let name = match operation.newest().date == resolved {
                    true => "has no date in its name".to_owned(),
                    false => format!("has a name that ends in _v{}", resolved.replace('-', "")),
                };
                Err(Error::new(
                    ErrorKind::UnsupportedVersion,
                    format!(
                        "the pin {pin} means version {resolved} here, but this method speaks {}; Client::operation calls \
                         {resolved} by this pin, and Client::call by its binding, which {name}",
                        version.date
                    ),
                ))
            }
            None => Err(Error::new(
                ErrorKind::UnsupportedVersion,
                format!("the pin {pin} is older than the operation, which has {}", list(supported())),
            )),
        }
    }

    fn outgoing<'q>(
        &self,
        method: ::http::Method,
        path: &str,
        query: impl Iterator<Item = (&'q str, &'q str)>,
        accept: HeaderValue,
        body: Option<(Bytes, HeaderValue)>,
    ) -> Result<Outgoing> {
        let shape = [("envelope", self.core.envelope || self.options.wrapped), ("pretty", self.core.pretty)];
        let shape = shape.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "true"));
        let url = self.core.base.join(path, query.chain(shape))?;
        let mut headers = self.options.headers.clone();
        headers.insert(header::ACCEPT, accept);
        let body = body.map(|(body, media)| {
            headers.insert(header::CONTENT_TYPE, media);
            body
        });
        Ok(Outgoing { method, url, headers, body, is_sent: None })
    }

    fn announce_deprecation(&self, target: Target<'_>, headers: &HeaderMap) {
        let (deprecation, sunset) = (meta::text(headers, &meta::DEPRECATION), meta::text(headers, &meta::SUNSET));
        let Some(operation) = target.operation.filter(|_| deprecation.is_some() || sunset.is_some()) else { return };
        let mut announced = self.core.announced.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let first = !announced.keys().any(|(id, _)| *id == operation.id);
        // A requested date may select an older version. Sunset dates move, so the latest announcement counts.
        let version = meta::answered_version(headers).map_or_else(|| target.version.to_owned(), |v| v.to_string());
        announced.insert((operation.id, version.clone()), Deprecation::of(operation.id, version, headers));
        if first {
            tracing::warn!(
                operation = operation.id,
                version = target.version,
                deprecation,
                sunset,
                "this version of the operation is deprecated"
            );
        }
    }
}

/// The kind of error of an outcome, if it is one.
pub(super) fn error_kind(outcome: &Result<Reply>) -> Option<ErrorKind> {
    match outcome {
        Ok(reply) if reply.status.is_success() => None,
        Ok(reply) => Some(Error::from_reply(reply.clone()).kind()),
        Err(error) => Some(error.kind()),
    }
}

fn record_subject(span: &tracing::Span, operation: Option<&Operation>, path: &str) {
    if !span.is_disabled() {
        let subject = Subject::of(operation, path);
        span.record("project", subject.project());
        span.record("cluster", subject.cluster());
    }
}

fn record_outcome(outcome: &Result<Reply>) {
    let span = tracing::Span::current();
    if span.is_disabled() {
        return;
    }
    if let Ok(reply) = outcome {
        span.record("http.response.status_code", reply.status.as_u16());
    }
    if let Some(kind) = error_kind(outcome) {
        span.record("error.type", kind.as_str());
    }
}

fn method(operation: &Operation) -> ::http::Method {
    match operation.method {
        atlas_backup_runtime::Method::Get => ::http::Method::GET,
        atlas_backup_runtime::Method::Put => ::http::Method::PUT,
        atlas_backup_runtime::Method::Post => ::http::Method::POST,
        atlas_backup_runtime::Method::Patch => ::http::Method::PATCH,
        atlas_backup_runtime::Method::Delete => ::http::Method::DELETE,
    }
}

/// The response must have the requested version: a document of another version would decode into wrong or missing
/// fields. Responses without a version pass.
fn check_version(asked: Target<'_>, reply: &Reply) -> Result<()> {
    // The media type is usually exactly the requested one.
    let same =
        |text: &str| text.strip_prefix(asked.accept).is_some_and(|rest| rest.is_empty() || rest.starts_with(';'));
    if !reply.status.is_success() || meta::text(&reply.headers, header::CONTENT_TYPE).is_some_and(same) {
        return Ok(());
    }
    let wanted = asked.version.parse::<ApiVersion>().ok();
    match meta::answered_version(&reply.headers) {
        Some(answered) if wanted != Some(answered) && (asked.exact || wanted < Some(answered)) => {
            let message = format!("asked for version {}, answered {answered}", asked.version);
            Err(Error::new(ErrorKind::VersionMismatch, message).with_reply(reply.clone()))
        }
        _ => Ok(()),
    }
}

pub(crate) fn list(items: impl IntoIterator<Item = impl ToString>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// A caller must not set a header that the transport sets, nor one that changes the encoding of a response.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    [
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::AUTHORIZATION,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::HOST,
        header::RANGE,
        header::TRANSFER_ENCODING,
        header::USER_AGENT,
    ]
    .contains(name)
}

#[cfg(test)]
mod tests;
