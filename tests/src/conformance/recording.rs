//! One line of a recording file: an operation, a status, a media type and a body.
//!
//! The body stays the text that was recorded, so that the order of keys and the digits of numbers reach the decoder as
//! they were. Keys that are not needed are ignored, also if their values are odd.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A recorded answer.
#[derive(Debug)]
pub(super) struct Recording<'a> {
    /// The operation, by any of its names.
    pub(super) operation: String,
    /// The HTTP status.
    pub(super) status: http::StatusCode,
    /// The media type of the body.
    pub(super) content_type: Option<String>,
    /// The body; empty if there was none.
    pub(super) body: Cow<'a, [u8]>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "operationId", borrow, default)]
    operation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    status: Option<&'a RawValue>,
    #[serde(rename = "contentType", borrow, default)]
    content_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// Reads a line; a failure comes with the operation, if at least that could be read.
pub(super) fn parse(line: &[u8]) -> Result<Recording<'_>, (Option<String>, String)> {
    // A byte-order mark is no JSON, but some editors leave one at the start of a file.
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    // A derived reader would take a list for an object.
    if line.first() != Some(&b'{') {
        return Err((None, "the line is no JSON object".to_owned()));
    }
    let parsed: Line<'_> =
        serde_json::from_slice(line).map_err(|error| (None, format!("the line is no JSON object: {error}")))?;
    let operation: String = typed("operationId", "a text", parsed.operation)
        .and_then(|name| name.ok_or_else(|| "the line has no operationId".to_owned()))
        .map_err(|reason| (None, reason))?;
    match rest(&parsed) {
        Ok((status, content_type, body)) => Ok(Recording { operation, status, content_type, body }),
        Err(reason) => Err((Some(operation), reason)),
    }
}

type Rest<'a> = (http::StatusCode, Option<String>, Cow<'a, [u8]>);

fn rest<'a>(line: &Line<'a>) -> Result<Rest<'a>, String> {
    let status: u16 = typed("status", "an HTTP status", line.status)?.ok_or("the line has no status")?;
    let status = http::StatusCode::from_u16(status).map_err(|_| format!("invalid HTTP status {status}"))?;
    let content_type = typed("contentType", "a text", line.content_type)?;
    Ok((status, content_type, body(line.body)?))
}

/// The bytes of a body: a string is a body that was not JSON, null an absent body.
fn body(raw: Option<&RawValue>) -> Result<Cow<'_, [u8]>, String> {
    Ok(match raw.map(RawValue::get) {
        None | Some("null") => Cow::Borrowed(&[]),
        Some(text) if text.starts_with('"') => {
            let text: String = serde_json::from_str(text).map_err(|error| format!("body is not text: {error}"))?;
            Cow::Owned(text.into_bytes())
        }
        Some(json) => Cow::Borrowed(json.as_bytes()),
    })
}

fn typed<'a, T: Deserialize<'a>>(key: &str, what: &str, raw: Option<&'a RawValue>) -> Result<Option<T>, String> {
    match raw.map(RawValue::get) {
        None => Ok(None),
        Some(json) => serde_json::from_str(json).map_err(|_| format!("{key} is not {what}: {}", shortened(json))),
    }
}

/// As much of a text as fits a message.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
