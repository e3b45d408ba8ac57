//! One request and its response: the only access to the network.
//!
//! Layers above (signing, retries, envelopes) use the [`Wire`] trait, so that they can be tested without sockets.
//! Redirects are never followed, because they could send credentials elsewhere. A body is never read beyond the limit.

use std::{
    error::Error as StdError,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use atlas_backup_runtime::Operation;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};
use url::Url;

use crate::{
    http::retry::instant_after,
    model::{
        dry_run,
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::Delivery,
        redaction::Secrets,
    },
};
use atlas_backup_runtime::Reply;

/// A request with all headers.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// Set once the request goes out, where it matters whether it was sent.
    pub(crate) is_sent: Option<Arc<AtomicBool>>,
}

impl Outgoing {
    /// The same request, signed.
    pub(crate) fn authorized(&self, value: HeaderValue) -> Outgoing {
        let mut request = self.clone();
        request.headers.insert(header::AUTHORIZATION, value);
        request
    }

    /// The error of a dry run instead of sending this request.
    pub(crate) fn dry_run(&self, operation: Option<&'static Operation>) -> Error {
        dry_run::error(&self.method, &self.url, self.headers.clone(), self.body.as_deref(), operation)
    }
}

/// The future of one exchange.
pub(crate) type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Reply>> + Send + 'a>>;

/// Carries one request.
pub(crate) trait Wire: Send + Sync {
    /// Sends `request` once. [`ErrorKind::Connect`] means that nothing was sent.
    fn send(&self, request: Outgoing) -> Exchange<'_>;

    /// The same, but the body is read in chunks and may have any size.
    fn open(&self, request: Outgoing) -> OpenFuture<'_> {
        let sent = self.send(request);
        Box::pin(async move {
            let Reply { status, headers, body, .. } = sent.await?;
            Ok(StreamedResponse { status, headers, body: Body::Whole(Some(body)) })
        })
    }
}

/// The future of a response with an unread body.
pub(crate) type OpenFuture<'a> = Pin<Box<dyn Future<Output = Result<StreamedResponse>> + Send + 'a>>;

/// A response with an unread body.
pub(crate) struct StreamedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// A body that is read in chunks.
pub(crate) enum Body {
    Arriving(reqwest::Response),
    /// The lock is never contended: it only makes the body `Sync`.
    Service(Mutex<UnsyncBoxBody<Bytes, Error>>),
    Whole(Option<Bytes>),
}

impl Body {
    /// The next chunk, `None` after the last. Dropping the future loses nothing.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        match self {
            Body::Arriving(response) => response.chunk().await.map_err(failure),
            Body::Service(body) => loop {
                let body = body.get_mut().unwrap_or_else(PoisonError::into_inner);
                match body.frame().await.transpose()? {
                    // Trailers.
                    Some(frame) if !frame.is_data() => {}
                    frame => return Ok(frame.and_then(|frame| frame.into_data().ok())),
                }
            },
            Body::Whole(body) => Ok(body.take()),
        }
    }
}

/// A wire that gives each request a time limit, and notes on each response which secrets an error must not show.
pub(crate) struct TimeLimited {
    pub(crate) wire: Box<dyn Wire>,
    pub(crate) limit: Duration,
    pub(crate) secrets: Secrets,
}

impl Wire for TimeLimited {
    fn send(&self, request: Outgoing) -> Exchange<'_> {
        if let Some(is_sent) = &request.is_sent {
            is_sent.store(true, Relaxed);
        }
        let secrets = self.secrets.and(request.headers.get(header::AUTHORIZATION), request.body.as_deref());
        let sent = self.in_time(self.wire.send(request));
        Box::pin(async move {
            let mut reply = sent.await?;
            reply.extensions.get_or_insert_default::<Delivery>().secrets = secrets;
            Ok(reply)
        })
    }

    /// The limit covers the head of the response. The time for a body depends on its size.
    fn open(&self, request: Outgoing) -> OpenFuture<'_> {
        Box::pin(self.in_time(self.wire.open(request)))
    }
}

impl TimeLimited {
    async fn in_time<T>(&self, sent: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout_at(instant_after(self.limit), sent)
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "the response took too long")))
    }
}

/// The wire over reqwest.
pub(crate) struct Http {
    client: reqwest::Client,
    body_limit: usize,
}

impl Http {
    pub(crate) fn new(client: reqwest::Client, body_limit: usize) -> Self {
        Http { client, body_limit }
    }

    async fn execute(&self, request: Outgoing) -> Result<reqwest::Response> {
        let mut outgoing = reqwest::Request::new(request.method, request.url);
        *outgoing.headers_mut() = request.headers;
        *outgoing.body_mut() = request.body.map(Into::into);
        self.client.execute(outgoing).await.map_err(failure)
    }

    async fn exchange(&self, request: Outgoing) -> Result<Reply> {
        let mut response = self.execute(request).await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let announced = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        if announced > self.body_limit {
            return Err(too_large(self.body_limit));
        }
        // The announced length may be wrong, so reserve at most the size of a large page.
        let mut body = BytesMut::with_capacity(announced.min(1024 * 1024));
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > self.body_limit {
                return Err(too_large(self.body_limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply::new(status, headers, body.freeze()))
    }
}

pub(super) fn too_large(limit: usize) -> Error {
    Error::new(ErrorKind::TooLarge, format!("the response is larger than {limit} bytes"))
}

impl Wire for Http {
    fn send(&self, request: Outgoing) -> Exchange<'_> {
        Box::pin(self.exchange(request))
    }

    fn open(&self, request: Outgoing) -> OpenFuture<'_> {
        Box::pin(async move {
            let mut response = self.execute(request).await?;
            let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
            Ok(StreamedResponse { status, headers, body: Body::Arriving(response) })
        })
    }
}

pub(super) fn failure(source: reqwest::Error) -> Error {
    let (kind, message) = match () {
        // An untrusted certificate stays untrusted, so this is not a `Connect` error.
        () if is_tls(&source) => (ErrorKind::Tls, "the TLS handshake failed"),
        () if source.is_connect() => (ErrorKind::Connect, "cannot connect"),
        () if source.is_timeout() => (ErrorKind::Timeout, "the response took too long"),
        () => (ErrorKind::Connection, "the connection broke"),
    };
    // The error names project and cluster where needed, so omit the URL.
    Error::new(kind, message).with_source(source.without_url())
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if cause.is::<rustls::Error>() {
            return true;
        }
        // The TLS error is wrapped in I/O errors, whose `source` skips it.
        next = match cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => cause.source(),
        };
    }
    false
}
