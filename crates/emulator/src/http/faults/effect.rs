//! Effects of injected faults.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::domain::refusals;

/// The effect of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// The request is not executed and gets this response.
    Status {
        /// From 200 to 599.
        status: u16,
        /// The error code. Default: `FAULT`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// `Retry-After` in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
        /// Media type of `body`. Without it none is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// Body instead of an error document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// It is not executed and refused as the service refuses it: with the status that the table of refusals has for the
    /// code.
    Refusal {
        /// The error code.
        code: String,
        /// What the error names.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parameters: Vec<String>,
    },
    /// The request is executed after a delay, or when the fault is cleared.
    Latency {
        /// The delay.
        milliseconds: u64,
    },
    /// The connection is reset without execution.
    ResetBefore,
    /// The request is executed, then the connection is reset.
    ResetAfter,
    /// The response body and the connection end early.
    Truncate {
        /// Number of bytes sent. Default: half of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// The response body is sent in chunks.
    Slow {
        /// Bytes per chunk.
        bytes: usize,
        /// Pause before each chunk.
        milliseconds: u64,
    },
    /// The response has another `Content-Type`.
    ContentType {
        /// The value of the header.
        content_type: String,
    },
}

impl Effect {
    /// # Errors
    /// Returns an error that names the invalid value.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let header = |value: &str| HeaderValue::from_str(value).map_err(|_| format!("invalid header value {value:?}"));
        match self {
            Effect::Status { status, code, content_type, .. } => {
                if !(200..600).contains(status) {
                    return Err("a status must be between 200 and 599".to_owned());
                }
                [code, content_type].into_iter().flatten().try_for_each(|value| header(value).map(drop))
            }
            Effect::Refusal { code, .. } if refusals::find(code).is_none() => {
                Err(format!("{code} is not in the table of refusals"))
            }
            Effect::Slow { bytes: 0, .. } => Err("a chunk must have at least one byte".to_owned()),
            Effect::ContentType { content_type } => header(content_type).map(drop),
            _ => Ok(()),
        }
    }
}
