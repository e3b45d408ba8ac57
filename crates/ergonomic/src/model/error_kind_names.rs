//! The names of the kinds of errors, for metrics, spans and saved states.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::{error::Error, error_kind::ErrorKind};

macro_rules! names {
    ($($kind:ident = $name:literal,)*) => {
        impl ErrorKind {
            /// Its name in snake case, such as `not_found`. Names stay the same.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(ErrorKind::$kind => $name,)*
                }
            }
        }

        impl FromStr for ErrorKind {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                match text {
                    $($name => Ok(ErrorKind::$kind),)*
                    _ => Err(Error::new(ErrorKind::InvalidInput, format!("invalid kind of error {text:?}"))),
                }
            }
        }
    };
}

names! {
    NotConfigured = "not_configured",
    InvalidInput = "invalid_input",
    UnsupportedVersion = "unsupported_version",
    DryRun = "dry_run",
    Retired = "retired",
    Authentication = "authentication",
    BadRequest = "bad_request",
    Unauthorized = "unauthorized",
    Forbidden = "forbidden",
    NotFound = "not_found",
    NotAcceptable = "not_acceptable",
    Conflict = "conflict",
    Gone = "gone",
    RateLimited = "rate_limited",
    Server = "server",
    UnexpectedStatus = "unexpected_status",
    Connect = "connect",
    Tls = "tls",
    Connection = "connection",
    Timeout = "timeout",
    TooLarge = "too_large",
    VersionMismatch = "version_mismatch",
    Decode = "decode",
    Encode = "encode",
    File = "file",
    Failed = "failed",
}

impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
