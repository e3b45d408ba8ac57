//! Credentials: none, a token, an API key or a service account.
//!
//! Secrets are [`SecretString`], which is wiped when dropped. No `Debug` output, log line or error of this crate may
//! show one.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// Credentials of a client.
///
/// ```
/// use atlas_backup::Credentials;
///
/// let credentials = Credentials::api_key("abcdefgh", "12345678-abcd-1234-abcd-123456789012");
/// assert!(!format!("{credentials:?}").contains("1234"));
/// ```
#[derive(Clone)]
pub struct Credentials(pub(crate) Scheme);

#[derive(Clone)]
pub(crate) enum Scheme {
    None,
    Bearer { token: SecretString, expires: Option<DateTime<Utc>> },
    ApiKey { public: String, private: SecretString },
    ServiceAccount { id: String, secret: SecretString },
}

impl Scheme {
    /// The secret part.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        match self {
            Scheme::None => Vec::new(),
            Scheme::Bearer { token: secret, .. }
            | Scheme::ApiKey { private: secret, .. }
            | Scheme::ServiceAccount { secret, .. } => {
                vec![secret.clone()]
            }
        }
    }
}

impl Credentials {
    /// None, for an emulator without authentication.
    #[must_use]
    pub fn none() -> Self {
        Credentials(Scheme::None)
    }

    /// An access token obtained elsewhere. It is sent unchanged and never renewed.
    #[must_use]
    pub fn bearer(token: impl Into<SecretString>) -> Self {
        Credentials(Scheme::Bearer { token: token.into(), expires: None })
    }

    /// An access token that expires at a known time. A client whose [provider](crate::CredentialsProvider) returns it asks
    /// for another one shortly before.
    #[must_use]
    pub fn bearer_until(token: impl Into<SecretString>, expires: DateTime<Utc>) -> Self {
        Credentials(Scheme::Bearer { token: token.into(), expires: Some(expires) })
    }

    /// A programmatic API key, used with HTTP digest.
    #[must_use]
    pub fn api_key(public: impl Into<String>, private: impl Into<SecretString>) -> Self {
        Credentials(Scheme::ApiKey { public: public.into(), private: private.into() })
    }

    /// A service account: its ID and secret are exchanged for tokens of about an hour, which are renewed automatically.
    #[must_use]
    pub fn service_account(id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Credentials(Scheme::ServiceAccount { id: id.into(), secret: secret.into() })
    }

    /// Kind for messages: `none`, `bearer token`, `API key` or `service account`.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self.0 {
            Scheme::None => "none",
            Scheme::Bearer { .. } => "bearer token",
            Scheme::ApiKey { .. } => "API key",
            Scheme::ServiceAccount { .. } => "service account",
        }
    }

    /// The public part: the client ID of a service account, the public key of an API key.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match &self.0 {
            Scheme::ApiKey { public, .. } => Some(public),
            Scheme::ServiceAccount { id, .. } => Some(id),
            Scheme::None | Scheme::Bearer { .. } => None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The public parts are omitted too, because they identify the account.
        write!(f, "Credentials({}, redacted)", self.describe())
    }
}
