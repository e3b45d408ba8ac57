//! `POST /api/oauth/token` and `POST /api/oauth/revoke`.
//!
//! Errors here have OAuth's shape (RFC 6749, 5.2), not the API's, except the rate limit's.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use crate::{app::App, auth::oauth::TOKEN_LIFE_SECONDS, errors::ApiError, limits};

pub(crate) fn answer(app: &App, parts: &Parts, body: &Bytes) -> Response {
    if parts.method != Method::POST {
        let allow = [(header::ALLOW, "POST")];
        return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
    }
    let now = app.clock.unscaled();
    let form = |name: &str| url::form_urlencoded::parse(body).find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
    let Some(account) = app.auth.tokens.account(&parts.headers, form) else {
        let mut response = reply(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_client"}));
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        return response;
    };
    if parts.uri.path().ends_with("/revoke") {
        if let Some(token) = form("token") {
            app.auth.tokens.revoke(account, &token);
        }
        return reply(StatusCode::OK, &json!({}));
    }
    if form("grant_type").as_deref() != Some("client_credentials") {
        return reply(StatusCode::BAD_REQUEST, &json!({"error": "unsupported_grant_type"}));
    }
    if let Err(refusal) = app.limits.take(limits::TOKENS, account, parts.uri.path(), now) {
        return refusal.into_response();
    }
    match app.auth.tokens.issue(account, now) {
        Ok(token) => {
            let body = json!({"access_token": token, "expires_in": TOKEN_LIFE_SECONDS, "token_type": "Bearer"});
            reply(StatusCode::OK, &body)
        }
        Err(_) => {
            let detail = "The operating system has no randomness to give.";
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "UNEXPECTED_ERROR", detail).into_response()
        }
    }
}

fn reply(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
