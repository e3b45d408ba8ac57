//! `POST /api/oauth/token` and `POST /api/oauth/revoke`.
//!
//! Errors here have the format of OAuth (RFC 6749, 5.2) instead of the API's, except for the rate limit.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use crate::{
    domain::{rate_limits::TOKENS, refusals::UNEXPECTED_ERROR},
    http::{
        auth::oauth::{TOKEN_LIFE_SECONDS, Tokens},
        faults::fault,
        limits::Limits,
        messages::other_methods,
    },
};

/// One of the two endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Token,
    Revoke,
}

impl Endpoint {
    /// The endpoint at this path.
    pub(crate) fn at(path: &str) -> Option<Self> {
        match path {
            "/api/oauth/token" => Some(Endpoint::Token),
            "/api/oauth/revoke" => Some(Endpoint::Revoke),
            _ => None,
        }
    }

    /// Its name in faults.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Endpoint::Token => fault::TOKEN,
            Endpoint::Revoke => fault::REVOKE,
        }
    }
}

pub(crate) fn answer(
    tokens: &Tokens,
    limits: &Limits,
    now: DateTime<Utc>,
    endpoint: Endpoint,
    parts: &Parts,
    body: &Bytes,
) -> Response {
    if parts.method != Method::POST {
        return other_methods(&[&Method::POST], &parts.method, parts.uri.path());
    }
    let mut names: Vec<_> = url::form_urlencoded::parse(body).map(|(name, _)| name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return reply(StatusCode::BAD_REQUEST, &json!({"error": "invalid_request"}));
    }
    let form = |name: &str| url::form_urlencoded::parse(body).find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
    let Some(account) = tokens.account(&parts.headers, form) else {
        let mut response = reply(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_client"}));
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        return response;
    };
    if endpoint == Endpoint::Revoke {
        if let Some(token) = form("token") {
            tokens.revoke(account, &token);
        }
        return reply(StatusCode::OK, &json!({}));
    }
    if form("grant_type").as_deref() != Some("client_credentials") {
        return reply(StatusCode::BAD_REQUEST, &json!({"error": "unsupported_grant_type"}));
    }
    let granted = match limits.take(TOKENS, account, parts.uri.path(), now) {
        Ok(granted) => granted,
        Err(refusal) => return refusal.into_response(),
    };
    let mut response = match tokens.issue(account, now) {
        Ok(token) => {
            let body = json!({"access_token": token, "expires_in": TOKEN_LIFE_SECONDS, "token_type": "Bearer"});
            reply(StatusCode::OK, &body)
        }
        Err(_) => {
            let detail = "The operating system has no random numbers.";
            UNEXPECTED_ERROR.error(detail).into_response()
        }
    };
    granted.announce(response.headers_mut());
    response
}

fn reply(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
