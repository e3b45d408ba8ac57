//! How a call travels: the other side of the bindings' seam.
//!
//! A call passes, from the outside in: the version pin, the shims for retired operations, headers and URL, the
//! deadline, the retry loop, the signer, the wire; its answer the envelope and the version check on the way back. Each
//! of these is one module, and there is no other way to the network.

pub(crate) mod base;
mod envelope;
pub(crate) mod retry;
pub(crate) mod tls;
pub(crate) mod wire;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use atlas_backup_generated::{Call, Operation, Transport, Version, transport::Exchange};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::Instant;
use tracing::Instrument as _;

pub(crate) use self::wire::Outgoing;
use self::{
    base::BaseUrl,
    retry::{RetryPolicy, Safety},
    wire::Wire,
};
use crate::{
    auth::Signer,
    compat::{self, RetiredPolicy},
    error::{Error, ErrorKind, Result},
    meta,
    version::ApiVersion,
};

/// An answer as the seam has it.
pub(crate) use atlas_backup_generated::Reply;

/// What all calls of a client share.
pub(crate) struct Core {
    pub(crate) base: BaseUrl,
    pub(crate) wire: Box<dyn Wire>,
    pub(crate) signer: Signer,
    pub(crate) retry: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) envelope: bool,
    pub(crate) pretty: bool,
    /// The operations whose deprecation has been logged.
    pub(crate) announced: Mutex<HashSet<&'static str>>,
}

/// What one client, or one derived from it, asks of its calls.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) deadline: Duration,
    pub(crate) pin: Option<ApiVersion>,
    pub(crate) retired: RetiredPolicy,
    /// Asks for the envelope and leaves it on.
    pub(crate) wrapped: bool,
    pub(crate) headers: HeaderMap,
}

/// The transport that the bindings get.
pub(crate) struct Seam {
    pub(crate) core: Arc<Core>,
    pub(crate) options: Options,
}

impl Transport for Seam {
    fn send(&self, call: Call) -> Exchange<'_> {
        Box::pin(async move { self.call(call).await.map_err(Into::into) })
    }
}

impl Seam {
    /// Sends `call`, whatever it takes, and returns the answer, whatever its status.
    pub(crate) async fn call(&self, call: Call) -> Result<Reply> {
        let (operation, version) = (call.operation, call.version);
        let span = tracing::info_span!(
            "atlas_call",
            operation = operation.id,
            version = version.date,
            status = tracing::field::Empty,
        );
        let deadline = retry::after(self.options.deadline);
        async {
            let reply = match (self.check_pin(operation, version), operation.retired) {
                (Err(refused), _) => Err(refused),
                (Ok(()), true) => compat::redirect::call(self, call, deadline).await,
                (Ok(()), false) => self.exchange(call, deadline).await,
            };
            match reply {
                Ok(reply) => {
                    tracing::Span::current().record("status", reply.status.as_u16());
                    Ok(reply)
                }
                Err(error) => Err(error.on(operation, Some(version))),
            }
        }
        .instrument(span)
        .await
    }

    /// Sends a call to the operation that it names, no other.
    pub(crate) async fn exchange(&self, call: Call, deadline: Instant) -> Result<Reply> {
        let request = self.outgoing(&call)?;
        let core = &*self.core;
        let reply = core
            .retry
            .run(Safety::of(call.operation.method), deadline, |attempt| {
                let span = tracing::debug_span!("atlas_attempt", attempt);
                let limit = retry::after(core.attempt_timeout);
                let request = &request;
                async move {
                    let sent = core.signer.send(&*core.wire, request, &core.retry, deadline);
                    match tokio::time::timeout_at(limit, sent).await {
                        Ok(outcome) => outcome,
                        Err(_) => Err(Error::new(ErrorKind::Timeout, "the answer took too long")),
                    }
                }
                .instrument(span)
            })
            .await?;
        let reply = match (self.options.wrapped, core.envelope) {
            (true, _) => envelope::look_inside(reply),
            (false, true) => envelope::unwrap(reply),
            (false, false) => reply,
        };
        self.announce_deprecation(call.operation, call.version, &reply.headers);
        check_version(call.version, &reply)?;
        Ok(reply)
    }

    /// A pin that lands on another version than the binding speaks is refused here, before anything is sent.
    fn check_pin(&self, operation: &'static Operation, version: &'static Version) -> Result<()> {
        let Some(pin) = self.options.pin else { return Ok(()) };
        let supported = || operation.versions.iter().filter_map(|v| v.date.parse::<ApiVersion>().ok());
        match pin.resolve(supported()) {
            Some(resolved) if version.date.parse().ok() == Some(resolved) => Ok(()),
            Some(resolved) => Err(Error::new(
                ErrorKind::UnsupportedVersion,
                format!("the pin {pin} means version {resolved} here, but this method speaks {}", version.date),
            )),
            None => Err(Error::new(
                ErrorKind::UnsupportedVersion,
                format!("the pin {pin} is older than the operation, which has {}", list(supported())),
            )),
        }
    }

    fn outgoing(&self, call: &Call) -> Result<Outgoing> {
        let shape = [("envelope", self.core.envelope || self.options.wrapped), ("pretty", self.core.pretty)];
        let shape = shape.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "true"));
        let query = call.query.iter().map(|(name, value)| (*name, value.as_str()));
        let url = self.core.base.join(&call.path, query.chain(shape))?;
        let mut headers = self.options.headers.clone();
        headers.insert(header::ACCEPT, HeaderValue::from_static(call.version.accept));
        if call.body.is_some() {
            let media = call.version.content_type.unwrap_or(call.version.accept);
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        }
        let method = match call.operation.method {
            atlas_backup_generated::Method::Get => http::Method::GET,
            atlas_backup_generated::Method::Put => http::Method::PUT,
            atlas_backup_generated::Method::Post => http::Method::POST,
            atlas_backup_generated::Method::Patch => http::Method::PATCH,
            atlas_backup_generated::Method::Delete => http::Method::DELETE,
        };
        Ok(Outgoing { method, url, headers, body: call.body.clone() })
    }

    fn announce_deprecation(&self, operation: &'static Operation, version: &'static Version, headers: &HeaderMap) {
        let (deprecation, sunset) = (meta::text(headers, "deprecation"), meta::text(headers, "sunset"));
        if deprecation.is_none() && sunset.is_none() {
            return;
        }
        let mut announced = self.core.announced.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if announced.insert(operation.id) {
            tracing::warn!(
                operation = operation.id,
                version = version.date,
                deprecation,
                sunset,
                "this version of the operation is deprecated"
            );
        }
    }
}

/// The answer must follow the version that was asked for: a document of another version would decode into wrong or
/// missing fields. Answers that name no version pass.
fn check_version(asked: &Version, reply: &Reply) -> Result<()> {
    let answered = meta::answered_version(&reply.headers);
    match answered {
        Some(answered) if reply.status.is_success() && asked.date.parse().ok() != Some(answered) => {
            let message = format!("asked for version {}, answered {answered}", asked.date);
            Err(Error::new(ErrorKind::VersionMismatch, message).with_answer(
                reply.status,
                reply.headers.clone(),
                reply.body.clone(),
            ))
        }
        _ => Ok(()),
    }
}

pub(crate) fn list(items: impl IntoIterator<Item = impl ToString>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// A header that the transport owns may not be set by a caller.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    [
        header::ACCEPT,
        header::AUTHORIZATION,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::HOST,
        header::USER_AGENT,
    ]
    .contains(name)
}

#[cfg(test)]
mod tests;
