//! Who may call: API keys by HTTP digest, service accounts by OAuth.
//!
//! Without any credentials configured everything is open. Secrets are compared in constant time and appear in no log,
//! no error and no `Debug` output.

pub(crate) mod digest;
pub(crate) mod oauth;

use std::fmt;

use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, header};
use subtle::ConstantTimeEq;

use self::{digest::Digest, oauth::Tokens};
use crate::errors::ApiError;

/// A secret that can be compared but not shown.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn is(&self, other: &str) -> bool {
        same(self.0.as_bytes(), other.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Compares without telling by time where the first difference is.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// A name that can't be guessed, for nonces and tokens: `bytes` random bytes in hexadecimal.
///
/// # Errors
/// The operating system has no randomness to give.
pub(crate) fn unguessable(bytes: usize) -> Result<String, getrandom::Error> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The configured credentials and what has been handed out for them.
#[derive(Debug, Default)]
pub(crate) struct Auth {
    pub(crate) digest: Digest,
    pub(crate) tokens: Tokens,
}

impl Auth {
    /// Lets the request pass or says why not.
    ///
    /// # Errors
    /// 401 with a challenge.
    pub(crate) fn admit(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        if self.digest.is_empty() && self.tokens.is_empty() {
            return Ok(());
        }
        let sent = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let (scheme, credentials) = sent.split_once(' ').unwrap_or((sent, ""));
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.tokens.admit(credentials.trim(), now);
        }
        let offered = scheme.eq_ignore_ascii_case("digest").then_some(credentials);
        self.digest.admit(method, target, offered, now)
    }
}
