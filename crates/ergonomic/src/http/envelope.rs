//! `envelope=true`: the service returns the status in the body, for callers that cannot see headers.
//!
//! A list has `status` beside `results`, a single document moves under `content`, and the HTTP status may be 200 for a
//! failure. The caller must see the same response as without an envelope. A document with its own `status` (a
//! snapshot's is a string) must pass unchanged.

use std::collections::BTreeMap;

use atlas_backup_runtime::Reply;
use bytes::Bytes;
use http::StatusCode;
use serde_json::value::RawValue;

use crate::http::wire::{Exchange, Outgoing, Wire};

/// A wire that unwraps envelopes, so that signing, retries and limits see the real status.
pub(super) struct Unwrapping<'w> {
    pub(super) wire: &'w dyn Wire,
    /// Keeps the envelope on a success.
    pub(super) keeps: bool,
}

impl Wire for Unwrapping<'_> {
    fn send(&self, request: Outgoing) -> Exchange<'_> {
        Box::pin(async move {
            let reply = self.wire.send(request).await?;
            Ok(if self.keeps { look_inside(reply) } else { unwrap(reply) })
        })
    }
}

/// Removes the envelope. A body without one is unchanged. The text of the body is kept, so no number loses digits.
fn unwrap(mut reply: Reply) -> Reply {
    let Ok(mut fields) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(&reply.body) else { return reply };
    let status = fields.get("status").and_then(|raw| raw.get().parse().ok()).and_then(|n| StatusCode::from_u16(n).ok());
    let Some(status) = status else { return reply };
    let body = match fields.get("content") {
        Some(content) => Bytes::copy_from_slice(content.get().as_bytes()),
        None => {
            fields.remove("status");
            match serde_json::to_vec(&fields) {
                Ok(body) => body.into(),
                Err(_) => return reply,
            }
        }
    };
    reply.status = status;
    // `"content": null` represents a response without a body.
    reply.body = if &body[..] == b"null" { Bytes::new() } else { body };
    reply
}

/// Keeps the envelope on a success and removes it from a failure, so that a failure has its real status.
fn look_inside(mut reply: Reply) -> Reply {
    let inside = unwrap(reply.clone());
    if !inside.status.is_success() {
        return inside;
    }
    reply.status = inside.status;
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::reply;

    fn unwrapped(body: &str) -> (u16, String) {
        let reply = unwrap(reply(200, &[], body));
        (reply.status.as_u16(), String::from_utf8(reply.body.to_vec()).expect("text"))
    }

    #[test]
    fn enveloped_document_is_unwrapped_unchanged() {
        let body = r#"{"status": 200, "content": {"id": "a", "status": "completed", "n": 9007199254740993.10}}"#;
        let inner = r#"{"id": "a", "status": "completed", "n": 9007199254740993.10}"#;
        assert_eq!(unwrapped(body), (200, inner.to_owned()));
        assert_eq!(unwrapped(r#"{"status":204,"content":null}"#), (204, String::new()));
    }

    #[test]
    fn enveloped_list_loses_only_its_status() {
        let body = r#"{"results":[{"id":1}],"status":200,"totalCount":18446744073709551616}"#;
        assert_eq!(unwrapped(body), (200, r#"{"results":[{"id":1}],"totalCount":18446744073709551616}"#.to_owned()));
    }

    #[test]
    fn enveloped_error_has_inner_status() {
        let inside = r#"{"status":404,"content":{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}}"#;
        assert_eq!(unwrapped(inside), (404, r#"{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}"#.to_owned()));
        let beside = r#"{"error":404,"errorCode":"CLUSTER_NOT_FOUND","status":404}"#;
        assert_eq!(unwrapped(beside), (404, r#"{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}"#.to_owned()));
    }

    #[test]
    fn requested_envelope_is_kept_on_success_only() {
        let body = r#"{"status": 201, "content": {"id": "a"}}"#;
        let kept = look_inside(reply(200, &[], body));
        assert_eq!((kept.status.as_u16(), &kept.body[..]), (201, body.as_bytes()));
        let failed = look_inside(reply(200, &[], r#"{"status":404,"content":{"error":404}}"#));
        assert_eq!((failed.status.as_u16(), &failed.body[..]), (404, &br#"{"error":404}"#[..]));
    }

    proptest::proptest! {
        #[test]
        fn unwrapping_never_panics(body in "[\\[\\]{}\":,a-z0-9 .-]{0,64}") {
            let _unwrapped = unwrapped(&body);
        }
    }

    #[test]
    fn body_without_envelope_is_unchanged() {
        for body in [r#"{"id":"a","status":"completed"}"#, "", "<html>", "[1]", r#"{"status":7}"#] {
            assert_eq!(unwrapped(body), (200, body.to_owned()));
        }
    }
}
