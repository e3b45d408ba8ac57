//! Serves archives of finished download jobs over HTTP.
//!
//! A URL works without credentials until the job expires. After that, and for every invalid URL, the response is 403,
//! as from a storage service with a wrong signature. No response reveals whether a job exists, and no part of a request
//! reaches a file system.

use std::sync::Arc;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use tokio::task::spawn_blocking;

use crate::{
    data::archive::PreparedArchive,
    files::{
        archive_body::ArchiveBody,
        archive_cache::ArchiveCache,
        range::{ArchiveHeaders, RangeOutcome, part},
        requested_archive::RequestedArchive,
    },
};

/// Handles a request below [`PREFIX`].
pub(crate) async fn answer(downloads: &ArchiveCache, parts: &Parts, wanted: Option<RequestedArchive>) -> Response {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(wanted) = wanted else { return refused() };
    let Some(prepared) = downloads.prepare(wanted).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let etag = format!("\"{}\"", prepared.digest);
    let last_modified = prepared.taken_at().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let known = ArchiveHeaders { length: prepared.length, etag: &etag, last_modified: &last_modified };
    let total = prepared.length;
    let (status, span, content_range) = match part(&parts.headers, known, &parts.method) {
        RangeOutcome::Whole => (StatusCode::OK, Some((0, total)), None),
        RangeOutcome::Range(start, length) => {
            let range = format!("bytes {start}-{}/{total}", start + length - 1);
            (StatusCode::PARTIAL_CONTENT, Some((start, length)), Some(range))
        }
        RangeOutcome::Nothing(status) if status == StatusCode::RANGE_NOT_SATISFIABLE => {
            (status, None, Some(format!("bytes */{total}")))
        }
        RangeOutcome::Nothing(status) => (status, None, None),
    };
    let mut response = match span {
        Some(span) => read(&prepared, parts, status, span).await,
        None => status.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let fields = [
        (header::ETAG, Some(etag)),
        (header::LAST_MODIFIED, Some(last_modified)),
        (header::CONTENT_RANGE, content_range),
    ];
    for (name, value) in fields {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// A range of the archive, or for HEAD only its length.
async fn read(
    prepared: &Arc<PreparedArchive>,
    parts: &Parts,
    status: StatusCode,
    (start, length): (u64, u64),
) -> Response {
    let body = if parts.method == Method::HEAD {
        Body::empty()
    } else {
        let prepared = Arc::clone(prepared);
        match spawn_blocking(move || prepared.read(start, length)).await {
            Ok(Ok(archive)) => Body::new(ArchiveBody::new(archive, length)),
            _ => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    let mut response = (status, [(header::CONTENT_TYPE, "application/gzip")], body).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// The response of a storage service to a URL with an invalid or expired signature.
fn refused() -> Response {
    const BODY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
                        <Message>The URL is invalid or has expired.</Message></Error>";
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/xml")], BODY).into_response()
}
