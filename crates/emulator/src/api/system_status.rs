//! System status, which clients call to test their credentials.

use serde_json::json;

use crate::{
    api::call::{ApiResponse, Call},
    domain::error::ApiError,
};

/// The same for every caller: no response contains an API key.
pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    Ok(ApiResponse::ok(json!({
        "apiKey": null,
        "appName": "MongoDB Atlas",
        "build": env!("CARGO_PKG_VERSION"),
        "links": [call.link("self", "/api/atlas/v2")],
        "throttling": false,
    })))
}
