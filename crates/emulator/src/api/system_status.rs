//! Whether the service answers: what clients ask to test their credentials.

use serde_json::json;

use crate::{
    api::call::{ApiResponse, Call},
    domain::error::ApiError,
};

/// The same to every caller: the emulator shows no key in an answer.
pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    Ok(ApiResponse::ok(json!({
        "apiKey": null,
        "appName": "MongoDB Atlas",
        "build": env!("CARGO_PKG_VERSION"),
        "links": [call.link("self", "/api/atlas/v2")],
        "throttling": false,
    })))
}
