//! The builder's settings for the network: how long, how much at once, through what.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    client::builder::Builder,
    http::{
        connection::Proxy,
        service::{BoxError, HttpExchange, HttpService},
    },
};

impl Builder {
    /// How long a call may take in total, waits and repeats included: five minutes unless said otherwise.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one attempt may take: a minute unless said otherwise.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long making a connection may take: ten seconds unless said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// How long the service may say nothing while an answer is read: half a minute unless said otherwise.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.http.read_timeout = timeout;
        self
    }

    /// How many bytes an answer may have: 64 MiB unless said otherwise.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.http.body_limit = bytes;
        self
    }

    /// How many requests of this client may be under way at once, 64 unless said otherwise; others wait in line.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.in_flight = requests;
        self
    }

    /// Whether the client keeps within the service's rate limits by itself, which it does unless told not to. What
    /// answers say about the limits is kept for each endpoint set and project; calls wait in line rather than be
    /// refused. Off, a call that is refused waits as the service asks and is sent again.
    pub fn rate_limiter(mut self, on: bool) -> Self {
        self.limiter = on;
        self
    }

    /// Puts a tower layer around the HTTP client. It sees each request as it leaves, signed and once for each attempt, and each
    /// response as it arrives; use `tower::ServiceBuilder` for several layers. The last layer or service that is set counts.
    pub fn http_layer<L, B>(mut self, layer: L) -> Self
    where
        L: Layer<HttpService> + Send + Sync + 'static,
        L::Service: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Bytes>>>::Error: Into<BoxError>,
        <L::Service as Service<Request<Bytes>>>::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.exchange = HttpExchange::layer(layer);
        self
    }

    /// Replaces the HTTP client by a tower service, below retries, rate limits and signing. Settings of connections (timeouts
    /// of connecting and reading, proxy, certificates, user agent) have no effect then. An error of the service that is not an
    /// [`Error`](crate::Error) is [`ErrorKind::Connection`](crate::ErrorKind::Connection). The service must not follow
    /// redirects: they could lead the credentials elsewhere.
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use atlas_backup::{Client, Credentials};
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> atlas_backup::Result<()> {
    /// let service = tower::service_fn(|request: Request<Bytes>| async move {
    ///     assert_eq!(request.uri().path(), "/api/atlas/v2/groups/32b6e34b3d91647abb20e7b8");
    ///     let body = r#"{"id":"32b6e34b3d91647abb20e7b8","name":"demo"}"#;
    ///     Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(body))))
    /// });
    /// let atlas = Client::builder().credentials(Credentials::none()).http_service(service).build()?;
    /// let project = atlas.project("32b6e34b3d91647abb20e7b8")?.get().await?;
    /// assert_eq!(project.name.as_deref(), Some("demo"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn http_service<S, B>(mut self, service: S) -> Self
    where
        S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.exchange = HttpExchange::service(service);
        self
    }

    /// Adds the caller's own name to `User-Agent`, e.g. `nightly-check/2.1`.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.http.user_agent = Some(name.into());
        self
    }

    /// Sends everything through a proxy: `http://proxy.example.com:3128`, with name and password in it where it asks
    /// for them. Without this and [`no_proxy`](Self::no_proxy), `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of the
    /// environment are heeded.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http.proxy = Proxy::Url(url.into());
        self
    }

    /// Sends nothing through a proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = Proxy::None;
        self
    }

    /// Trusts the certificates in `pem` besides those that the platform trusts, for a proxy that looks into TLS.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.roots.push(pem.into());
        self
    }

    /// Lets the base URL be http to this host, which sends credentials in the clear. For emulators in a test network.
    pub fn allow_http_to(mut self, host: impl Into<String>) -> Self {
        self.cleartext.push(host.into());
        self
    }
}
