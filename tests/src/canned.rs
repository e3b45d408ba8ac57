//! A transport that answers what it was told to, and remembers what it was asked.
//!
//! It stands for the service where a test is about one answer or one request; it must add nothing of its own to either.

use std::sync::{Arc, Mutex, PoisonError};

use atlas_backup_generated::{
    Client, Reply, Transport,
    transport::{Call, Exchange},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

/// Answers every call alike.
#[derive(Debug)]
pub struct Canned {
    reply: Reply,
    calls: Mutex<Vec<Call>>,
}

impl Canned {
    /// Answers with this status, media type and body.
    ///
    /// # Panics
    /// When `status` or `content_type` are none.
    #[must_use]
    pub fn new(status: u16, content_type: Option<&'static str>, body: impl Into<Bytes>) -> Arc<Self> {
        let mut headers = HeaderMap::new();
        headers.extend(content_type.map(|text| (CONTENT_TYPE, HeaderValue::from_static(text))));
        let status = StatusCode::from_u16(status).expect("a test gives a status");
        Arc::new(Self { reply: Reply { status, headers, body: body.into() }, calls: Mutex::default() })
    }

    /// Answers 200 with this document.
    #[must_use]
    pub fn json(body: &Value) -> Arc<Self> {
        Self::new(200, Some("application/vnd.atlas.2023-01-01+json;charset=utf-8"), body.to_string())
    }

    /// The bindings over this transport.
    #[must_use]
    pub fn client(self: &Arc<Self>) -> Client {
        Client::new(Arc::clone(self) as Arc<dyn Transport>)
    }

    /// The body of the last call; null if there was none.
    ///
    /// # Panics
    /// When the body is not JSON.
    #[must_use]
    pub fn sent(&self) -> Value {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let body = calls.last().and_then(|call| call.body.as_ref());
        body.map(|body| serde_json::from_slice(body).expect("the bindings send JSON")).unwrap_or_default()
    }
}

impl Transport for Canned {
    fn send(&self, call: Call) -> Exchange<'_> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        let reply = self.reply.clone();
        Box::pin(async move { Ok(reply) })
    }
}
