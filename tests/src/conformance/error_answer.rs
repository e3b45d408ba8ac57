//! An answer outside 2xx must become the error that a user of the library sees, whatever its body is.
//!
//! The error must tell the status and, where the body names one, Atlas's code; a body that is no document of Atlas (an
//! empty 401, a proxy's page) must not be taken for one.

use atlas_backup_generated::{Operation, Version, types};
use serde_json::Value;

use super::recording::Recording;

/// Checks the error that an answer becomes.
pub(super) fn check(
    operation: &'static Operation,
    version: Option<&'static Version>,
    recording: &Recording<'_>,
) -> Result<(), String> {
    let _ = (operation, version);
    let body: Option<Value> = serde_json::from_slice(&recording.body).ok();
    let code = body.as_ref().and_then(|body| body.get("errorCode")?.as_str());
    let error: Option<types::ApiError> = serde_json::from_slice(&recording.body).ok();
    let told = error.as_ref().and_then(|error| error.error_code.as_deref());
    if told != code {
        return Err(format!("the error tells the code {told:?}, the body says {code:?}"));
    }
    Ok(())
}
