//! Network settings of the builder: timeouts, limits, proxy.

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
    /// Timeout of a call, including waits and retries. Default: five minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Timeout of one attempt. Default: one minute.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Timeout of opening a connection. Default: ten seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// Maximum pause while a response is read. Default: 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.http.read_timeout = timeout;
        self
    }

    /// Maximum size of a response in bytes. Default: 64 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.http.body_limit = bytes;
        self
    }

    /// Maximum number of concurrent requests of this client. Default: 64. Further requests wait.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.in_flight = requests;
        self
    }

    /// Whether the client stays within the service's rate limits. Default: true. The client tracks the limits in
    /// responses by endpoint set and project, and calls wait in order. If off, a refused call waits as the service asks
    /// and is sent again.
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

    /// Adds the caller's name to `User-Agent`, for example `nightly-check/2.1`.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.http.user_agent = Some(name.into());
        self
    }

    /// Sends all requests through a proxy: `http://proxy.example.com:3128`, with user name and password if required.
    /// Without this and [`no_proxy`](Self::no_proxy), the client uses `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of the
    /// environment.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http.proxy = Proxy::Url(url.into());
        self
    }

    /// Uses no proxy, regardless of the environment.
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = Proxy::None;
        self
    }

    /// Trusts the certificates in `pem` in addition to the platform's, for a proxy that inspects TLS.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.roots.push(pem.into());
        self
    }

    /// Allows http as base URL for this host, which sends credentials in clear text. For emulators in a test network.
    pub fn allow_http_to(mut self, host: impl Into<String>) -> Self {
        self.cleartext.push(host.into());
        self
    }
}
