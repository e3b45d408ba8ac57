//! The HTTP exchange as a tower service, for programs that put layers around it or replace it by their own service.
//!
//! It is below retries, rate limits and signing: each request that would leave the machine passes it, tokens and archives
//! included. Without a layer or a service requests go straight to the HTTP client.

use std::{
    error::Error as StdError,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use ::http::{Request, Response};
use atlas_backup_runtime::Reply;
use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    http::{
        base::BaseUrl,
        connection::HttpOptions,
        wire::{Body, Exchange, OpenFuture, Outgoing, StreamedResponse, Wire, failure, too_large},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The HTTP client of an [`atlas_backup::Client`](crate::Client) as a tower service: what
/// [`Builder::http_layer`](crate::Builder::http_layer) wraps.
#[derive(Clone)]
pub struct HttpService {
    client: reqwest::Client,
}

/// The body of a response of [`HttpService`].
pub struct HttpBody(reqwest::Body);

impl HttpService {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        HttpService { client }
    }
}

impl Service<Request<Bytes>> for HttpService {
    type Response = Response<HttpBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let client = self.client.clone();
        Box::pin(async move {
            let response = client.execute(request.try_into().map_err(failure)?).await.map_err(failure)?;
            Ok(Response::<reqwest::Body>::from(response).map(HttpBody))
        })
    }
}

impl http_body::Body for HttpBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.0).poll_frame(context).map_err(failure)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpBody").finish_non_exhaustive()
    }
}

/// What carries the requests of a client.
#[derive(Clone)]
pub(crate) enum HttpExchange {
    /// The HTTP client.
    Client,
    /// A layer around the HTTP client.
    Layer(Arc<dyn Fn(HttpService, usize) -> Box<dyn Wire> + Send + Sync>),
    /// A service in its place.
    Service(Arc<dyn Fn(usize) -> Box<dyn Wire> + Send + Sync>),
}

impl HttpExchange {
    /// The wire to `base`.
    pub(crate) fn wire(&self, http: &HttpOptions, base: &BaseUrl) -> Result<Box<dyn Wire>> {
        Ok(match self {
            HttpExchange::Client => Box::new(http.wire(base)?),
            HttpExchange::Layer(layer) => layer(HttpService::new(http.client(base)?), http.body_limit),
            HttpExchange::Service(service) => service(http.body_limit),
        })
    }

    pub(crate) fn layer<L, B>(layer: L) -> Self
    where
        L: Layer<HttpService> + Send + Sync + 'static,
        L::Service: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Bytes>>>::Error: Into<BoxError>,
        <L::Service as Service<Request<Bytes>>>::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        HttpExchange::Layer(Arc::new(move |http, limit| Box::new(ServiceWire::new(layer.layer(http), limit))))
    }

    pub(crate) fn service<S, B>(service: S) -> Self
    where
        S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service = Mutex::new(service);
        HttpExchange::Service(Arc::new(move |limit| {
            let service = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Box::new(ServiceWire::new(service, limit))
        }))
    }
}

impl fmt::Debug for HttpExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HttpExchange::Client => "Client",
            HttpExchange::Layer(_) => "Layer",
            HttpExchange::Service(_) => "Service",
        })
    }
}

/// A wire over a service.
pub(crate) struct ServiceWire<S> {
    service: Mutex<S>,
    body_limit: usize,
}

impl<S> ServiceWire<S> {
    pub(crate) fn new(service: S, body_limit: usize) -> Self {
        ServiceWire { service: Mutex::new(service), body_limit }
    }
}

impl<S, B> ServiceWire<S>
where
    S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    async fn call(&self, outgoing: Outgoing) -> Result<Response<B>> {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner).clone();
        poll_fn(|context| service.poll_ready(context)).await.map_err(service_error)?;
        let invalid = |source| Error::new(ErrorKind::InvalidInput, "the request is not valid HTTP").with_source(source);
        let request = Request::builder().method(outgoing.method).uri(outgoing.url.as_str());
        let mut request = request.body(outgoing.body.unwrap_or_default()).map_err(invalid)?;
        *request.headers_mut() = outgoing.headers;
        service.call(request).await.map_err(service_error)
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Reply> {
        let (parts, body) = self.call(outgoing).await?.into_parts();
        let mut body = std::pin::pin!(body);
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(service_error)?.into_data() else { continue };
            if bytes.len() + data.len() > self.body_limit {
                return Err(too_large(self.body_limit));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Reply::new(parts.status, parts.headers, bytes.freeze()))
    }
}

impl<S, B> Wire for ServiceWire<S>
where
    S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn send(&self, request: Outgoing) -> Exchange<'_> {
        Box::pin(self.exchange(request))
    }

    fn open(&self, request: Outgoing) -> OpenFuture<'_> {
        Box::pin(async move {
            let (parts, body) = self.call(request).await?.into_parts();
            let body = Body::Service(Mutex::new(body.map_err(service_error).boxed_unsync()));
            Ok(StreamedResponse { status: parts.status, headers: parts.headers, body })
        })
    }
}

/// The error of a service: one of this crate as it is, any other as a connection that broke, since the request may have been
/// sent.
fn service_error(error: impl Into<BoxError>) -> Error {
    match error.into().downcast::<Error>() {
        Ok(error) => *error,
        Err(other) => Error::new(ErrorKind::Connection, "the HTTP service failed").with_source(other),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use futures_util::future::{Ready, ready};
    use http_body_util::Full;

    use super::*;
    use crate::{Client, Credentials};

    /// Answers with `body`, and with 503 before that `failures` times.
    #[derive(Clone)]
    struct Answers {
        body: &'static str,
        failures: usize,
        requests: Arc<AtomicUsize>,
        signed: Arc<AtomicUsize>,
    }

    impl Service<Request<Bytes>> for Answers {
        type Response = Response<Full<Bytes>>;
        type Error = Infallible;
        type Future = Ready<std::result::Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Bytes>) -> Self::Future {
            assert_eq!(request.uri().host(), Some("cloud.mongodb.com"));
            self.signed.fetch_add(usize::from(request.headers().contains_key("authorization")), SeqCst);
            let is_failure = self.requests.fetch_add(1, SeqCst) < self.failures;
            let response = Response::builder().status(if is_failure { 503 } else { 200 });
            ready(Ok(response.body(Full::from(self.body)).expect("a response")))
        }
    }

    fn answers(body: &'static str, failures: usize) -> Answers {
        Answers { body, failures, requests: Arc::default(), signed: Arc::default() }
    }

    fn builder() -> crate::Builder {
        Client::builder().credentials(Credentials::bearer("token"))
    }

    #[tokio::test(start_paused = true)]
    async fn service_replaces_the_exchange_below_retries_and_signing() {
        let service = answers(r#"{"id":"32b6e34b3d91647abb20e7b8"}"#, 2);
        let client = builder().http_service(service.clone()).build().expect("a client");
        let project = client.project("32b6e34b3d91647abb20e7b8").expect("an ID").get().await.expect("a project");
        assert_eq!(project.meta().attempts(), 3);
        assert_eq!((service.requests.load(SeqCst), service.signed.load(SeqCst)), (3, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn response_of_a_service_is_limited_in_size() {
        let service = answers(r#"{"id":"32b6e34b3d91647abb20e7b8"}"#, 0);
        let client = builder().http_service(service).body_limit(20).build().expect("a client");
        let error = client.project("32b6e34b3d91647abb20e7b8").expect("an ID").get().await.expect_err("too large");
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }

    /// Adds a header to each request.
    struct Traced;

    #[derive(Clone)]
    struct Tracing<S>(S);

    impl<S> tower_layer::Layer<S> for Traced {
        type Service = Tracing<S>;

        fn layer(&self, inner: S) -> Tracing<S> {
            Tracing(inner)
        }
    }

    impl<S: Service<Request<Bytes>>> Service<Request<Bytes>> for Tracing<S> {
        type Response = S::Response;
        type Error = S::Error;
        type Future = S::Future;

        fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<std::result::Result<(), S::Error>> {
            self.0.poll_ready(context)
        }

        fn call(&mut self, mut request: Request<Bytes>) -> S::Future {
            request.headers_mut().insert("traceparent", ::http::HeaderValue::from_static("00-1-2-01"));
            self.0.call(request)
        }
    }

    #[tokio::test]
    async fn layer_wraps_the_http_client_and_sees_each_request() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.expect("a connection");
            let mut seen = vec![0; 4096];
            let read = connection.read(&mut seen).await.expect("a request");
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{\"id\":\"32b6e34b3d91647abb20e7b8\" }";
            connection.write_all(answer.as_bytes()).await.expect("it is read");
            String::from_utf8_lossy(&seen[..read]).to_ascii_lowercase()
        });
        let client = builder().base_url(base).http_layer(Traced).build().expect("a client");
        client.project("32b6e34b3d91647abb20e7b8").expect("an ID").get().await.expect("a project");
        let request = server.await.expect("it is asked");
        assert!(request.contains("traceparent: 00-1-2-01") && request.contains("authorization: bearer"), "{request}");
    }
}
