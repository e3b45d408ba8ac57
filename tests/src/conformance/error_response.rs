//! A response outside 2xx must become the error that a user of the library sees, whatever its body is.
//!
//! The error must tell the status and keep the body as it came; where the body is one of Atlas's documents it must tell
//! the code and the detail. A body that is none (an empty 401, a proxy's page) must not be taken for one.

use atlas_backup::Error;
use atlas_backup_runtime::{Operation, Version};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use serde_json::Value;

use super::recording::Recording;

/// Checks the error that a response becomes; returns the names of what the specification does not define in it.
pub(super) fn check(
    operation: &'static Operation,
    version: Option<&'static Version>,
    recording: &Recording<'_>,
) -> Result<Vec<String>, String> {
    let mut headers = HeaderMap::new();
    if let Some(value) = recording.content_type.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(CONTENT_TYPE, value);
    }
    let body = Bytes::copy_from_slice(&recording.body);
    let error = Error::from_response(operation, version, recording.status, headers, body.clone());
    if error.status() != Some(recording.status) || error.body() != Some(&body) {
        return Err("the error does not keep the status and the body".to_owned());
    }
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let printed = |key: &str| document.get(key).and_then(Value::as_str);
    let reported = error.code().map(atlas_backup::ErrorCode::as_str);
    if reported != printed("errorCode") {
        return Err(format!("the error tells the code {reported:?}, the body says {:?}", printed("errorCode")));
    }
    let detail = error.api_error().and_then(|api| api.detail.as_deref());
    if detail != printed("detail") {
        return Err(format!("the error tells the detail {detail:?}, the body says {:?}", printed("detail")));
    }
    Ok(error.api_error().map(|api| api.extra.keys().cloned().collect()).unwrap_or_default())
}
