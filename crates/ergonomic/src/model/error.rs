//! The one error of this crate: opaque, with a kind to act on and everything the service said.
//!
//! An error never hides the HTTP status, never shows a secret, and never fails to exist because the service's own
//! error was malformed: a missing code, string parameters, an empty 401 and an HTML page from a proxy all become one.

use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

use atlas_backup_runtime::{Operation, Reply, Version};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::model::{
    api_error::ApiError, dry_run::DryRunRequest, error_code::ErrorCode, error_kind::ErrorKind, meta::Delivery,
};

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a call did not bring what it should.
///
/// Decide on [`kind`](Self::kind) or [`code`](Self::code); the text of [`Display`](fmt::Display) is for people and
/// may change.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    operation: Option<&'static Operation>,
    /// What was called, where that is no operation of the table: method and path.
    request: Option<Box<str>>,
    version: Option<Cow<'static, str>>,
    answer: Option<ErrorResponse>,
    item: Option<Value>,
    dry_run_request: Option<DryRunRequest>,
    attempts: u32,
    /// Whether what led to it was repeated already as often as it is worth.
    is_final: bool,
    /// How long to wait, where no answer says so itself.
    wait: Option<Duration>,
    source: Option<Source>,
}

struct ErrorResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    api: Option<ApiError>,
    retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            request: None,
            version: None,
            answer: None,
            item: None,
            dry_run_request: None,
            attempts: 0,
            is_final: false,
            wait: None,
            source: None,
        }))
    }

    /// The error that an answer outside 2xx means, as every call of this crate makes it. Useful on its own for
    /// recorded answers. `version` is the resource version that the call asked for, where it is known.
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
        let api = ApiError::read(&headers, &body);
        let kind = match api.as_ref().and_then(|api| api.code.as_ref()) {
            Some(ErrorCode::UserUnauthorized | ErrorCode::NotInGroup) => ErrorKind::Forbidden,
            _ => ErrorKind::of_status(status),
        };
        let mut error = Error::new(kind, "");
        error.0.attempts = extensions.get::<Delivery>().copied().unwrap_or_default().attempts;
        let retry_after = crate::model::meta::retry_after(&headers, chrono::Utc::now());
        error.0.answer = Some(ErrorResponse { status, headers, body, api, retry_after });
        error
    }

    pub(crate) fn on(mut self, operation: &'static Operation, version: Option<&'static Version>) -> Self {
        self.0.operation = Some(operation);
        self.0.version = version.map(|v| v.date.into());
        self
    }

    /// The same for a request that is no operation of the table.
    pub(crate) fn on_path(mut self, method: &http::Method, path: &str, version: String) -> Self {
        self.0.request = Some(format!("{method} {path}").into());
        if !version.is_empty() {
            self.0.version = Some(version.into());
        }
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
        self.0.attempts = extensions.get::<Delivery>().copied().unwrap_or_default().attempts;
        self.0.answer = Some(ErrorResponse { status, headers, body, api: None, retry_after: None });
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

    /// What to do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status of the answer, if there was one.
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

    /// The service's own description of the error, if the answer held one.
    #[must_use]
    pub fn api_error(&self) -> Option<&ApiError> {
        self.0.answer.as_ref()?.api.as_ref()
    }

    /// The answer's headers, if there was an answer.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|answer| &answer.headers)
    }

    /// The answer's body, whatever it is, if there was an answer.
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{}: ", operation.id)?;
        } else if let Some(request) = &self.0.request {
            write!(f, "{request}: ")?;
        }
        match &self.0.answer {
            Some(answer) if self.0.message.is_empty() => answer.fmt(f)?,
            _ => f.write_str(&self.0.message)?,
        }
        match (self.0.kind, self.0.operation) {
            (ErrorKind::Forbidden, Some(operation)) if !operation.roles.is_empty() => {
                write!(f, "; it needs the role {}", operation.roles.join(" or "))
            }
            (ErrorKind::Gone, Some(Operation { replaced_by: Some(replacement), .. })) => {
                write!(f, "; use {replacement} instead")
            }
            (ErrorKind::Gone, Some(operation)) => match (&self.0.version, operation.versions.last()) {
                (Some(used), Some(newest)) if newest.date != used => write!(f, "; use version {} instead", newest.date),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match &self.api {
            Some(api) => {
                if let Some(code) = &api.code {
                    write!(f, " {code}")?;
                }
                if let Some(detail) = api.detail.as_deref().or(api.reason.as_deref()) {
                    write!(f, ": {detail}")?;
                }
                api.fields.iter().try_for_each(|field| write!(f, "; {}: {}", field.field, field.description))
            }
            None if self.body.is_empty() => f.write_str(" with an empty body"),
            None => {
                let media = crate::model::meta::text(&self.headers, "content-type").unwrap_or("no content type");
                write!(f, " with a body that is no Atlas error ({media}, {} bytes)", self.body.len())
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &format_args!("{self}"))
            .field("operation", &self.operation())
            .field("version", &self.0.version)
            .field("status", &self.status())
            .field("attempts", &self.0.attempts)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
