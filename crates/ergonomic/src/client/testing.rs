//! For tests of programs that use this crate: canned responses instead of the network, and a record of the requests.
//! Feature `testing`.
//!
//! Everything but the network is real: versions, headers, signing, retries, envelopes, decoding. A call takes
//! microseconds and uses no port. A request without a canned response gets 501.
//!
//! ```
//! use atlas_backup::testing::{CannedResponse, CannedService};
//! use serde_json::json;
//!
//! /// What is tested: deletes the snapshots that have failed.
//! async fn tidy(cluster: &atlas_backup::Cluster) -> atlas_backup::Result<usize> {
//!     let mut deleted = 0;
//!     for snapshot in cluster.snapshots().list().all().await? {
//!         if snapshot.status.as_ref().is_some_and(|status| status.as_str() == "failed") {
//!             cluster.snapshots().delete(&snapshot.id).await?;
//!             deleted += 1;
//!         }
//!     }
//!     Ok(deleted)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> atlas_backup::Result<()> {
//! let service = CannedService::new();
//! service.answer("listBackupSnapshots", json!({ "results": [
//!     { "id": "5f3e8e7d9b1c2a0012345678", "status": "completed" },
//!     { "id": "5f3e8e7d9b1c2a0012345679", "status": "failed" },
//! ] }));
//! // The first try fails, the second doesn't: retries are real.
//! service.answer("deleteClusterBackupSnapshot", CannedResponse::status(503));
//! service.answer("deleteClusterBackupSnapshot", CannedResponse::status(204));
//!
//! let cluster = service.client().project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//! assert_eq!(tidy(&cluster).await?, 1);
//!
//! let sent = service.sent();
//! assert_eq!(sent.len(), 3);
//! assert!(sent[2].path.ends_with("/snapshots/5f3e8e7d9b1c2a0012345679"));
//! # Ok(())
//! # }
//! ```

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use atlas_backup_runtime::Reply;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    call::client::Client,
    client::builder::Builder,
    http::{
        retry::RetryPolicy,
        wire::{Exchange, Outgoing, Wire},
    },
    model::{
        credentials::Credentials,
        error::{Error, Result},
        error_kind::ErrorKind,
        meta, operations,
        version::ApiVersion,
    },
};

/// A service of canned responses. Clones share responses and record.
#[derive(Clone, Default)]
pub struct CannedService(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    answers: HashMap<String, VecDeque<CannedResponse>>,
    responder: Option<Arc<Responder>>,
    sent: Vec<SentRequest>,
    count: usize,
    in_flight: usize,
    max_in_flight: usize,
}

type Responder = dyn Fn(&SentRequest, usize) -> CannedResponse + Send + Sync;

/// A canned response.
#[derive(Debug, Clone)]
pub struct CannedResponse {
    outcome: std::result::Result<(StatusCode, HeaderMap, Bytes), ErrorKind>,
    /// `None` means forever.
    after: Option<Duration>,
}

/// A sent request.
#[derive(Clone)]
#[non_exhaustive]
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers, `Authorization` among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// The operation's id, if it is in the operations table.
    pub operation: Option<&'static str>,
}

impl CannedResponse {
    /// A status without a body.
    ///
    /// # Panics
    /// If the status is not valid.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or_else(|_| panic!("invalid HTTP status {status}"));
        CannedResponse { outcome: Ok((status, HeaderMap::new(), Bytes::new())), after: Some(Duration::ZERO) }
    }

    /// An error in the format of Atlas.
    ///
    /// # Panics
    /// If the status is not valid.
    #[must_use]
    pub fn error(status: u16, code: &str) -> Self {
        Self::status(status).body(json!({ "error": status, "errorCode": code, "detail": "canned", "parameters": [] }))
    }

    /// No response: [`ErrorKind::Connect`] if no connection can be made, [`ErrorKind::Connection`] if it breaks,
    /// [`ErrorKind::Timeout`] if nothing arrives.
    #[must_use]
    pub fn failure(kind: ErrorKind) -> Self {
        CannedResponse { outcome: Err(kind), after: Some(Duration::ZERO) }
    }

    /// No response on an open connection: the call ends at its deadline.
    #[must_use]
    pub fn never() -> Self {
        CannedResponse { after: None, ..Self::failure(ErrorKind::Timeout) }
    }

    /// With a JSON body.
    #[must_use]
    pub fn body(self, body: Value) -> Self {
        self.bytes(body.to_string())
    }

    /// With a body of any content.
    #[must_use]
    pub fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        if let Ok((_, _, bytes)) = &mut self.outcome {
            *bytes = body.into();
        }
        self
    }

    /// After a delay in Tokio's time, which a test can pause.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.after = Some(delay);
        self
    }

    /// With a header. Without a `Content-Type`, the response has the requested media type.
    ///
    /// # Panics
    /// If the name or value is not valid in a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) else {
            panic!("invalid header {name:?} with the value {value:?}")
        };
        if let Ok((_, headers, _)) = &mut self.outcome {
            headers.append(name, value);
        }
        self
    }
}

/// A success with this document.
impl From<Value> for CannedResponse {
    fn from(body: Value) -> Self {
        CannedResponse::status(200).body(body)
    }
}

impl CannedService {
    /// A service without responses.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A service that responds with `answer`, called with each request and the number of requests before it.
    #[must_use]
    pub fn respond_with<A: Into<CannedResponse>>(
        answer: impl Fn(&SentRequest, usize) -> A + Send + Sync + 'static,
    ) -> Self {
        let service = Self::default();
        service.state().responder = Some(Arc::new(move |sent: &SentRequest, before| answer(sent, before).into()));
        service
    }

    /// Adds a response for an operation, by any of its names. Several are returned in order, and the last one is
    /// repeated. A call of a retired operation gets the response of its replacement, unless the client tries the old
    /// one.
    ///
    /// # Panics
    /// If no operation has this name.
    pub fn answer(&self, operation: &str, answer: impl Into<CannedResponse>) -> &Self {
        let found = operations::find(operation).unwrap_or_else(|| panic!("unknown operation {operation:?}"));
        self.add(found.id.to_owned(), answer.into())
    }

    /// Adds a response for a path outside of the operations table.
    pub fn answer_path(&self, method: Method, path: &str, answer: impl Into<CannedResponse>) -> &Self {
        self.add(format!("{method} {path}"), answer.into())
    }

    fn add(&self, key: String, answer: CannedResponse) -> &Self {
        self.state().answers.entry(key).or_default().push_back(answer);
        self
    }

    /// A client of this service, without credentials and without waits between attempts.
    #[must_use]
    pub fn client(&self) -> Client {
        let builder = Client::builder().credentials(Credentials::none());
        let client = self.build(builder.retry(RetryPolicy::default().base(Duration::ZERO)));
        client.expect("the defaults are a valid client")
    }

    /// A client of this service with these settings. Token requests of a service account succeed.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build(&self, builder: Builder) -> Result<Client> {
        builder.build_with(self.clone())
    }

    /// The requests so far, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<SentRequest> {
        self.state().sent.clone()
    }

    /// The requests since the last call, in order.
    #[must_use]
    pub fn take_sent(&self) -> Vec<SentRequest> {
        std::mem::take(&mut self.state().sent)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of requests that wait for their response, and the maximum so far.
    #[cfg(test)]
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        let state = self.state();
        (state.in_flight, state.max_in_flight)
    }

    /// Records a request. Returns the number of requests before it.
    fn record(&self, sent: &SentRequest) -> usize {
        let mut state = self.state();
        state.sent.push(sent.clone());
        state.count += 1;
        state.count - 1
    }

    fn find(&self, sent: &SentRequest, before: usize) -> CannedResponse {
        let key = sent.operation.map_or_else(|| format!("{} {}", sent.method, sent.path), str::to_owned);
        let mut state = self.state();
        if let Some(responder) = state.responder.clone() {
            drop(state);
            return responder(sent, before);
        }
        let answer = match state.answers.get_mut(&key) {
            Some(answers) if answers.len() > 1 => answers.pop_front(),
            Some(answers) => answers.front().cloned(),
            None if sent.path.ends_with("/api/oauth/token") => {
                Some(json!({ "access_token": "canned", "expires_in": 3600, "token_type": "Bearer" }).into())
            }
            None => None,
        };
        answer.unwrap_or_else(|| CannedResponse::status(501).body(json!({ "error": 501, "detail": key })))
    }

    async fn reply(&self, sent: SentRequest) -> Result<Reply> {
        let (_under_way, before) = (InFlight::new(self), self.record(&sent));
        // A response takes at least one turn of the scheduler, like a real one.
        tokio::task::yield_now().await;
        let answer = self.find(&sent, before);
        match answer.after {
            Some(Duration::ZERO) => {}
            Some(delay) => tokio::time::sleep(delay).await,
            None => std::future::pending().await,
        }
        match answer.outcome {
            Ok((status, mut headers, body)) => {
                let accept = sent.headers.get(header::ACCEPT);
                if let Some(media) = accept.filter(|_| !headers.contains_key(header::CONTENT_TYPE)) {
                    headers.insert(header::CONTENT_TYPE, media.clone());
                }
                Ok(Reply::new(status, headers, body))
            }
            Err(kind) => Err(Error::new(kind, "canned failure")),
        }
    }
}

/// Counts a request while it waits, including dropped calls.
struct InFlight<'a>(&'a CannedService);

impl<'a> InFlight<'a> {
    fn new(service: &'a CannedService) -> Self {
        let mut state = service.state();
        state.in_flight += 1;
        state.max_in_flight = state.max_in_flight.max(state.in_flight);
        drop(state);
        InFlight(service)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}

impl Wire for CannedService {
    fn send(&self, request: Outgoing) -> Exchange<'_> {
        Box::pin(self.reply(SentRequest::new(request)))
    }
}

impl fmt::Debug for CannedService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CannedService").field("sent", &self.state().sent.len()).finish_non_exhaustive()
    }
}

impl SentRequest {
    fn new(request: Outgoing) -> Self {
        let operation = operations::find_path(&request.method, request.url.path());
        SentRequest {
            path: request.url.path().to_owned(),
            query: request.url.query_pairs().into_owned().collect(),
            url: request.url.into(),
            method: request.method,
            headers: request.headers,
            body: request.body,
            operation: operation.map(|operation| operation.id),
        }
    }

    /// The query as it was sent.
    #[cfg(test)]
    pub(crate) fn raw_query(&self) -> Option<&str> {
        self.url.split_once('?').map(|(_, query)| query)
    }

    /// The requested version.
    #[must_use]
    pub fn version(&self) -> Option<ApiVersion> {
        crate::model::version::MediaType::parse(meta::text(&self.headers, "accept")?).map(|media| media.version)
    }

    /// The body as JSON. `null` if it is missing or not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        self.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default()
    }
}

/// Without headers and body, which may contain secrets.
impl fmt::Debug for SentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.path, self.operation.unwrap_or("no operation"))
    }
}

/// For tests of this crate: a reply of these parts.
#[cfg(test)]
pub(crate) fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let headers = headers.iter().map(|(k, v)| (HeaderName::from_static(k), v.parse().expect("a value"))).collect();
    let status = StatusCode::from_u16(status).expect("a status");
    Reply::new(status, headers, Bytes::copy_from_slice(body.as_bytes()))
}

#[cfg(test)]
impl From<Reply> for CannedResponse {
    fn from(reply: Reply) -> Self {
        CannedResponse { outcome: Ok((reply.status, reply.headers, reply.body)), after: Some(Duration::ZERO) }
    }
}

#[cfg(test)]
impl Outgoing {
    /// A request for `path` of a service on this machine.
    pub(crate) fn get(path: &str) -> Self {
        let url = format!("http://127.0.0.1{path}").parse().expect("a URL");
        Outgoing { method: Method::GET, url, headers: HeaderMap::new(), body: None, is_sent: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "32b6e34b3d91647abb20e7b8";

    #[tokio::test]
    async fn canned_responses_come_in_order_and_last_repeats() {
        let service = CannedService::new();
        service
            .answer("getGroup", json!({ "id": PROJECT, "name": "one" }))
            .answer("getGroup", CannedResponse::error(404, "X"));
        let project = service.client().project(PROJECT).expect("an id");
        assert_eq!(project.get().await.expect("the first").name.as_deref(), Some("one"));
        for _ in 0..2 {
            let error = project.get().await.expect_err("the last");
            assert_eq!((error.kind(), error.code().map(|c| c.as_str())), (ErrorKind::NotFound, Some("X")));
        }
        assert_eq!(service.take_sent().len(), 3);
        assert!(service.sent().is_empty());
    }

    #[tokio::test]
    async fn canned_service_uses_real_versions_signing_and_retries() {
        let service = CannedService::new();
        service
            .answer("getGroup", CannedResponse::failure(ErrorKind::Connection))
            .answer("getGroup", json!({ "id": PROJECT }));
        let builder = Client::builder().credentials(Credentials::service_account("account", "secret"));
        let client = service.build(builder.retry(RetryPolicy::default().base(Duration::ZERO))).expect("a client");
        client.project(PROJECT).expect("an id").get().await.expect("the second");
        let sent = service.sent();
        let called: Vec<_> = sent.iter().map(|sent| (sent.operation, sent.path.as_str())).collect();
        let get = (Some("getGroup"), "/api/atlas/v2/groups/32b6e34b3d91647abb20e7b8");
        assert_eq!(called, [(None, "/api/oauth/token"), get, get]);
        assert_eq!(sent[1].headers["authorization"], "Bearer canned");
        assert_eq!(sent[1].version(), "2023-01-01".parse().ok());
        assert!(!format!("{sent:?}").contains("canned"));
    }

    #[tokio::test]
    async fn canned_service_returns_501_for_unset_operation() {
        let error = CannedService::new().client().project(PROJECT).expect("an id").get().await.expect_err("nothing");
        assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (ErrorKind::Server, Some(501)));
        assert!(error.to_string().contains("getGroup"), "{error}");
    }

    #[tokio::test]
    async fn canned_service_answers_custom_method_and_path() {
        let service = CannedService::new();
        service.answer_path(Method::GET, "/api/atlas/v2/unheard", json!({ "a": 1 }));
        let version = "2025-01-01".parse().expect("a version");
        let answer = service.client().path(Method::GET, "/api/atlas/v2/unheard").version(version).await;
        assert_eq!(answer.expect("an answer").json().expect("JSON"), json!({ "a": 1 }));
    }
}
