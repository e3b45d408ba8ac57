//! `envelope=true`: the service wraps its answer together with the status, for callers that can't see headers.
//!
//! A list carries `status` beside `results`, a single document is put under `content`, and the HTTP status may be 200
//! for a failure. Whoever reads the answer must find it as if it had not been wrapped. A document that merely has a
//! `status` of its own (a snapshot's is text) must pass untouched.

use std::collections::BTreeMap;

use atlas_backup_runtime::Reply;
use bytes::Bytes;
use http::StatusCode;
use serde_json::value::RawValue;

use crate::http::wire::{Exchange, Outgoing, Wire};

/// A wire that hands on what is inside the envelopes, so that whoever signs, repeats or limits sees real statuses.
pub(super) struct Unwrapping<'w> {
    pub(super) wire: &'w dyn Wire,
    /// Leaves the envelope on a success.
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

/// Takes the envelope off. What has none stays as it is; the body's text is kept as it was written, so no number loses digits.
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
    // `"content": null` stands for an answer without a body.
    reply.body = if &body[..] == b"null" { Bytes::new() } else { body };
    reply
}

/// Leaves the envelope on a success and takes it off a failure, so that a failure is one whatever the HTTP status says.
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
