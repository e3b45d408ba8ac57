//! The HTTP client underneath: timeouts, proxies, certificates. Set up once for each client.
//!
//! It follows no redirects, repeats nothing and sends nothing in clear text to another machine, unless that host is
//! allowed.

use std::time::Duration;

use ::http::HeaderValue;

use crate::{
    http::{base::BaseUrl, tls, wire::Http},
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// Maximum timeout, because an instant further away cannot be represented everywhere.
const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 86_400);

/// How connections are made.
#[derive(Debug, Clone)]
pub(crate) struct HttpOptions {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) body_limit: usize,
    pub(crate) user_agent: Option<String>,
    pub(crate) proxy: Proxy,
    /// Certificates in PEM that are trusted besides the platform's.
    pub(crate) roots: Vec<Vec<u8>>,
}

/// The proxy to use.
#[derive(Clone)]
pub(crate) enum Proxy {
    /// According to the environment.
    System,
    /// None.
    None,
    /// This one. Its URL may contain credentials.
    Url(String),
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Proxy::System => "System",
            Proxy::None => "None",
            Proxy::Url(_) => "Url(redacted)",
        })
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            body_limit: 64 * 1024 * 1024,
            user_agent: None,
            proxy: Proxy::System,
            roots: Vec::new(),
        }
    }
}

impl HttpOptions {
    /// The wire to `base`.
    pub(crate) fn wire(&self, base: &BaseUrl) -> Result<Http> {
        Ok(Http::new(self.client(base)?, self.body_limit))
    }

    /// The HTTP client for requests to `base`.
    pub(crate) fn client(&self, base: &BaseUrl) -> Result<reqwest::Client> {
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(base, &self.roots)?)
            .user_agent(self.user_agent_value()?)
            // Other crates may enable these features. An archive must arrive as stored, and the body limit counts the
            // transferred bytes.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout.min(MAX_TIMEOUT))
            .read_timeout(self.read_timeout.min(MAX_TIMEOUT));
        http = match &self.proxy {
            Proxy::Url(url) => {
                // The cause repeats the URL, which may contain a password.
                let invalid = |_| Error::new(ErrorKind::InvalidInput, "invalid proxy URL");
                http.proxy(reqwest::Proxy::all(url).map_err(invalid)?)
            }
            Proxy::None => http.no_proxy(),
            // A proxy from the environment would get the requests to this machine, including credentials, in clear
            // text.
            Proxy::System if !base.is_https() => http.no_proxy(),
            Proxy::System => http,
        };
        http.build()
            .map_err(|source| Error::new(ErrorKind::InvalidInput, "cannot create HTTP client").with_source(source))
    }

    fn user_agent_value(&self) -> Result<HeaderValue> {
        let own = concat!("atlas-backup/", env!("CARGO_PKG_VERSION"));
        match &self.user_agent {
            Some(name) => HeaderValue::try_from(format!("{own} {name}")).map_err(|source| {
                Error::new(
                    ErrorKind::InvalidInput,
                    "invalid user agent: it contains characters that are not valid in a header",
                )
                .with_source(source)
            }),
            None => Ok(HeaderValue::from_static(own)),
        }
    }
}
