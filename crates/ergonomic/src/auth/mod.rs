//! Signing requests. One [`Signer`] per client, shared by all its clones, so that a nonce or a token obtained by one
//! task serves them all.
//!
//! The two schemes of Atlas are never mixed: a client has digest or bearer, and a refused digest request never falls
//! back to a token. A secret leaves this module only inside a header that is marked sensitive.

mod challenge;
pub(crate) mod digest;
pub(crate) mod token;

use http::{HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::{
    credentials::Scheme,
    error::{Error, ErrorKind, Result},
    transport::{Outgoing, Reply, retry::RetryPolicy, wire::Wire},
};

/// What makes requests the caller's own.
pub(crate) enum Signer {
    None,
    Bearer(HeaderValue),
    Digest(digest::Digest),
    Token(token::TokenSource),
}

impl Signer {
    pub(crate) fn new(scheme: Scheme, token_endpoint: &url::Url) -> Result<Self> {
        Ok(match scheme {
            Scheme::None => Signer::None,
            Scheme::Bearer(token) => Signer::Bearer(bearer(&token)?),
            Scheme::ApiKey { public, private } => Signer::Digest(digest::Digest::new(public, private)),
            Scheme::ServiceAccount { id, secret } => {
                Signer::Token(token::TokenSource::new(token_endpoint.clone(), id, secret))
            }
        })
    }

    /// Sends one request signed, repeating it where the scheme itself asks for that: on digest's challenge, and once
    /// with a new token.
    pub(crate) async fn send(
        &self,
        wire: &dyn Wire,
        request: &Outgoing,
        retry: &RetryPolicy,
        deadline: Instant,
    ) -> Result<Reply> {
        match self {
            Signer::None => wire.send(request.clone()).await,
            Signer::Bearer(value) => wire.send(request.authorized(value.clone())).await,
            Signer::Digest(digest) => digest.send(wire, request).await,
            Signer::Token(source) => {
                let token = source.token(wire, retry, deadline).await?;
                let reply = wire.send(request.authorized(token.header.clone())).await?;
                if reply.status != StatusCode::UNAUTHORIZED {
                    return Ok(reply);
                }
                // The token may have been revoked or have expired on the way: one new token, one more try.
                let token = source.renewed(&token, wire, retry, deadline).await?;
                wire.send(request.authorized(token.header.clone())).await
            }
        }
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Error::new(ErrorKind::InvalidInput, "the access token holds characters that no header may"))?;
    value.set_sensitive(true);
    Ok(value)
}

impl Outgoing {
    fn authorized(&self, value: HeaderValue) -> Outgoing {
        let mut request = self.clone();
        request.headers.insert(header::AUTHORIZATION, value);
        request
    }
}
