//! The one error of this crate: opaque, with a kind to act on, what it is about, and everything the service said.
//!
//! An error never hides the HTTP status, never shows a secret, and never fails to exist because the service's own
//! error was malformed: a missing code, string parameters, an empty 401 and an HTML page from a proxy all become one.
//! Its text is in `error_text`.

use std::{
    borrow::Cow,
    error::Error as StdError,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use atlas_backup_runtime::{Operation, Reply, Version};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::model::{
    api_error::ApiError,
    dry_run::DryRunRequest,
    error_code::ErrorCode,
    error_kind::ErrorKind,
    meta::Delivery,
    redaction::{Secrets, shown},
    subject::Subject,
};

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a call did not bring what it should.
///
/// Decide on [`kind`](Self::kind), [`code`](Self::code) or [`is_retryable`](Self::is_retryable); the text of
/// [`Display`](std::fmt::Display) is for people and may change. It names the operation and what it was about, shows at most
/// 1,000 characters of any text of the service, and no credentials of the client, even if the service sent them back.
pub struct Error(pub(super) Box<Inner>);

pub(super) struct Inner {
    pub(super) kind: ErrorKind,
    pub(super) message: Cow<'static, str>,
    pub(super) operation: Option<&'static Operation>,
    /// Method and path of a request outside of the operations table.
    pub(super) request: Option<(Method, Box<str>)>,
    pub(super) subject: Subject,
    /// The local file that could not be read or written.
    pub(super) path: Option<PathBuf>,
    pub(super) version: Option<Cow<'static, str>>,
    pub(super) answer: Option<ErrorResponse>,
    item: Option<Value>,
    dry_run_request: Option<DryRunRequest>,
    pub(super) attempts: u32,
    /// Whether a request that changes something was sent and not answered.
    is_unanswered: bool,
    /// Whether what led to it was repeated already as often as it is worth.
    is_final: bool,
    /// How long to wait, where no response says so itself.
    wait: Option<Duration>,
    pub(super) source: Option<Source>,
}

#[derive(Clone)]
pub(super) struct ErrorResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) api: Option<ApiError>,
    retry_after: Option<Duration>,
}

impl ErrorResponse {
    /// A response without secrets of the client.
    fn new(status: StatusCode, mut headers: HeaderMap, body: Bytes, secrets: &Secrets) -> Self {
        secrets.redact_headers(&mut headers);
        ErrorResponse { status, headers, body: secrets.redact_body(body), api: None, retry_after: None }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            request: None,
            subject: Subject::default(),
            path: None,
            version: None,
            answer: None,
            item: None,
            dry_run_request: None,
            attempts: 0,
            is_unanswered: false,
            is_final: false,
            wait: None,
            source: None,
        }))
    }

    /// The error that a response outside 2xx means, as every call of this crate makes it. Useful on its own for
    /// recorded responses. `version` is the resource version that the call asked for, where it is known.
    #[must_use]
    pub fn from_response(
        operation: &'static Operation,
        version: Option<&'static Version>,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        Self::from_reply(Reply::new(status, headers, body)).on(operation, version)
    }

    pub(crate) fn from_reply(reply: Reply) -> Self {
        let Reply { status, headers, body, extensions, .. } = reply;
        let Delivery { attempts, secrets, .. } = extensions.get::<Delivery>().cloned().unwrap_or_default();
        let mut answer = ErrorResponse::new(status, headers, body, &secrets);
        answer.api = ApiError::read(&answer.headers, &answer.body);
        answer.retry_after = crate::model::meta::retry_after(&answer.headers, chrono::Utc::now());
        let kind = match answer.api.as_ref().and_then(|api| api.code.as_ref()) {
            Some(ErrorCode::UserUnauthorized | ErrorCode::NotInGroup) => ErrorKind::Forbidden,
            _ => ErrorKind::of_status(status),
        };
        let mut error = Error::new(kind, "");
        error.0.attempts = attempts;
        error.0.answer = Some(answer);
        error
    }

    /// The error of something that could not be done because of `cause`: what the service said is that of the cause.
    pub(crate) fn answered_as(kind: ErrorKind, message: impl Into<Cow<'static, str>>, cause: &Error) -> Self {
        let mut error = Error::new(kind, message);
        error.0.answer = cause.0.answer.clone();
        error.0.attempts = cause.0.attempts;
        error
    }

    pub(crate) fn on(mut self, operation: &'static Operation, version: Option<&'static Version>) -> Self {
        self.0.operation = Some(operation);
        self.0.version = version.map(|v| v.date.into());
        self
    }

    /// The error of a success whose body is not what the operation promises.
    pub(crate) fn undecodable(reply: Reply, source: serde_json::Error) -> Self {
        let secrets = reply.extensions.get::<Delivery>().map(|delivery| delivery.secrets.clone()).unwrap_or_default();
        let why = match reply.body.trim_ascii() {
            b"" => "expected JSON, got an empty body".into(),
            _ => misfit(&source, &secrets),
        };
        let media = crate::model::meta::text(&reply.headers, "content-type");
        let message = match media.filter(|media| !media.contains("json")) {
            Some(media) => format!("unexpected response: expected JSON, got {}", shown(&secrets.redact(media))),
            None => format!("unexpected response: {why}"),
        };
        Error::new(ErrorKind::Decode, message).with_reply(reply).because_of_json(source, &secrets)
    }

    /// Keeps what did not fit as the cause, unless its text holds what an error must not show.
    pub(crate) fn because_of_json(self, source: serde_json::Error, secrets: &Secrets) -> Self {
        match misfit(&source, secrets) {
            text if text == source.to_string() => self.with_source(source),
            text => self.with_source(text),
        }
    }

    /// The same for a call whose path says what it is about.
    pub(crate) fn on_call(
        self,
        operation: &'static Operation,
        version: Option<&'static Version>,
        path: Option<&str>,
    ) -> Self {
        let error = self.on(operation, version);
        match path {
            Some(path) => error.about(&Subject::of(Some(operation), path)),
            None => error,
        }
    }

    /// Says what it is about, where that is not known yet.
    pub(crate) fn about(mut self, subject: &Subject) -> Self {
        self.0.subject.complete(subject);
        self
    }

    /// Names the local file that could not be read or written.
    pub(crate) fn with_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// Says that the request may have been carried out, since it was sent and no response came.
    pub(crate) fn unanswered(mut self) -> Self {
        self.0.is_unanswered = true;
        self
    }

    /// The same for a request outside of the operations table.
    pub(crate) fn on_path(mut self, method: &Method, path: &str, version: String) -> Self {
        self.0.subject.complete(&Subject::of(self.0.operation, path));
        self.0.request = Some((method.clone(), path.into()));
        if !version.is_empty() {
            self.0.version = Some(version.into());
        }
        self
    }

    /// Says what a response means, where its own text does not.
    pub(crate) fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Keeps what the body said, where it is not an error document of this API.
    pub(crate) fn with_api_error(mut self, api: ApiError) -> Self {
        if let Some(answer) = &mut self.0.answer {
            answer.api = Some(api);
        }
        self
    }

    /// Keeps the request that a dry run did not send.
    pub(crate) fn with_dry_run_request(mut self, request: DryRunRequest) -> Self {
        self.0.dry_run_request = Some(request);
        self
    }

    pub(crate) fn retry_in(mut self, wait: Duration) -> Self {
        self.0.wait = Some(wait);
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Keeps the document that did not fit.
    pub(crate) fn with_item(mut self, item: Value) -> Self {
        self.0.item = Some(item);
        self
    }

    /// Keeps a success answer whose body did not fit.
    pub(crate) fn with_reply(mut self, reply: Reply) -> Self {
        let Reply { status, headers, body, extensions, .. } = reply;
        let Delivery { attempts, secrets, .. } = extensions.get::<Delivery>().cloned().unwrap_or_default();
        self.0.attempts = attempts;
        self.0.answer = Some(ErrorResponse::new(status, headers, body, &secrets));
        self
    }

    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Says that nothing is to be repeated on its account, after so many requests.
    pub(crate) fn final_after(mut self, attempts: u32) -> Self {
        (self.0.attempts, self.0.is_final) = (attempts, true);
        self
    }

    pub(crate) fn is_final(&self) -> bool {
        self.0.is_final
    }

    /// The next step.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status of the response, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.answer.as_ref().map(|answer| answer.status)
    }

    /// Atlas's own code for what went wrong, e.g. [`ErrorCode::ClusterNotFound`].
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api_error()?.code.as_ref()
    }

    /// The operation that was called, by its id; `None` when the error came before there was one.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// The ID of the project that the call was about.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        self.0.subject.project()
    }

    /// The name of the cluster that the call was about.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        self.0.subject.cluster()
    }

    /// The ID of the object that the call was about: the snapshot, the job, the bucket.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        self.0.subject.object()
    }

    /// The local file that could not be read or written.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Whether the same call may succeed if it is made again later and making it again does no harm: no connection, a
    /// broken one, a passed deadline, 408, 429, 500, 502, 503 and 504. False where
    /// [`outcome_unknown`](Self::outcome_unknown) is true.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let is_transient = match self.0.kind {
            ErrorKind::Server => !matches!(self.status().map(|status| status.as_u16()), Some(501 | 505..)),
            ErrorKind::RateLimited | ErrorKind::Connect | ErrorKind::Connection | ErrorKind::Timeout => true,
            _ => false,
        };
        is_transient && !self.outcome_unknown()
    }

    /// Whether a POST or PATCH was sent whose outcome is unknown: the connection broke, the
    /// deadline passed, or the service answered 408 or 5xx. Look for what the call would have created or changed before
    /// making it again.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        let once = match (&self.0.request, self.0.operation) {
            (Some((method, _)), _) => matches!(*method, Method::POST | Method::PATCH),
            (None, Some(operation)) => !operation.method.is_idempotent(),
            (None, None) => false,
        };
        let is_open = matches!(self.0.kind, ErrorKind::Server | ErrorKind::Timeout)
            && matches!(self.status().map(|status| status.as_u16()), Some(408 | 500 | 502..=504 | 506..));
        self.0.is_unanswered || (once && is_open)
    }

    /// The address that the request came from, where the service refuses it because it is on no access list.
    #[must_use]
    pub fn caller_address(&self) -> Option<IpAddr> {
        let api = self.api_error().filter(|_| self.is_access_list())?;
        let parameters = api.parameters.iter().filter_map(Value::as_str);
        let words = api.detail.iter().flat_map(|detail| detail.split_whitespace());
        let is_part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
        parameters.chain(words).find_map(|word| word.trim_matches(|c| !is_part(c)).trim_end_matches('.').parse().ok())
    }

    pub(super) fn is_access_list(&self) -> bool {
        self.status() == Some(StatusCode::FORBIDDEN) && self.code().is_some_and(ErrorCode::is_access_list)
    }

    /// The resource version that was asked for.
    #[must_use]
    pub fn version(&self) -> Option<crate::model::version::ApiVersion> {
        self.0.version.as_ref()?.parse().ok()
    }

    /// How long the service asks to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.answer.as_ref().and_then(|answer| answer.retry_after).or(self.0.wait)
    }

    /// The service's own description of the error, if the response held one.
    #[must_use]
    pub fn api_error(&self) -> Option<&ApiError> {
        self.0.answer.as_ref()?.api.as_ref()
    }

    /// The response's headers, if there was a response.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|answer| &answer.headers)
    }

    /// The response's body, whatever it is, if there was a response.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.answer.as_ref().map(|answer| &answer.body)
    }

    /// The document that could not be decoded, or the last one seen of what was waited for.
    #[must_use]
    pub fn document(&self) -> Option<&Value> {
        self.0.item.as_ref()
    }

    /// The request that a [dry run](crate::Client::with_dry_run) ended before, without its secrets.
    #[must_use]
    pub fn dry_run_request(&self) -> Option<&DryRunRequest> {
        self.0.dry_run_request.as_ref()
    }

    /// The roles any of which would be enough for the call, from the specification.
    #[must_use]
    pub fn required_roles(&self) -> &'static [&'static str] {
        self.0.operation.map_or(&[], |operation| operation.roles)
    }

    /// How many requests were sent before giving up; 0 when nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }
}

/// Why JSON did not fit, as an error may show it: it quotes the service.
pub(crate) fn misfit(source: &serde_json::Error, secrets: &Secrets) -> String {
    shown(&secrets.redact(&source.to_string())).into_owned()
}
