//! Authentication: API keys by HTTP digest, service accounts by OAuth, static bearer tokens.
//!
//! Without configured credentials, every request is accepted. Secrets are compared in constant time and appear in no
//! log, error or `Debug` output. `roles` defines what the credentials permit.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, header};

use crate::{
    domain::{error::ApiError, roles::Access, secret::Secret},
    http::auth::{digest::Digest, oauth::Tokens},
};

/// The configured credentials and the issued nonces and tokens.
#[derive(Debug, Default)]
pub(crate) struct Auth {
    pub(crate) digest: Digest,
    pub(crate) tokens: Tokens,
    /// Tokens that never expire.
    bearers: Vec<(Secret, Arc<Access>)>,
}

impl Auth {
    pub(crate) fn add_bearer(&mut self, token: Secret, access: Access) {
        self.bearers.push((token, Arc::new(access)));
    }

    /// The access of the request, or a 401.
    ///
    /// # Errors
    /// 401 with a challenge.
    pub(crate) fn admit(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        now: DateTime<Utc>,
    ) -> Result<Arc<Access>, ApiError> {
        if self.digest.is_empty() && self.tokens.is_empty() && self.bearers.is_empty() {
            return Ok(Arc::default());
        }
        let sent = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let (scheme, credentials) = sent.split_once(' ').unwrap_or((sent, ""));
        if scheme.eq_ignore_ascii_case("bearer") {
            let token = credentials.trim();
            // All tokens are compared, so that timing reveals none of them.
            let known = self
                .bearers
                .iter()
                .fold(None, |found, (bearer, access)| bearer.matches(token).then_some(access).or(found));
            return known.map_or_else(|| self.tokens.admit(token, now), |access| Ok(Arc::clone(access)));
        }
        let offered = scheme.eq_ignore_ascii_case("digest").then_some(credentials);
        self.digest.admit(method, target, offered, now)
    }
}
