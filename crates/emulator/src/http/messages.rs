//! Reads request bodies within limits, and responds to methods that a path does not support.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use tokio::time::timeout;

use crate::domain::{
    error::ApiError,
    refusals::{METHOD_NOT_ALLOWED, REQUEST_BODY_TOO_LARGE, REQUEST_TIMEOUT},
};

/// How long a request body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the body within the size and time limits.
pub(crate) async fn read_body(parts: &Parts, body: Body, most: usize) -> Result<Bytes, ApiError> {
    let too_large = || {
        let detail = format!("The request body could not be read or is larger than {most} bytes.");
        REQUEST_BODY_TOO_LARGE.error(detail)
    };
    // A client that announces an oversized body, and possibly waits for `100 Continue`, is refused before it sends the
    // body.
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    match timeout(BODY_TIMEOUT, to_bytes(body, most)).await {
        Ok(read) => read.map_err(|_| too_large()),
        Err(_) => {
            let detail = format!("The request body did not arrive within {} s.", BODY_TIMEOUT.as_secs());
            Err(REQUEST_TIMEOUT.error(detail))
        }
    }
}

/// The response of a known path to an unsupported method: the supported methods, as a success for OPTIONS and as an
/// error otherwise.
pub(crate) fn other_methods(taken: &[&Method], asked: &Method, path: &str) -> Response {
    let mut allowed = Vec::new();
    for method in taken {
        allowed.push(method.as_str());
        if *method == Method::GET {
            allowed.push("HEAD");
        }
    }
    allowed.push("OPTIONS");
    let allowed = allowed.join(", ");
    let allow = HeaderValue::from_str(&allowed).unwrap_or(HeaderValue::from_static(""));
    if asked == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]).into_response();
    }
    let detail = format!("{path} takes {allowed}.");
    let error = METHOD_NOT_ALLOWED.error(detail);
    error.header(header::ALLOW, allow).into_response()
}
