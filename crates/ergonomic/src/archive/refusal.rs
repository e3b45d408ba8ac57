//! Responses of an archive's host instead of an archive, such as the XML of a storage service about an expired URL.
//!
//! Its text is shortened and never contains the signed URL, which is a secret.

use http::{HeaderMap, StatusCode};
use quick_xml::{Reader, escape::unescape, events::Event};
use url::Url;

use crate::{
    http::wire::Body,
    model::{api_error::ApiError, error::Error},
};
use atlas_backup_runtime::Reply;

/// How much of a response is kept for the error.
const KEPT: usize = 8 * 1024;
/// How many characters of a message are shown.
const SHOWN: usize = 240;
/// Minimum length of a query value that must not be shown. Shorter values, such as versions, are ordinary words.
const SECRET: usize = 8;

/// Reads a response that is not an archive, as far as an error needs it.
pub(super) async fn read(status: StatusCode, headers: HeaderMap, mut body: Body) -> Reply {
    let mut kept = Vec::new();
    while let Ok(Some(bytes)) = body.chunk().await {
        kept.extend_from_slice(&bytes[..bytes.len().min(KEPT - kept.len())]);
        if kept.len() == KEPT {
            break;
        }
    }
    Reply::new(status, headers, kept.into())
}

/// The error that a response from `url` about the archive `name` means.
pub(super) fn error(reply: Reply, name: &str, url: &Url) -> Error {
    let refused = std::str::from_utf8(&reply.body).ok().and_then(|text| code_and_detail(text, url));
    let error = Error::from_reply(reply);
    let error = match refused {
        Some((code, detail)) => error.with_api_error(ApiError::of_text(code.as_deref(), detail)),
        None => error,
    };
    let message = format!("the host of {name} answered {error}");
    error.with_message(message)
}

/// Code and message of a storage service's XML.
fn code_and_detail(text: &str, url: &Url) -> Option<(Option<String>, Option<String>)> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut code, mut details) = (0_u32, None, Vec::new());
    // A truncated document is used as far as it can be read.
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(element) if depth == 1 => {
                let (end, name) = (element.to_end().into_owned(), element.local_name().as_ref().to_owned());
                let Ok(content) = reader.read_text(end.name()) else { break };
                let content = unescape(&content).ok().and_then(|content| shown(&content, url));
                match name.as_str() {
                    "Code" => code = content,
                    "Message" | "Details" | "AuthenticationErrorDetail" => details.extend(content),
                    _ => {}
                }
            }
            Event::Start(element) if element.local_name().as_ref() == "Error" => depth += 1,
            Event::Start(_) | Event::Eof => break,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let detail = Some(details.join(": ")).filter(|detail| !detail.is_empty());
    (code.is_some() || detail.is_some()).then_some((code, detail))
}

/// The first line of a text, shortened and without values of the URL's query. Azure puts numbers into the further lines.
fn shown(text: &str, url: &Url) -> Option<String> {
    let line: String = text.trim().lines().next()?.chars().filter(|c| !c.is_control()).collect();
    let mut line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    // As it is written in the URL, and decoded.
    let raw = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let pairs = raw.map(|(_, value)| value.to_owned()).chain(url.query_pairs().map(|(_, value)| value.into_owned()));
    for secret in pairs.filter(|value| value.len() >= SECRET) {
        line = line.replace(&secret, "REDACTED");
    }
    if let Some((end, _)) = line.char_indices().nth(SHOWN) {
        line.truncate(end);
        line.push('…');
    }
    Some(line).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: impl Into<bytes::Bytes>) -> String {
        let url = "https://host/a.tar.gz?X-Amz-Signature=hunter2hunter2&sig=a%2Bb%2Bc%2Bd%3D".parse().expect("a URL");
        error(Reply::new(StatusCode::FORBIDDEN, HeaderMap::new(), body.into()), "a.tar.gz", &url).to_string()
    }

    #[test]
    fn refusal_of_storage_service_is_reported_in_its_own_words() {
        const S3: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>AccessDenied</Code><Message>Request has expired &amp; gone</Message>
            <X-Amz-Expires>3600</X-Amz-Expires><RequestId>7Y</RequestId></Error>"#;
        assert_eq!(message(S3), "the host of a.tar.gz answered 403 Forbidden AccessDenied: Request has expired & gone");
        const AZURE: &str = "\u{feff}<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code>\
            <Message>Server failed to authenticate the request.\nRequestId:1\nTime:2</Message>\
            <AuthenticationErrorDetail>Signature not valid in the specified time frame</AuthenticationErrorDetail></Error>";
        let printed = "AuthenticationFailed: Server failed to authenticate the request.: Signature not valid in the";
        assert!(message(AZURE).contains(printed), "{}", message(AZURE));
        let cut = "<Error><Code>ExpiredToken</Code><Message>Invalid argument.</Message><Det";
        assert_eq!(message(cut), "the host of a.tar.gz answered 403 Forbidden ExpiredToken: Invalid argument.");
    }

    #[test]
    fn refusal_is_shortened_and_without_secrets() {
        let long = format!("<Error><Message>{}</Message></Error>", "no ".repeat(1000));
        assert!(message(long.clone()).chars().count() < 300, "{}", message(long));
        let echo = "<Error><Code>SignatureDoesNotMatch</Code><Message>got hunter2hunter2 and a%2Bb%2Bc%2Bd%3D and \
            a+b+c+d= \u{1b}[31m</Message><StringToSign>AWS4 hunter2hunter2</StringToSign></Error>";
        let printed = "SignatureDoesNotMatch: got REDACTED and REDACTED and REDACTED [31m";
        assert!(message(echo).ends_with(printed), "{}", message(echo));
        for other in ["<html><body>Sign in</body></html>", "<Error/>", "<Error><Code></Code></Error>", "plain", ""] {
            assert!(message(other).contains("403 Forbidden with "), "{}", message(other));
        }
    }
}
