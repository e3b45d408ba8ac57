//! Renders outcomes: media type, envelope, indentation, links.
//!
//! The content is decided before. This module changes only its form.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header, uri::Authority};
use serde_json::{Value, json};

use crate::{
    api::call::ApiResponse,
    domain::error::ApiError,
    openapi::{document::Version, query::Query, versions},
};

/// Renders an outcome, with envelope and indentation if the query requests them.
pub(crate) fn render(outcome: Result<ApiResponse, ApiError>, version: Option<&Version>, query: &Query) -> Response {
    let write = |mut body: Value, status: StatusCode| {
        if query.flag("envelope") {
            body = enveloped(body, status);
        }
        let pretty = if query.flag("pretty") { serde_json::to_string_pretty(&body).ok() } else { None };
        pretty.unwrap_or_else(|| body.to_string())
    };
    match outcome {
        Ok(ApiResponse { status, body, location }) => {
            let body = body.map_or_else(String::new, |body| write(body, status));
            let mut response = (status, body).into_response();
            let content_type = version.map_or(HeaderValue::from_static("application/json"), versions::content_type);
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            if let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        }
        Err(error) => {
            let body = write(error.body(), error.status);
            error.respond_with(body)
        }
    }
}

/// A page gets its status beside the results. Anything else moves under `content`.
fn enveloped(mut body: Value, status: StatusCode) -> Value {
    if body.get("results").is_some() {
        body["status"] = status.as_u16().into();
        return body;
    }
    json!({"status": status.as_u16(), "content": body})
}

/// Links use the origin of the request.
pub(crate) fn base(headers: &HeaderMap, otherwise: &str) -> String {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()?.parse::<Authority>().ok());
    host.map_or_else(|| otherwise.to_owned(), |host| format!("http://{host}"))
}
