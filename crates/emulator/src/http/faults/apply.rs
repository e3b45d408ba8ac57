//! Effects of faults on a request: before its execution and on its response.
//!
//! The first effect that decides the outcome wins. Latencies before it add up. Effects on a response are applied in
//! order. An effect never changes what is executed, only whether it is executed and what the client sees.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use tokio::time::{sleep, timeout};

use crate::{
    domain::{error::ApiError, refusals},
    http::{
        connection::Peer,
        faults::{
            effect::Effect,
            fault::{Faults, MatchedFault},
        },
    },
};

/// Waits, and returns a response if the request must not be executed.
pub(crate) async fn before(faults: &Faults, matched: &[MatchedFault], peer: &Peer) -> Option<Response> {
    for MatchedFault { fault, effect } in matched {
        match effect {
            Effect::Latency { milliseconds } => {
                let _ = timeout(Duration::from_millis(*milliseconds), faults.wait_until_cleared(*fault)).await;
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
            Effect::Refusal { code, parameters } => {
                let refusal = refusals::find(code)?;
                let error = refusal.error(format!("Refused on purpose: {}.", refusal.condition));
                let error = parameters.iter().fold(error, |error, value| error.parameter(value.as_str()));
                return Some(error.into_response());
            }
            _ => {}
        }
    }
    None
}

/// The response that the client sees.
pub(crate) async fn after(matched: &[MatchedFault], mut response: Response, peer: &Peer) -> Response {
    for MatchedFault { effect, .. } in matched {
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
                    // The pause lets the first chunk be sent before the second breaks the connection.
                    Body::from_stream(stream::unfold(Some(kept), |kept| async move {
                        match kept {
                            Some(kept) if !kept.is_empty() => Some((Ok(kept), Some(Bytes::new()))),
                            _ => {
                                sleep(Duration::from_millis(1)).await;
                                Some((Err(io::Error::other("body truncated by fault")), None))
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

/// The response with another body and the original length.
async fn replace(response: Response, other: impl FnOnce(Bytes) -> Body) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, other(body))
}

/// Resets the connection. The response is never sent.
fn reset(peer: &Peer) -> Response {
    peer.reset();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
