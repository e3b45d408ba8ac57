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
    /// What answers have said about the ends of versions, by operation and version.
    pub(crate) announced: Mutex<BTreeMap<(&'static str, String), Deprecation>>,
    pub(crate) redirect: Box<dyn Redirect>,
}

/// Answers calls to operations that the service has removed. What answers them today is known above this layer.
pub(crate) trait Redirect: Send + Sync {
    /// Answers `call` by the policy of `seam`.
    fn call<'a>(&'a self, seam: &'a BindingTransport, call: Call, deadline: Instant) -> wire::Exchange<'a>;
}

impl Core {
    /// How a request for a token travels.
    pub(crate) fn token_context(&self, deadline: Instant) -> TokenContext<'_> {
        TokenContext { wire: &*self.wire, retry: &self.retry, budget: &self.budget, deadline }
    }
}

/// What one client, or one derived from it, asks of its calls.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) deadline: Duration,
    pub(crate) pin: Option<ApiVersion>,
    pub(crate) retired: RetiredPolicy,
    /// Asks for the envelope and leaves it on.
    pub(crate) wrapped: bool,
    /// Sends nothing but what only reads.
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

/// A request that no binding describes.
pub(crate) struct PathRequest {
    pub(crate) method: ::http::Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) version: ApiVersion,
    pub(crate) body: Option<Bytes>,
    /// The operation of the table that the path belongs to, if any.
    pub(crate) operation: Option<&'static Operation>,
}

/// What a request is for.
#[derive(Clone, Copy)]
struct Target<'a> {
    operation: Option<&'static Operation>,
    version: &'a str,
    accept: &'a str,
    /// Whether the answer has to follow this very version, not one that the date means.
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
    /// Sends `call`, whatever it takes, and returns the answer, whatever its status.
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

    /// The same for a request that no binding describes. It goes where it says, retired or not.
    pub(crate) async fn call_path(&self, request: PathRequest) -> Result<Reply> {
        let PathRequest { method, path, query, version, body, operation } = request;
        let text = version.to_string();
        // The path is not in the span: it may hold what a caller does not want in a log.
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
                Error::new(ErrorKind::InvalidInput, "the version is no header").with_source(source)
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

    /// Sends a call to the operation that it names, no other.
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

    /// Sends a request as often as it takes, and makes its answer one that a binding can read.
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
                // What is inside an envelope decides: the status outside may be 200 for a failure.
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

    /// A pin that lands on another version than the binding speaks is refused here, before anything is sent.
    fn check_pin(&self, operation: &'static Operation, version: &'static Version) -> Result<()> {
        let Some(pin) = self.options.pin else { return Ok(()) };
        let supported = || operation.versions.iter().filter_map(|v| v.date.parse::<ApiVersion>().ok());
        match pin.resolve(supported()) {
            Some(resolved) if version.date.parse().ok() == Some(resolved) => Ok(()),
            Some(resolved) => {
                let resolved = resolved.to_string();
                // So the bindings are named.
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
        // The date that was asked for may mean an older version; the dates move, so the last word counts.
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

/// The kind of error that an outcome is to the caller, if any.
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

/// The answer must follow the version that was asked for: a document of another version would decode into wrong or
/// missing fields. Answers that name no version pass.
fn check_version(asked: Target<'_>, reply: &Reply) -> Result<()> {
    // Nearly always the media type is the very one that was asked for.
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

/// A header that the transport owns may not be set by a caller, nor one that changes how an answer is written.
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
