//! Making a client: where, as whom, and how patiently.
//!
//! A builder checks everything that can be checked without a connection, so that a wrong URL or a missing secret is an
//! error here and not at the first call. It never falls back to "no credentials" by itself.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};

use crate::{
    auth::Signer,
    client::Client,
    compat::RetiredPolicy,
    credentials::Credentials,
    error::{Error, ErrorKind, Result},
    transport::{
        Core, Options,
        base::BaseUrl,
        retry::RetryPolicy,
        tls,
        wire::{Http, Wire},
    },
    version::ApiVersion,
};

/// Where Atlas is.
pub const ATLAS: &str = "https://cloud.mongodb.com";
/// Where Atlas for Government is.
pub const ATLAS_GOVERNMENT: &str = "https://cloud.mongodbgov.com";

/// Settings of a [`Client`] in the making.
///
/// ```
/// use std::time::Duration;
/// use atlas_backup::{Client, Credentials};
///
/// let atlas = Client::builder()
///     .credentials(Credentials::service_account("mdb_sa_id_…", "mdb_sa_sk_…"))
///     .timeout(Duration::from_secs(30))
///     .build()?;
/// # let _ = atlas;
/// # Ok::<(), atlas_backup::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    base_url: String,
    credentials: Option<Credentials>,
    retry: RetryPolicy,
    timeout: Duration,
    attempt_timeout: Duration,
    connect_timeout: Duration,
    body_limit: usize,
    pin: Option<ApiVersion>,
    retired: RetiredPolicy,
    envelope: bool,
    pretty: bool,
    user_agent: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            base_url: ATLAS.to_owned(),
            credentials: None,
            retry: RetryPolicy::default(),
            timeout: Duration::from_secs(300),
            attempt_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            body_limit: 64 * 1024 * 1024,
            pin: None,
            retired: RetiredPolicy::default(),
            envelope: false,
            pretty: false,
            user_agent: None,
        }
    }
}

impl Builder {
    /// Takes the credentials and the base URL from the environment: see [`Credentials::from_env`];
    /// `MONGODB_ATLAS_OPS_MANAGER_URL` is the base URL, else `MONGODB_ATLAS_BASE_URL`.
    ///
    /// # Errors
    /// As [`Credentials::from_env`].
    pub fn from_env(self) -> Result<Self> {
        self.from_variables(|name| std::env::var(name).ok())
    }

    /// Like [`from_env`](Self::from_env), with the variables taken from `lookup`.
    ///
    /// # Errors
    /// As [`Credentials::from_env`].
    pub fn from_variables(self, lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let base = ["MONGODB_ATLAS_OPS_MANAGER_URL", "MONGODB_ATLAS_BASE_URL"];
        let base = base.into_iter().find_map(|name| lookup(name).filter(|value| !value.is_empty()));
        let credentials = Credentials::from_variables(lookup)?;
        let builder = self.credentials(credentials);
        Ok(match base {
            Some(base) => builder.base_url(base),
            None => builder,
        })
    }

    /// Where to call: [`ATLAS`] unless said otherwise. Must be https, except on this machine. Tokens are asked for
    /// there too.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Who is calling. There is no default: a client for a service that asks for nothing needs
    /// [`Credentials::none`].
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// When and how often failed requests are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

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
        self.connect_timeout = timeout;
        self
    }

    /// How many bytes an answer may have: 64 MiB unless said otherwise.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Pins the API to a date, which means for each operation the newest version that is not newer. A method that
    /// speaks another version than that is refused before anything is sent.
    pub fn pin(mut self, version: ApiVersion) -> Self {
        self.pin = Some(version);
        self
    }

    /// What happens when an operation is called that the service has removed.
    pub fn retired(mut self, policy: RetiredPolicy) -> Self {
        self.retired = policy;
        self
    }

    /// Asks the service to wrap its answers together with their status. They are unwrapped before anyone sees them;
    /// useful only behind something that hides statuses.
    pub fn envelope(mut self, on: bool) -> Self {
        self.envelope = on;
        self
    }

    /// Asks the service to indent its answers, for whoever reads the traffic.
    pub fn pretty(mut self, on: bool) -> Self {
        self.pretty = on;
        self
    }

    /// Adds the caller's own name to `User-Agent`, e.g. `nightly-check/2.1`.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`ErrorKind::NotConfigured`] without credentials; [`ErrorKind::InvalidInput`] when the base URL is neither
    /// https nor on this machine, or a name or secret can't stand in a header; [`ErrorKind::Tls`] when TLS can't be
    /// set up.
    pub fn build(self) -> Result<Client> {
        let Some(credentials) = self.credentials.clone() else {
            return Err(Error::new(
                ErrorKind::NotConfigured,
                "no credentials were given; use Credentials::none() for a service that asks for nothing",
            ));
        };
        let base = BaseUrl::parse(&self.base_url)?;
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(&base)?)
            .user_agent(self.user_agent_value()?)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout);
        if !base.is_https() {
            // A proxy of the environment would get the requests to this machine, credentials and all, in the clear.
            http = http.no_proxy();
        }
        let http = http
            .build()
            .map_err(|source| Error::new(ErrorKind::InvalidInput, "no HTTP client can be made").because(source))?;
        let wire = Box::new(Http::new(http, self.body_limit));
        self.over(base, credentials, wire)
    }

    fn user_agent_value(&self) -> Result<HeaderValue> {
        let own = concat!("atlas-backup/", env!("CARGO_PKG_VERSION"));
        match &self.user_agent {
            Some(name) => HeaderValue::try_from(format!("{own} {name}")).map_err(|source| {
                Error::new(ErrorKind::InvalidInput, "the user agent holds characters that no header may")
                    .because(source)
            }),
            None => Ok(HeaderValue::from_static(own)),
        }
    }

    fn over(self, base: BaseUrl, credentials: Credentials, wire: Box<dyn Wire>) -> Result<Client> {
        let signer = Signer::new(credentials.0, &base.join("/api/oauth/token", [])?)?;
        let core = Core {
            base,
            wire,
            signer,
            retry: self.retry,
            attempt_timeout: self.attempt_timeout,
            envelope: self.envelope,
            pretty: self.pretty,
            announced: Default::default(),
        };
        let options = Options {
            deadline: self.timeout,
            pin: self.pin,
            retired: self.retired,
            wrapped: false,
            headers: HeaderMap::new(),
        };
        Ok(Client::new(Arc::new(core), options))
    }

    /// A client over a wire of the test's own.
    #[cfg(test)]
    pub(crate) fn build_over(self, wire: impl Wire + 'static) -> Client {
        let base = BaseUrl::parse("http://127.0.0.1").expect("a base URL");
        let credentials = self.credentials.clone().unwrap_or_else(Credentials::none);
        self.over(base, credentials, Box::new(wire)).expect("a client")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_without_credentials_is_not_configured() {
        assert_eq!(Client::builder().build().expect_err("no credentials").kind(), ErrorKind::NotConfigured);
        assert!(Client::builder().credentials(Credentials::none()).build().is_ok());
    }

    #[test]
    fn the_ops_manager_url_beats_the_base_url() {
        let variables = |name: &str| match name {
            "MONGODB_ATLAS_OPS_MANAGER_URL" => Some("http://127.0.0.1:1".to_owned()),
            "MONGODB_ATLAS_BASE_URL" => Some("http://127.0.0.1:2".to_owned()),
            "MONGODB_ATLAS_ACCESS_TOKEN" => Some("t".to_owned()),
            _ => None,
        };
        let client = Client::builder().from_variables(variables).and_then(Builder::build).expect("a client");
        assert_eq!(client.base_url(), "http://127.0.0.1:1");
    }

    #[test]
    fn http_to_another_machine_is_refused() {
        let built = Client::builder().credentials(Credentials::none()).base_url("http://cloud.mongodb.com").build();
        assert_eq!(built.expect_err("http").kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn no_debug_output_of_client_or_builder_shows_a_secret() {
        let builder = Client::builder().credentials(Credentials::service_account("account", "hunter2"));
        assert!(!format!("{builder:?}").contains("hunter2"));
        assert!(!format!("{:?}", builder.build().expect("a client")).contains("hunter2"));
    }
}
