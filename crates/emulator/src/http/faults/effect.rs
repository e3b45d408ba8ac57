//! What a fault does to a request: before it is executed, and to its answer.
//!
//! The first effect that decides the outcome wins; latencies before it add up, and effects on an answer are applied in
//! their order. An effect never changes what is executed, only whether, and what the client gets to see of it.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::{
    domain::error::ApiError,
    http::{
        connection::Peer,
        faults::fault::{Faults, Struck},
    },
};

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
    pub(crate) fn is_sound(&self) -> Result<(), String> {
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

/// Waits and gives the answer of what is not to be executed, if that is so.
pub(crate) async fn before(faults: &Faults, struck: &[Struck], peer: &Peer) -> Option<Response> {
    for Struck { fault, effect } in struck {
        match effect {
            Effect::Latency { milliseconds } => {
                let _ = timeout(Duration::from_millis(*milliseconds), faults.cleared(*fault)).await;
            }
            Effect::ResetBefore => return Some(reset(peer)),
            Effect::Status { status, code, retry_after, content_type, body } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut response = match body {
                    Some(body) => (status, Body::from(body.clone())).into_response(),
                    None => ApiError::fault(status, code.as_deref().unwrap_or("FAULT")).into_response(),
                };
                if let Some(value) = content_type.as_deref().and_then(|t| HeaderValue::from_str(t).ok()) {
                    response.headers_mut().insert(header::CONTENT_TYPE, value);
                }
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
                }
                return Some(response);
            }
            _ => {}
        }
    }
    None
}

/// The answer as the client gets to see it.
pub(crate) async fn after(struck: &[Struck], mut response: Response, peer: &Peer) -> Response {
    for Struck { effect, .. } in struck {
        response = match effect {
            Effect::ResetAfter => reset(peer),
            Effect::ContentType { content_type } => {
                if let Ok(value) = HeaderValue::from_str(content_type) {
                    response.headers_mut().insert(header::CONTENT_TYPE, value);
                }
                response
            }
            Effect::Truncate { bytes } => {
                replace(response, |body| {
                    let kept = body.slice(..bytes.unwrap_or(body.len() / 2).min(body.len()));
                    // The pause between the two lets the first be sent before the second breaks the connection.
                    Body::from_stream(stream::unfold(Some(kept), |kept| async move {
                        match kept {
                            Some(kept) if !kept.is_empty() => Some((Ok(kept), Some(Bytes::new()))),
                            _ => {
                                sleep(Duration::from_millis(1)).await;
                                Some((Err(io::Error::other("truncated on purpose")), None))
                            }
                        }
                    }))
                })
                .await
            }
            Effect::Slow { bytes, milliseconds } => {
                let (piece, pause) = ((*bytes).max(1), Duration::from_millis(*milliseconds));
                replace(response, |body| {
                    Body::from_stream(stream::unfold(body, move |mut rest| async move {
                        if rest.is_empty() {
                            return None;
                        }
                        sleep(pause).await;
                        let next = rest.split_to(piece.min(rest.len()));
                        Some((Ok::<_, Infallible>(next), rest))
                    }))
                })
                .await
            }
            _ => response,
        };
    }
    response
}

/// The same answer with another body that claims the same length.
async fn replace(response: Response, other: impl FnOnce(Bytes) -> Body) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, other(body))
}

/// Ends the connection; the answer is never sent.
fn reset(peer: &Peer) -> Response {
    peer.reset();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
