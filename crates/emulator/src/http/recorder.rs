//! Records requests for tests that check what a client sent.
//!
//! Headers are recorded unchanged, including credentials. The recorder is for tests and is never written to disk.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, request::Parts};

/// Records the requests of the emulators that use it. Clones share one record.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    requests: Arc<Mutex<VecDeque<Recorded>>>,
    bounds: Option<Bounds>,
}

/// Limits of the record.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    requests: usize,
    body_bytes: usize,
}

/// One request and the status of its response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The encoded path.
    pub path: String,
    /// The encoded query. `None` without a `?`.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The status of the response.
    pub status: StatusCode,
}

impl Recorder {
    /// The requests so far, in the order of their responses.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The requests so far. Clears the record.
    #[must_use]
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }

    /// A recorder that keeps the last thousand requests and the beginning of their bodies.
    pub(crate) fn bounded() -> Self {
        Self { requests: Arc::default(), bounds: Some(Bounds { requests: 1000, body_bytes: 16 * 1024 }) }
    }

    pub(crate) fn record(&self, parts: &Parts, body: &Bytes, status: StatusCode) {
        let recorded = Recorded {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(ToOwned::to_owned),
            headers: parts.headers.clone(),
            body: match self.bounds {
                Some(Bounds { body_bytes, .. }) => Bytes::copy_from_slice(&body[..body.len().min(body_bytes)]),
                None => body.clone(),
            },
            status,
        };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if self.bounds.is_some_and(|most| requests.len() >= most.requests) {
            requests.pop_front();
        }
        requests.push_back(recorded);
    }
}
