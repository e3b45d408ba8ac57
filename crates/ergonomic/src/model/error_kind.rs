//! Kinds of errors, one for each case in which a caller acts differently.

use std::fmt;

use http::StatusCode;

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Missing credentials.
    NotConfigured,
    /// A value was refused before sending: an ID, a base URL, a parameter, half of a pair of credentials.
    InvalidInput,
    /// The operation or the called binding does not have the requested version.
    UnsupportedVersion,
    /// A dry run: what would have been sent is in [`Error::dry_run_request`](crate::Error::dry_run_request).
    DryRun,
    /// A retired operation was called and the client's policy refuses those.
    Retired,
    /// The service refuses a token for these credentials. Other failures of a token request (no connection, a failing
    /// service) have their usual kind.
    Authentication,
    /// 400: the service refused the request's content.
    BadRequest,
    /// 401 without a code that names a missing role: the credentials are wrong, expired or not allowed from this address.
    Unauthorized,
    /// 403, or 401 with `USER_UNAUTHORIZED` or `NOT_IN_GROUP`: the credentials are right but lack a role, or may not be
    /// used from this address: see [`Error::caller_address`](crate::Error::caller_address).
    Forbidden,
    /// 404: the object does not exist.
    NotFound,
    /// 406: the service does not know the requested version.
    NotAcceptable,
    /// 409: the state of the object does not allow it.
    Conflict,
    /// 410: the requested version is past its sunset.
    Gone,
    /// 429: the rate limit is used up, and the wait exceeded the deadline of the call.
    RateLimited,
    /// 5xx: the service failed.
    Server,
    /// Any other status, including redirects, which are never followed.
    UnexpectedStatus,
    /// No connection could be made.
    Connect,
    /// TLS failed: the certificate is not trusted, or the server does not support TLS.
    Tls,
    /// The connection broke before the response was complete.
    Connection,
    /// A deadline passed.
    Timeout,
    /// The response is larger than the client accepts.
    TooLarge,
    /// The response has another version than requested.
    VersionMismatch,
    /// The response does not match the operation.
    Decode,
    /// The request could not be written.
    Encode,
    /// A file could not be written or read.
    File,
    /// The awaited job failed. [`Error::document`](crate::Error::document) is its last state.
    Failed,
}

/// The name in words, such as `not found`.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_str().replace('_', " "))
    }
}

impl ErrorKind {
    /// The kind of a status outside 2xx.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            400 => ErrorKind::BadRequest,
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            406 => ErrorKind::NotAcceptable,
            408 => ErrorKind::Timeout,
            409 => ErrorKind::Conflict,
            410 => ErrorKind::Gone,
            429 => ErrorKind::RateLimited,
            500..=599 => ErrorKind::Server,
            _ => ErrorKind::UnexpectedStatus,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_is_shown_in_words() {
        assert_eq!(ErrorKind::RateLimited.to_string(), "rate limited");
        assert_eq!(format!("{:>11}|", ErrorKind::NotFound), "  not found|");
    }
}
