//! Errors of the control API.

use bytes::Bytes;
use http::Method;
use serde::de::DeserializeOwned;

use crate::domain::{error::ApiError, refusals::CONTROL_INVALID};

pub(crate) enum ControlError {
    Error(ApiError),
    Method(&'static [&'static Method]),
}

impl From<ApiError> for ControlError {
    fn from(error: ApiError) -> Self {
        ControlError::Error(error)
    }
}

pub(crate) fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))
}

pub(crate) fn invalid(reason: String) -> ApiError {
    CONTROL_INVALID.error(reason)
}
