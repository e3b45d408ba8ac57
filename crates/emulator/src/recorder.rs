//! A log of requests for tests that look at what a client really sent.
//!
//! It keeps headers as they came, credentials included: it is for tests, and never written anywhere.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, request::Parts};

/// Collects the requests of the emulators it is given to; clones share one log.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    requests: Arc<Mutex<Vec<Recorded>>>,
}

/// One request and the status it got.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The path, as it was encoded.
    pub path: String,
    /// The query, as it was encoded; `None` where there was no `?`.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The status of the answer.
    pub status: StatusCode,
}

impl Recorder {
    /// The requests so far, in the order they were answered.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests so far, forgotten afterwards.
    #[must_use]
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn record(&self, parts: &Parts, body: &Bytes, status: StatusCode) {
        let recorded = Recorded {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(ToOwned::to_owned),
            headers: parts.headers.clone(),
            body: body.clone(),
            status,
        };
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    }
}
