//! The seam between the bindings and whatever carries their requests.
//!
//! A binding knows *what* to ask: the operation, its resource version, the expanded path, the query and the encoded
//! body. A [`Transport`] knows *how*: base URL, headers (the versioned `Accept` and `Content-Type` that
//! [`Version`] names), authentication, retries, limits. Nothing of the second may leak into the
//! generated code, which therefore depends on no HTTP client.
//!
//! The contract of the two sides:
//! - The binding percent-encodes path values, leaves `envelope` and `pretty` out (they change the response's shape, so
//!   they belong to the transport) and never looks at headers.
//! - The transport answers with any status it got; it returns `Err` only when no response arrives. The binding turns a
//!   status outside 2xx into [`Error::Status`], so status, headers and body of every failure stay whole.

use std::{error::Error as StdError, fmt, future::Future, pin::Pin};

use bytes::Bytes;
use http::{Extensions, HeaderMap, StatusCode};

use crate::{
    codec::MAX_UNPAGED_ITEMS,
    operation::{Operation, Version},
};

/// How many items a page has if the call does not set `itemsPerPage`.
pub const DEFAULT_PAGE_ITEMS: usize = 100;

/// Why a transport has no response. The ergonomic crate downcasts it back to its own error.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The future of one exchange.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send + 'a>>;

/// Carries one call to the service and brings the response back.
pub trait Transport: Send + Sync {
    /// Sends `call` and returns the response, whatever its status.
    ///
    /// # Errors
    /// The future fails when no response arrives: the connection failed, a deadline passed, the credentials could not
    /// be obtained, or the call was refused before it was sent.
    fn send(&self, call: Call) -> Exchange<'_>;
}

/// One request as a binding describes it. `Debug` shows the length of the body only, which may hold passwords.
#[derive(Clone, PartialEq)]
pub struct Call {
    /// The operation's row in the operations table.
    pub operation: &'static Operation,
    /// The resource version that this binding speaks.
    pub version: &'static Version,
    /// The path with its values filled in and percent-encoded, from `/api/atlas/v2`.
    pub path: String,
    /// Query pairs in the order of the document, not yet encoded.
    pub query: Vec<(&'static str, String)>,
    /// The JSON body, if the operation takes one.
    pub body: Option<Bytes>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.id)
            .field("version", &self.version.date)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body", &self.body.as_ref().map(Length::of))
            .finish()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.keys().map(http::HeaderName::as_str).collect();
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &headers)
            .field("body", &Length::of(&self.body))
            .finish_non_exhaustive()
    }
}

/// A body as `Debug` shows it.
struct Length(usize);

impl Length {
    fn of(body: &Bytes) -> Self {
        Self(body.len())
    }
}

impl fmt::Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}

impl Call {
    /// The most items that the page of a response may have: `itemsPerPage` if it is set, otherwise 100, and
    /// [`MAX_UNPAGED_ITEMS`] for an operation that does not take the parameter.
    #[must_use]
    pub fn most_items(&self) -> usize {
        if !self.operation.paged {
            return MAX_UNPAGED_ITEMS;
        }
        let set = self.query.iter().find(|(name, _)| *name == "itemsPerPage");
        set.and_then(|(_, items)| items.parse().ok()).unwrap_or(DEFAULT_PAGE_ITEMS)
    }
}

/// One answer, read whole. `Debug` shows the names of the headers and the length of the body only: values may be secrets, such as
/// download URLs with a signature.
#[derive(Clone)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The body; empty for most 204 answers.
    pub body: Bytes,
    /// Data of the transport about the response, by type. A binding passes it on.
    pub extensions: Extensions,
}

impl Reply {
    /// A response without extensions.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Reply { status, headers, body, extensions: Extensions::new() }
    }
}

/// A decoded success with what came beside it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response<T> {
    /// The decoded body.
    pub value: T,
    /// The HTTP status, any 2xx.
    pub status: StatusCode,
    /// The response's headers.
    pub headers: HeaderMap,
    /// Data of the transport about the response, by type.
    pub extensions: Extensions,
}

impl<T> Response<T> {
    /// A success as a binding answers it, for transports and tests that make their own.
    #[must_use]
    pub fn new(value: T, status: StatusCode, headers: HeaderMap) -> Self {
        Response { value, status, headers, extensions: Extensions::new() }
    }
}

/// Why a binding has no decoded success.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The transport has no response.
    Transport(BoxError),
    /// The request's body could not be written as JSON.
    Encode(serde_json::Error),
    /// A path value is empty or a dot segment, which would name another resource.
    Parameter {
        /// The parameter's name in the path template.
        name: String,
        /// The value that was refused.
        value: String,
    },
    /// The service answered with a status outside 2xx.
    Status(Box<Reply>),
    /// The service answered 2xx with a body that is not what the operation promises.
    Decode {
        /// The response, whole.
        reply: Box<Reply>,
        /// What did not fit, with line and column.
        source: serde_json::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Transport(_) => f.write_str("no answer from the service"),
            Error::Encode(_) => f.write_str("the request could not be written as JSON"),
            Error::Parameter { name, value } => write!(f, "invalid value {value:?} for the path parameter {name}"),
            Error::Status(reply) => write!(f, "the service answered {}", reply.status),
            Error::Decode { reply, .. } => write!(f, "the {} answer could not be decoded", reply.status),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Transport(source) => Some(source.as_ref()),
            Error::Encode(source) | Error::Decode { source, .. } => Some(source),
            Error::Status(_) | Error::Parameter { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::operation::Method;

    #[test]
    fn debug_output_hides_bodies_and_header_values() {
        static VERSION: Version = Version::new("2023-01-01", "application/vnd.atlas.2023-01-01+json", "create_user");
        static OPERATION: Operation = Operation::new("createUser", Method::Post, "/users");
        let body = Bytes::from_static(br#"{"password":"hunter2"}"#);
        let (operation, version) = (&OPERATION, &VERSION);
        let call = Call { operation, version, path: "/users".into(), query: Vec::new(), body: Some(body.clone()) };
        let headers =
            HeaderMap::from_iter([(http::header::LOCATION, HeaderValue::from_static("https://x/?key=hunter2"))]);
        let reply = Reply::new(StatusCode::CREATED, headers, body);
        for shown in
            [format!("{call:?}"), format!("{reply:?}"), format!("{:?}", Error::Status(Box::new(reply.clone())))]
        {
            assert!(!shown.contains("hunter2") && shown.contains("22 bytes"), "{shown}");
        }
    }
}
