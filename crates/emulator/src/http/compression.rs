//! Compresses JSON answers for clients that take gzip.
//!
//! An answer is compressed whole, so that it has a `Content-Length` as the service's have.

use std::io::Write;

use axum::{
    body::{Body, HttpBody, to_bytes},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, header};

/// Answers below this size, in bytes, are not worth compressing.
const MIN_BYTES: u64 = 512;

/// The answer as a client with these request headers gets it.
pub(crate) async fn compressed(request: &HeaderMap, response: Response) -> Response {
    let json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.contains("json"));
    let size = response.body().size_hint().exact().unwrap_or_default();
    if !json || size < MIN_BYTES {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if !takes_gzip(request) {
        return Response::from_parts(parts, body);
    }
    let Ok(plain) = to_bytes(body, usize::MAX).await else { return Response::from_parts(parts, Body::empty()) };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(&plain).and_then(|()| encoder.finish());
    let body = match written {
        Ok(bytes) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.remove(header::CONTENT_LENGTH);
            Body::from(bytes)
        }
        Err(_) => Body::from(plain),
    };
    Response::from_parts(parts, body)
}

/// Whether `Accept-Encoding` names gzip, or anything, and not with the weight 0.
fn takes_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| ["gzip", "x-gzip", "*"].iter().any(|known| name.eq_ignore_ascii_case(known)));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        named && weight.is_none_or(|weight| weight > 0.0)
    })
}
