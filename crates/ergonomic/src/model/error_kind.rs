//! What a caller can do about an error. One kind for each thing worth a branch of its own, and no more.

use std::fmt;

use http::StatusCode;

/// What sort of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing says who is calling: no credentials were given or found.
    NotConfigured,
    /// A value was refused before anything was sent: an id, a base URL, a parameter, half a pair of credentials.
    InvalidInput,
    /// The version asked for is not one that the operation has, or not one that the called binding speaks.
    UnsupportedVersion,
    /// A dry run: what would have been sent is in [`Error::dry_run_request`](crate::Error::dry_run_request).
    DryRun,
    /// A retired operation was called and the client's policy refuses those.
    Retired,
    /// The service gives no token for these credentials. What keeps a token from coming otherwise (no connection, a
    /// service at fault) has the kind that it has anywhere.
    Authentication,
    /// 400: the service refused the request's content.
    BadRequest,
    /// 401 without a code that names a missing role: the credentials are wrong, expired or not allowed from this address.
    Unauthorized,
    /// 403, or 401 with `USER_UNAUTHORIZED` or `NOT_IN_GROUP`: the credentials are right but lack a role, or may not be
    /// used from this address: see [`Error::caller_address`](crate::Error::caller_address).
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 406: the service does not know the version asked for.
    NotAcceptable,
    /// 409: the thing's state does not allow it.
    Conflict,
    /// 410: the version asked for is past its sunset.
    Gone,
    /// 429: the rate limit is used up, and waiting took longer than the call may.
    RateLimited,
    /// 5xx: the service failed.
    Server,
    /// Any other status, redirects among them: they are never followed.
    UnexpectedStatus,
    /// No connection could be made.
    Connect,
    /// No TLS session could be agreed on: the certificate isn't trusted, or the other side speaks no TLS.
    Tls,
    /// The connection broke before the answer was complete.
    Connection,
    /// A deadline passed.
    Timeout,
    /// The answer is larger than the client accepts.
    TooLarge,
    /// The answer follows another version than the one asked for.
    VersionMismatch,
    /// The answer is not what the operation promises.
    Decode,
    /// The request could not be written.
    Encode,
    /// A file could not be written or read.
    File,
    /// What was waited for has failed; [`Error::document`](crate::Error::document) is its last state.
    Failed,
}

/// The name in words, such as `not found`.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_str().replace('_', " "))
    }
}

impl ErrorKind {
    /// The kind that a status outside 2xx means.
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
