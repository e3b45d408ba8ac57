//! The request that a dry run would have sent.
//!
//! It is taken from the request that was ready to be sent, so it cannot differ from a real one. It must never contain a
//! signature or a secret in a header or body, because callers print it.

use std::fmt;

use atlas_backup_runtime::Operation;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;
use url::Url;

use crate::model::{error::Error, error_kind::ErrorKind, meta};

/// Replacement of a secret.
const REDACTED: &str = "REDACTED";

/// A request that a [dry run](crate::Client::with_dry_run) did not send.
///
/// [`Display`](fmt::Display) writes it as a message: method and URL, headers, the body indented.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DryRunRequest {
    /// The method.
    pub method: Method,
    /// The whole URL, query included.
    pub url: String,
    /// The headers of the call: `Accept`, `Content-Type` and added ones. The request is not signed, and headers of the
    /// connection (`Host`, `User-Agent`, `Content-Length`) are not included. The value of a header with a secret's name
    /// is `REDACTED`.
    pub headers: HeaderMap,
    /// The body, if there is one. The value of a field with a secret's name is `REDACTED`.
    pub body: Option<Value>,
    /// The operation's ID, if it is in the operations table. For a retired operation, the replacement.
    pub operation: Option<&'static str>,
}

impl DryRunRequest {
    /// The requested media type, with the version.
    #[must_use]
    pub fn accept(&self) -> Option<&str> {
        meta::text(&self.headers, "accept")
    }

    /// The media type of the body.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        meta::text(&self.headers, "content-type")
    }
}

impl fmt::Display for DryRunRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            write!(f, "\n{name}: {}", value.to_str().unwrap_or(REDACTED))?;
        }
        match &self.body {
            Some(body) => write!(f, "\n\n{body:#}"),
            None => Ok(()),
        }
    }
}

/// The error of a dry run instead of sending a request.
pub(crate) fn error(
    method: &Method,
    url: &Url,
    mut headers: HeaderMap,
    body: Option<&[u8]>,
    operation: Option<&'static Operation>,
) -> Error {
    headers.remove(header::AUTHORIZATION);
    for (name, value) in &mut headers {
        if value.is_sensitive() || is_secret_header(name) {
            *value = HeaderValue::from_static(REDACTED);
        }
    }
    let mut body = body.and_then(|body| serde_json::from_slice(body).ok());
    body.iter_mut().for_each(redact);
    let operation = operation.map(|operation| operation.id);
    let request = DryRunRequest { operation, method: method.clone(), url: url.to_string(), headers, body };
    let message = format!("not sent because of dry run: {} {}", request.method, request.url);
    Error::new(ErrorKind::DryRun, message).with_dry_run_request(request)
}

/// Replaces the value of fields with a secret's name by [`REDACTED`].
fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match is_secret_field(name) && !value.is_null() {
                    true => *value = REDACTED.into(),
                    false => redact(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The API has dozens of secrets with different names, but few suffixes.
fn is_secret_field(name: &str) -> bool {
    const ENDINGS: [&str; 10] = [
        "password",
        "secret",
        "secrets",
        "token",
        "key",
        "credentials",
        "authvalue",
        "webhookurl",
        "headers",
        "headerstemplate",
    ];
    const HARMLESS: [&str; 3] = ["publickey", "shardkey", "apikeyid"];
    let name = name.to_ascii_lowercase();
    // A plain `key` belongs to a label or tag.
    name != "key"
        && ENDINGS.iter().any(|ending| name.ends_with(ending))
        && !HARMLESS.iter().any(|ending| name.ends_with(ending))
}

fn is_secret_header(name: &HeaderName) -> bool {
    const PARTS: [&str; 6] = ["auth", "cookie", "key", "password", "secret", "token"];
    PARTS.iter().any(|part| name.as_str().contains(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dry_run_redacts_only_secret_fields_at_any_depth() {
        let mut body = json!({
            "secretAccessKey": "s", "tags": [{"key": "env", "value": "prod"}], "publicKey": "p", "bindPassword": null,
            "nested": [{"apiToken": "s", "delivery": {"authValue": "s", "url": "u"}}], "credentials": {"id": "s"},
            "description": "a token", "customShardKey": {"a": 1}, "privateKey": "s", "serviceAccountKey": "s",
        });
        redact(&mut body);
        let expected = json!({
            "secretAccessKey": "REDACTED", "tags": [{"key": "env", "value": "prod"}], "publicKey": "p",
            "bindPassword": null, "nested": [{"apiToken": "REDACTED", "delivery": {"authValue": "REDACTED", "url": "u"}}],
            "credentials": "REDACTED", "description": "a token", "customShardKey": {"a": 1}, "privateKey": "REDACTED",
            "serviceAccountKey": "REDACTED",
        });
        assert_eq!(body, expected);
    }
}
