//! Signing requests. One [`Signer`] per client, shared by all its clones, so that a nonce or a token obtained by one
//! task serves them all.
//!
//! The two schemes of Atlas are never mixed: a client has digest or bearer, and a refused digest request never falls
//! back to a token. A secret leaves this module only in a header that is marked sensitive.

use std::path::Path;

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::{
    http::{
        auth::{digest, provided, store, token},
        base::BaseUrl,
        budget::Budget,
        retry::RetryPolicy,
        wire::{Outgoing, Wire},
    },
    model::{
        credentials::Scheme,
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};
use atlas_backup_runtime::Reply;

/// Signs the requests of a client.
pub(crate) enum Signer {
    None,
    Bearer(HeaderValue),
    Digest(digest::Digest),
    Token(token::TokenSource),
    Provided(provided::Provided),
}

/// Everything that a token request needs.
#[derive(Clone, Copy)]
pub(crate) struct TokenContext<'a> {
    pub(crate) wire: &'a dyn Wire,
    pub(crate) retry: &'a RetryPolicy,
    pub(crate) budget: &'a Budget,
    pub(crate) deadline: Instant,
}

impl Signer {
    /// A signer for `base`. `tokens` is the folder of stored tokens, if any.
    pub(crate) fn new(scheme: Scheme, base: &BaseUrl, tokens: Option<&Path>) -> Result<Self> {
        Ok(match scheme {
            Scheme::None => Signer::None,
            Scheme::Bearer { token, .. } => Signer::Bearer(bearer(&token)?),
            Scheme::ApiKey { public, private } => Signer::Digest(digest::Digest::new(public, private)),
            Scheme::ServiceAccount { id, secret } => {
                let endpoint = |name: &str| base.join(&format!("/api/oauth/{name}"), []);
                let store = tokens.map(|folder| store::Store::new(folder, &base.to_string(), &id));
                Signer::Token(token::TokenSource::new(endpoint("token")?, endpoint("revoke")?, id, secret, store))
            }
        })
    }

    /// Sends one request signed, and repeats it if the scheme requires it: after a digest challenge, and once with a
    /// new token.
    pub(crate) async fn send(&self, request: &Outgoing, context: TokenContext<'_>) -> Result<Reply> {
        match self {
            Signer::None => context.wire.send(request.clone()).await,
            Signer::Bearer(value) => context.wire.send(request.authorized(value.clone())).await,
            Signer::Digest(digest) => digest.send(context.wire, request).await,
            Signer::Token(source) => {
                let token = source.token(context).await?;
                let reply = context.wire.send(request.authorized(token.header.clone())).await?;
                if !is_refused(&reply) {
                    return Ok(reply);
                }
                // The token may have been revoked or have expired meanwhile: one new token, one more attempt.
                let token = source.renewed(&token, context).await?;
                context.wire.send(request.authorized(token.header.clone())).await
            }
            Signer::Provided(provided) => provided.send(request, context).await,
        }
    }

    /// The revocation request without its body, which is a secret.
    pub(crate) fn revocation(&self) -> Option<Outgoing> {
        let source = match self {
            Signer::Token(source) => source,
            Signer::Provided(provided) => return provided.signer()?.revocation(),
            Signer::None | Signer::Bearer(_) | Signer::Digest(_) => return None,
        };
        let url = source.revocation().clone();
        Some(Outgoing { method: Method::POST, url, headers: HeaderMap::new(), body: None, is_sent: None })
    }

    /// Revokes the token obtained with the credentials. Returns whether there was one.
    pub(crate) async fn revoke(&self, context: TokenContext<'_>) -> Result<bool> {
        match self {
            Signer::Token(source) => source.revoke(context).await,
            Signer::Provided(provided) => match provided.signer() {
                Some(signer) => Box::pin(signer.revoke(context)).await,
                None => Ok(false),
            },
            Signer::None | Signer::Bearer(_) | Signer::Digest(_) => Ok(false),
        }
    }
}

/// Whether the service refuses the credentials as such. A missing role is not a refusal: other credentials of the same
/// account would not help.
pub(super) fn is_refused(reply: &Reply) -> bool {
    reply.status == StatusCode::UNAUTHORIZED && Error::from_reply(reply.clone()).kind() == ErrorKind::Unauthorized
}

pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| {
        Error::new(
            ErrorKind::InvalidInput,
            "cannot send access token: it contains characters that are not valid in a header",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}
