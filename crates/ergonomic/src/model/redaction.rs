//! Text of the service as errors may show it: short, on one line, and without our own secrets.
//!
//! A service or a proxy may send back what it was sent. Nothing that a client signs requests with may be shown because of
//! that, neither as it was configured nor as it went out in `Authorization`.

use std::{borrow::Cow, fmt, sync::Arc};

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// How many characters of a text of the service an error shows.
pub(crate) const LONGEST_TEXT: usize = 1000;
/// Replacement of a secret.
const REDACTED: &str = "REDACTED";
/// Shorter texts are not looked for: they would be found in words that have nothing to do with them.
const SHORTEST_SECRET: usize = 4;

/// The secrets of the client and of the request that a response answers.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    configured: Arc<[SecretString]>,
    authorization: Option<HeaderValue>,
    password: Option<SecretString>,
}

impl Secrets {
    /// The secrets that a client was configured with.
    pub(crate) fn new(configured: Vec<SecretString>) -> Self {
        Secrets { configured: configured.into(), ..Secrets::default() }
    }

    /// The same for a client whose credentials are known only now.
    pub(crate) fn configure(&mut self, with: &Secrets) {
        self.configured = with.configured.clone();
    }

    /// These and those of a request: in its `Authorization`, and the `password` in its body.
    pub(crate) fn and(&self, authorization: Option<&HeaderValue>, body: Option<&[u8]>) -> Self {
        let key = br#""password""#;
        let body = body.filter(|body| body.windows(key.len()).any(|part| part == key));
        let body: Option<serde_json::Value> = body.and_then(|body| serde_json::from_slice(body).ok());
        let password = body.and_then(|body| Some(body.get("password")?.as_str()?.into()));
        Secrets { configured: self.configured.clone(), authorization: authorization.cloned(), password }
    }

    /// `text` without secrets.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in self.texts() {
            if text.contains(&*secret) {
                text = text.replace(&*secret, REDACTED).into();
            }
        }
        text
    }

    /// A body without secrets. The same body if it holds none.
    pub(crate) fn redact_body(&self, body: Bytes) -> Bytes {
        if self.texts().next().is_none() {
            return body;
        }
        let redacted = match self.redact(&String::from_utf8_lossy(&body)) {
            Cow::Borrowed(_) => None,
            Cow::Owned(redacted) => Some(redacted),
        };
        redacted.map_or(body, Bytes::from)
    }

    /// Headers without secrets.
    pub(crate) fn redact_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if let Cow::Owned(_) = self.redact(&text) {
                *value = HeaderValue::from_static(REDACTED);
            }
        }
    }

    /// Every form in which a secret may come back.
    fn texts(&self) -> impl Iterator<Item = String> {
        let known = self.configured.iter().chain(&self.password);
        let mut texts: Vec<String> = known.map(|secret| secret.expose_secret().to_owned()).collect();
        if let Some(header) = self.authorization.as_ref().and_then(|value| std::str::from_utf8(value.as_bytes()).ok()) {
            let (scheme, value) = header.split_once(' ').unwrap_or(("", header));
            match scheme {
                // The other parts are known to the service, or mean nothing without this one.
                "Digest" => texts.extend(
                    value.split("response=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned),
                ),
                _ => texts.push(value.to_owned()),
            }
            let decoded = base64::engine::general_purpose::STANDARD.decode(value).ok().filter(|_| scheme == "Basic");
            texts.extend(decoded.and_then(|pair| Some(String::from_utf8(pair).ok()?.split_once(':')?.1.to_owned())));
        }
        // As JSON writes them, if that differs.
        let escaped: Vec<String> = texts
            .iter()
            .filter_map(|text| Some(serde_json::to_string(text).ok()?.trim_matches('"').to_owned()))
            .collect();
        // The longer ones first: one secret may be part of another.
        texts.extend(escaped);
        texts.retain(|text| text.len() >= SHORTEST_SECRET);
        texts.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        texts.dedup();
        texts.into_iter()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(redacted)")
    }
}

/// Secrets tell no two responses apart.
impl PartialEq for Secrets {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A text of the service as an error shows it: at most [`LONGEST_TEXT`] characters, control characters as spaces.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let is_long = text.char_indices().nth(LONGEST_TEXT).map(|(end, _)| end);
    if is_long.is_none() && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let kept = &text[..is_long.unwrap_or(text.len())];
    let mut shown = kept.replace(char::is_control, " ");
    if is_long.is_some() {
        shown.push_str(&format!("… ({} bytes in all)", text.len()));
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(configured: &str, authorization: &str) -> Secrets {
        let authorization = HeaderValue::try_from(authorization).expect("a header");
        Secrets::new(vec![configured.into()]).and(Some(&authorization), None)
    }

    #[test]
    fn password_in_request_body_is_redacted() {
        let secrets = |body: &str| Secrets::default().and(None, Some(body.as_bytes()));
        let body = r#"{"username": "reader", "password": "hunter\"2"}"#;
        assert_eq!(
            secrets(body).redact(r#"reader hunter"2 {"detail": "hunter\"2"}"#),
            r#"reader REDACTED {"detail": "REDACTED"}"#
        );
        for none in [r#"{"password": 12345}"#, r#"{"passwords": "hunter2"}"#, r#""password" hunter2"#, "[]", ""] {
            assert_eq!(secrets(none).redact("hunter2 12345"), "hunter2 12345", "{none}");
        }
    }

    #[test]
    fn secrets_are_redacted_in_every_form_they_went_out_in() {
        let digest = secrets("pri\"vate", r#"Digest username="public", nonce="n", response="0123abcd", qop=auth"#);
        assert_eq!(digest.redact("0123abcd pri\"vate public"), "REDACTED REDACTED public");
        assert_eq!(digest.redact(r#"{"detail":"pri\"vate"}"#), r#"{"detail":"REDACTED"}"#);
        let bearer = secrets("secret", "Bearer eyJtoken");
        assert_eq!(bearer.redact("Bearer eyJtoken, secret"), "Bearer REDACTED, REDACTED");
        // The base64 of `id:hunter2`.
        let basic = secrets("none", "Basic aWQ6aHVudGVyMg==");
        assert_eq!(basic.redact("aWQ6aHVudGVyMg== hunter2 id"), "REDACTED REDACTED id");
    }

    #[test]
    fn short_texts_and_bodies_without_secrets_are_left_alone() {
        let secrets = secrets("abc", "Bearer abc");
        assert_eq!(secrets.redact("abc"), "abc");
        let body = Bytes::from_static(b"\xff\xfe abc");
        assert_eq!(secrets.redact_body(body.clone()), body);
    }

    #[test]
    fn long_text_is_capped_and_put_on_one_line() {
        assert_eq!(shown("a\nb\u{1b}[31m"), "a b [31m");
        let long = "ä".repeat(LONGEST_TEXT + 1);
        let text = shown(&long);
        assert_eq!(text.chars().filter(|c| *c == 'ä').count(), LONGEST_TEXT);
        assert!(text.ends_with("… (2002 bytes in all)"), "{text}");
    }
}
