//! The ways in which an injected fault makes a request go wrong.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

/// How a request goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// It is not executed and gets this answer.
    Status {
        /// From 200 to 599.
        status: u16,
        /// The error code; `FAULT` where it is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// `Retry-After` in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
        /// The media type of `body`; none is sent where it is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// The body, in the place of an error document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// It is executed later, or when the fault is cleared.
    Latency {
        /// How much later.
        milliseconds: u64,
    },
    /// The connection is reset and nothing executed.
    ResetBefore,
    /// It is executed, then the connection is reset.
    ResetAfter,
    /// The body of its answer ends too early, and so does the connection.
    Truncate {
        /// After so many bytes; half of them where it is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// The body of its answer comes in pieces.
    Slow {
        /// Bytes in a piece.
        bytes: usize,
        /// The pause before each piece.
        milliseconds: u64,
    },
    /// Its answer says that it is something else.
    ContentType {
        /// The value of the header.
        content_type: String,
    },
}

impl Effect {
    /// # Errors
    /// What does not make sense in it.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let header = |value: &str| HeaderValue::from_str(value).map_err(|_| format!("{value:?} is no header value"));
        match self {
            Effect::Status { status, code, content_type, .. } => {
                if !(200..600).contains(status) {
                    return Err("a status is between 200 and 599".to_owned());
                }
                [code, content_type].into_iter().flatten().try_for_each(|value| header(value).map(drop))
            }
            Effect::Slow { bytes: 0, .. } => Err("a piece has at least one byte".to_owned()),
            Effect::ContentType { content_type } => header(content_type).map(drop),
            _ => Ok(()),
        }
    }
}
