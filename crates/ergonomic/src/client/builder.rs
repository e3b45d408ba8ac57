//! Builds a client: base URL, credentials, timeouts and retries.
//!
//! A builder checks everything that can be checked without a connection, so that an invalid URL or a missing secret is
//! an error here and not at the first call. It never falls back to calls without credentials.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use http::HeaderMap;
use tokio::sync::Semaphore;

use crate::{
    call::{client::Client, redirect::Redirected},
    client::{environment::Variables, profile::Profile},
    http::{
        auth::{provided::Provided, signer::Signer},
        base::BaseUrl,
        connection::HttpOptions,
        limiter::Limiter,
        pipeline::{Core, Options},
        retry::RetryPolicy,
        service::HttpExchange,
        wire::{TimeLimited, Wire},
    },
    model::{
        credentials::Credentials,
        credentials_provider::CredentialsProvider,
        error::{Error, Result},
        error_kind::ErrorKind,
        redaction::Secrets,
        retired::RetiredPolicy,
        version::ApiVersion,
        wait_policy::WaitPolicy,
    },
};

/// Base URL of Atlas.
pub const ATLAS: &str = "https://cloud.mongodb.com";
/// Base URL of Atlas for Government.
pub const ATLAS_GOVERNMENT: &str = "https://cloud.mongodbgov.com";

/// Settings of a [`Client`].
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
    pub(super) base_url: EnvironmentUrl,
    pub(super) identity: Option<Identity>,
    pub(super) exchange: HttpExchange,
    pub(super) tokens: Option<PathBuf>,
    pub(super) retry: RetryPolicy,
    pub(super) wait: WaitPolicy,
    pub(super) timeout: Duration,
    pub(super) attempt_timeout: Duration,
    pub(super) limiter: bool,
    pub(super) in_flight: usize,
    pub(super) cleartext: Vec<String>,
    pub(super) http: HttpOptions,
    pub(super) pin: Option<ApiVersion>,
    pub(super) retired: RetiredPolicy,
    pub(super) dry_run: bool,
    pub(super) envelope: bool,
    pub(super) pretty: bool,
}

/// The credentials.
#[derive(Clone)]
pub(super) enum Identity {
    Fixed(Credentials),
    Provided(Arc<dyn CredentialsProvider>),
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Fixed(credentials) => credentials.fmt(f),
            Identity::Provided(_) => f.write_str("CredentialsProvider"),
        }
    }
}

/// A URL as given, valid or not.
#[derive(Clone)]
pub(super) struct EnvironmentUrl(String);

impl fmt::Debug for EnvironmentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Credentials in it are refused when the client is built, but it may be printed before.
        if self.0.contains(['@', '?']) { f.write_str("redacted") } else { fmt::Debug::fmt(&self.0, f) }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            base_url: EnvironmentUrl(ATLAS.to_owned()),
            identity: None,
            exchange: HttpExchange::Client,
            tokens: None,
            retry: RetryPolicy::default(),
            wait: WaitPolicy::default(),
            timeout: Duration::from_secs(300),
            attempt_timeout: Duration::from_secs(60),
            limiter: true,
            in_flight: 64,
            cleartext: Vec::new(),
            http: HttpOptions::default(),
            pin: None,
            retired: RetiredPolicy::default(),
            dry_run: false,
            envelope: false,
            pretty: false,
        }
    }
}

impl Client {
    /// A client made from the environment: see [`Builder::from_env`].
    ///
    /// # Errors
    /// [`ErrorKind::NotConfigured`] if the environment has no credentials; otherwise as [`Builder::build`].
    pub fn from_env() -> Result<Self> {
        Self::builder().from_env()?.build()
    }

    /// Settings for a client.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Takes the credentials and the base URL from the environment, or else from a [`Profile`] of the official command
    /// line: see [`Credentials::from_env`] for the order. The base URL is `MONGODB_ATLAS_OPS_MANAGER_URL`, else
    /// `MONGODB_ATLAS_BASE_URL`, else that of the profile if the credentials come from it, else [`ATLAS`].
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
        let variables = Variables::new(&lookup);
        let (credentials, profile) = Credentials::discover(&variables)?;
        let base = variables.base_url().or_else(|| profile?.base_url().map(str::to_owned));
        let builder = self.credentials(credentials);
        Ok(match base {
            Some(base) => builder.base_url(base),
            None => builder,
        })
    }

    /// Takes the credentials and the base URL from a profile of the official command line.
    ///
    /// # Errors
    /// As [`Profile::credentials`].
    pub fn profile(self, profile: &Profile) -> Result<Self> {
        let builder = self.credentials(profile.credentials()?);
        Ok(match profile.base_url() {
            Some(base) => builder.base_url(base),
            None => builder,
        })
    }

    /// The base URL. Default: [`ATLAS`]. It must be https, except for this machine and for
    /// [allowed](Self::allow_http_to) hosts. Token requests use it too.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = EnvironmentUrl(url.into());
        self
    }

    /// The credentials. There is no default: a client for a service without authentication needs [`Credentials::none`].
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.identity = Some(Identity::Fixed(credentials));
        self
    }

    /// Takes the credentials from a provider, which the client calls again when they expire or are refused.
    pub fn credentials_provider(mut self, provider: impl CredentialsProvider + 'static) -> Self {
        self.identity = Some(Identity::Provided(Arc::new(provider)));
        self
    }

    /// Stores tokens of a service account in `folder`, so that several programs share one token: the service allows
    /// about ten token requests per minute. Only the owner can read the files. There is one file per account and base
    /// URL. [`token_folder`](crate::token_folder) returns a suitable folder.
    pub fn token_store(mut self, folder: impl Into<PathBuf>) -> Self {
        self.tokens = Some(folder.into());
        self
    }

    /// When and how often failed requests are retried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long waits last, how often they poll, and which errors end them. Polls are not repeated by the
    /// [retry policy](Self::retry).
    pub fn wait_policy(mut self, policy: WaitPolicy) -> Self {
        self.wait = policy;
        self
    }

    /// Pins the API to a date: for each operation, the newest version that is not newer. A method that uses another
    /// version is refused before sending.
    pub fn pin(mut self, version: ApiVersion) -> Self {
        self.pin = Some(version);
        self
    }

    /// How calls to removed operations are handled.
    pub fn retired(mut self, policy: RetiredPolicy) -> Self {
        self.retired = policy;
        self
    }

    /// Whether calls are a dry run, which changes nothing: see [`Client::with_dry_run`].
    pub fn dry_run(mut self, on: bool) -> Self {
        self.dry_run = on;
        self
    }

    /// Requests the envelope, in which the service returns the status in the body. The client unwraps it. Only useful
    /// behind a proxy that hides statuses.
    pub fn envelope(mut self, on: bool) -> Self {
        self.envelope = on;
        self
    }

    /// Requests indented responses, for reading the traffic.
    pub fn pretty(mut self, on: bool) -> Self {
        self.pretty = on;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`ErrorKind::NotConfigured`] without credentials; [`ErrorKind::InvalidInput`] if the base URL is not https,
    /// local or allowed, or if a name, secret, proxy or certificate is not valid; [`ErrorKind::Tls`] if TLS cannot be
    /// set up.
    pub fn build(self) -> Result<Client> {
        let Some(identity) = self.identity.clone() else {
            return Err(Error::new(
                ErrorKind::NotConfigured,
                "missing credentials: set them, or use Credentials::none() for a service without authentication",
            ));
        };
        let base = BaseUrl::parse(&self.base_url.0, &self.cleartext)?;
        let wire = self.exchange.wire(&self.http, &base)?;
        self.over(base, identity, wire)
    }

    fn over(self, base: BaseUrl, identity: Identity, wire: Box<dyn Wire>) -> Result<Client> {
        let mut secrets = Secrets::default();
        let signer = match identity {
            Identity::Fixed(credentials) => {
                secrets = Secrets::new(credentials.0.secrets());
                Signer::new(credentials.0, &base, self.tokens.as_deref())?
            }
            Identity::Provided(provider) => {
                Signer::Provided(Provided::new(provider, base.clone(), self.tokens.clone()))
            }
        };
        let core = Core {
            base,
            wire: Box::new(TimeLimited { wire, limit: self.attempt_timeout, secrets }),
            signer,
            budget: self.retry.full_budget(),
            retry: self.retry,
            limiter: self.limiter.then(Limiter::default),
            in_flight: Semaphore::new(self.in_flight.clamp(1, Semaphore::MAX_PERMITS)),
            envelope: self.envelope,
            pretty: self.pretty,
            announced: Default::default(),
            redirect: Box::new(Redirected),
        };
        let options = Options {
            deadline: self.timeout,
            pin: self.pin,
            retired: self.retired,
            wrapped: false,
            dry_run: self.dry_run,
            headers: HeaderMap::new(),
            wait: self.wait,
            polls: false,
        };
        Ok(Client::new(Arc::new(core), options))
    }

    /// A client over a wire other than the network.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn build_with(self, wire: impl Wire + 'static) -> Result<Client> {
        let base = BaseUrl::parse(&self.base_url.0, &self.cleartext)?;
        let identity = self.identity.clone().unwrap_or_else(|| Identity::Fixed(Credentials::none()));
        self.over(base, identity, Box::new(wire))
    }

    /// The same at a base on this machine, for tests of this crate.
    #[cfg(test)]
    pub(crate) fn build_over(self, wire: impl Wire + 'static) -> Client {
        self.base_url("http://127.0.0.1").build_with(wire).expect("a client")
    }
}

#[cfg(test)]
mod tests;
