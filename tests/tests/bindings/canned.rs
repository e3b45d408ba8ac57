//! A transport below the bindings: it gives one answer to every call and remembers the calls. Where the library is the
//! subject, `atlas_backup::testing` takes its place.

use std::sync::{Arc, Mutex, PoisonError};

use atlas_backup_generated::Client;
use atlas_backup_runtime::{
    Reply, Transport,
    transport::{Call, Exchange},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

/// Answers every call alike.
#[derive(Debug)]
pub(crate) struct CannedService {
    reply: Reply,
    calls: Mutex<Vec<Call>>,
}

impl CannedService {
    /// Answers with this status, media type and body.
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Arc<Self> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        let status = StatusCode::from_u16(status).expect("a status");
        Arc::new(Self { reply: Reply::new(status, headers, body.into()), calls: Mutex::default() })
    }

    /// Answers 200 with this document.
    pub(crate) fn json(body: &Value) -> Arc<Self> {
        Self::new(200, "application/vnd.atlas.2023-01-01+json;charset=utf-8", body.to_string())
    }

    /// The bindings over this transport.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        Client::new(Arc::clone(self) as Arc<dyn Transport>)
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The body of the last call, null if it has none.
    pub(crate) fn sent(&self) -> Value {
        let calls = self.calls();
        let body = calls.last().and_then(|call| call.body.as_ref());
        body.map(|body| serde_json::from_slice(body).expect("JSON")).unwrap_or_default()
    }
}

impl Transport for CannedService {
    fn send(&self, call: Call) -> Exchange<'_> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        Box::pin(std::future::ready(Ok(self.reply.clone())))
    }
}
