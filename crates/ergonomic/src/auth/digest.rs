//! HTTP digest (RFC 7616, MD5 and SHA-256), the scheme of Atlas API keys.
//!
//! The service answers 401 with a nonce to the first request. The nonce is kept and reused with a rising count, so
//! every later call costs one request. A count is never used twice and never 0, which the service refuses; and no
//! request is signed for a path other than its own.

use std::{
    borrow::Cow,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use base64::Engine as _;
use http::{HeaderValue, StatusCode};
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::challenge::{Algorithm, Challenge};
use crate::{
    error::{Error, ErrorKind, Result},
    transport::{Outgoing, Reply, wire::Wire},
};

pub(crate) struct Digest {
    user: String,
    password: SecretString,
    session: Mutex<Option<Session>>,
    /// Held by the one task that fetches the first nonce.
    first: tokio::sync::Mutex<()>,
    /// Whether the service has answered without asking who calls; then there is no nonce to wait for.
    unasked: AtomicBool,
}

/// A nonce and how often it was used.
struct Session {
    challenge: Challenge,
    count: u32,
    /// As good as the password, here.
    secret: SecretString,
}

impl Digest {
    pub(crate) fn new(user: String, password: SecretString) -> Self {
        Digest {
            user,
            password,
            session: Mutex::new(None),
            first: tokio::sync::Mutex::new(()),
            unasked: AtomicBool::new(false),
        }
    }

    pub(crate) async fn send(&self, wire: &dyn Wire, request: &Outgoing) -> Result<Reply> {
        // Tasks that start together wait for the first of them instead of fetching a nonce each.
        let first = match self.needs_no_first() {
            true => None,
            false => Some(self.first.lock().await).filter(|_| !self.needs_no_first()),
        };
        let signed = self.sign(request)?;
        let unsigned = signed.is_none();
        let reply = wire.send(signed.unwrap_or_else(|| request.clone())).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            self.unasked.store(unsigned, Relaxed);
            return Ok(reply);
        }
        let Some(challenge) = Challenge::strongest(&reply.headers) else { return Ok(reply) };
        // One more try, `stale` or not: a service may forget a nonce without saying so, and requests that overtake each
        // other arrive with their counts out of order. A second refusal means that the key is wrong.
        self.keep(challenge);
        drop(first);
        match self.sign(request)? {
            Some(signed) => wire.send(signed).await,
            None => Ok(reply),
        }
    }

    fn session(&self) -> std::sync::MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn needs_no_first(&self) -> bool {
        self.unasked.load(Relaxed) || self.session().is_some()
    }

    fn keep(&self, challenge: Challenge) {
        let mut session = self.session();
        // Another task may have brought the same nonce already: its count must go on.
        if session.as_ref().is_none_or(|s| s.challenge.nonce != challenge.nonce) {
            let secret = secret(&challenge, &self.user, self.password.expose_secret()).into();
            *session = Some(Session { challenge, count: 0, secret });
        }
    }

    /// The request with its `Authorization`, or `None` while there is no nonce.
    fn sign(&self, request: &Outgoing) -> Result<Option<Outgoing>> {
        let mut cnonce = [0_u8; 16];
        getrandom::fill(&mut cnonce)
            .map_err(|source| Error::new(ErrorKind::Authentication, "no random numbers for digest").because(source))?;
        let cnonce = base64::engine::general_purpose::STANDARD_NO_PAD.encode(cnonce);
        let uri = &request.url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut session = self.session();
        let Some(session) = session.as_mut() else { return Ok(None) };
        session.count += 1;
        let value = authorization(
            &session.challenge,
            &Request { user: &self.user, method: request.method.as_str(), uri, count: session.count, cnonce: &cnonce },
            session.secret.expose_secret(),
        );
        let mut value = HeaderValue::try_from(value).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, "the API key or the challenge holds characters that no header may")
        })?;
        value.set_sensitive(true);
        Ok(Some(request.authorized(value)))
    }
}

/// What one `Authorization` value is computed from.
struct Request<'a> {
    user: &'a str,
    method: &'a str,
    uri: &'a str,
    count: u32,
    cnonce: &'a str,
}

/// The `Authorization` value; `secret` is what [`secret`] made of the same challenge.
fn authorization(challenge: &Challenge, request: &Request<'_>, secret: &str) -> String {
    let hash = |parts: &[&str]| hash(challenge.algorithm, parts);
    let Challenge { realm, nonce, .. } = challenge;
    let Request { user, method, uri, count, cnonce } = request;
    let count = format!("{count:08x}");
    let of_session = challenge.session.then(|| hash(&[secret, ":", nonce, ":", cnonce]));
    let secret = of_session.as_deref().unwrap_or(secret);
    let what = hash(&[method, ":", uri]);
    let response = match challenge.qop {
        true => hash(&[secret, ":", nonce, ":", &count, ":", cnonce, ":auth:", &what]),
        false => hash(&[secret, ":", nonce, ":", &what]),
    };
    let name = if challenge.user_hash { Cow::Owned(hash(&[user, ":", realm])) } else { Cow::Borrowed(*user) };
    // This is made for every request: one piece of memory, and no formatting.
    let mut value = String::with_capacity(256 + name.len() + realm.len() + nonce.len() + uri.len());
    for (before, text) in
        [("Digest username=\"", &*name), ("\", realm=\"", realm), ("\", nonce=\"", nonce), ("\", uri=\"", uri)]
    {
        value.push_str(before);
        value.push_str(&quoted(text));
    }
    let mut add = |parts: [&str; 3]| parts.into_iter().for_each(|part| value.push_str(part));
    add(["\", response=\"", &response, "\""]);
    // A service that named no algorithm may know none by name.
    if let Some(algorithm) = &challenge.algorithm_name {
        add([", algorithm=", algorithm, ""]);
    }
    if let Some(opaque) = &challenge.opaque {
        add([", opaque=\"", &quoted(opaque), "\""]);
    }
    if challenge.qop {
        add([", qop=auth, nc=", &count, ""]);
    }
    if challenge.qop || challenge.session {
        add([", cnonce=\"", cnonce, "\""]);
    }
    if challenge.user_hash {
        add([", userhash=true", "", ""]);
    }
    value
}

/// What stands for user and password at this realm, the same for every request.
fn secret(challenge: &Challenge, user: &str, password: &str) -> String {
    hash(challenge.algorithm, &[user, ":", &challenge.realm, ":", password])
}

fn hash(algorithm: Algorithm, parts: &[&str]) -> String {
    match algorithm {
        Algorithm::Md5 => hex(&parts.iter().fold(Md5::new(), |hash, part| hash.chain_update(part)).finalize()),
        Algorithm::Sha256 => hex(&parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize()),
    }
}

fn quoted(text: &str) -> Cow<'_, str> {
    match text.contains(['\\', '"']) {
        true => text.replace('\\', "\\\\").replace('"', "\\\"").into(),
        false => text.into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        text
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::HeaderMap;

    use super::*;
    use crate::transport::wire::tests::{Script, reply};

    /// RFC 7616, section 3.9.1, computes its example with both algorithms.
    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        for (algorithm, expected) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let value = signed(
                &challenge(&format!(
                    r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
                )),
                &Request {
                    user: "Mufasa",
                    method: "GET",
                    uri: "/dir/index.html",
                    count: 1,
                    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                },
                "Circle of Life",
            );
            assert!(value.contains(&format!("response=\"{expected}\"")), "{value}");
            assert!(value.contains("nc=00000001") && value.contains(&format!("algorithm={algorithm}")), "{value}");
        }
    }

    /// RFC 2617, section 3.5, and RFC 2069's form of the same without `qop`.
    #[test]
    fn the_older_forms_come_out() {
        let request = Request { user: "Mufasa", method: "GET", uri: "/dir/index.html", count: 1, cnonce: "0a4f113b" };
        let directives = r#"realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#;
        let with_qop = signed(&challenge(&format!("Digest {directives}, qop=\"auth\"")), &request, "Circle Of Life");
        assert!(with_qop.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{with_qop}");
        let without = signed(&challenge(&format!("Digest {directives}")), &request, "Circle Of Life");
        assert!(without.contains("response=\"670fd8c2df070c60b045671b8b24ff02\""), "{without}");
        assert!(!without.contains("nc=") && !without.contains("algorithm="), "{without}");
    }

    #[tokio::test]
    async fn after_the_first_call_each_call_is_one_request_with_a_rising_count() {
        let script = Script::new(|request, _| match request.headers.get("authorization") {
            None => challenged("n1", false),
            Some(_) => reply(200, &[], "{}"),
        });
        let digest = digest();
        for _ in 0..3 {
            assert_eq!(digest.send(&script, &Script::get("/a?b=c")).await.expect("an answer").status, 200);
        }
        let counts: Vec<_> = script.sent().iter().map(|r| field(r, "nc")).collect();
        assert_eq!(counts, [None, Some("00000001".into()), Some("00000002".into()), Some("00000003".into())]);
        assert_eq!(field(&script.sent()[1], "uri"), Some("/a?b=c".into()));
    }

    #[tokio::test]
    async fn a_stale_nonce_is_replaced_once() {
        let script = Script::new(|request, sent| match (field(request, "nonce").as_deref(), sent) {
            (None, _) => challenged("n1", false),
            (Some("n1"), 0..=2) | (Some("n2"), _) => reply(200, &[], "{}"),
            _ => challenged("n2", true),
        });
        let digest = digest();
        for _ in 0..3 {
            assert_eq!(digest.send(&script, &Script::get("/")).await.expect("an answer").status, 200);
        }
        let nonces: Vec<_> = script.sent().iter().map(|r| field(r, "nonce")).collect();
        assert_eq!(nonces, [None, Some("n1".into()), Some("n1".into()), Some("n1".into()), Some("n2".into())]);
        assert_eq!(field(&script.sent()[4], "nc"), Some("00000001".into()), "a new nonce counts from one");
    }

    #[tokio::test]
    async fn a_wrong_key_is_not_tried_forever() {
        let script = Script::new(|_, sent| challenged(&format!("n{sent}"), false));
        let answer = digest().send(&script, &Script::get("/")).await.expect("an answer");
        assert_eq!((answer.status.as_u16(), script.sent().len()), (401, 2));
    }

    #[tokio::test]
    async fn tasks_that_start_together_fetch_one_nonce() {
        let script = Arc::new(Script::new(|request, _| match request.headers.get("authorization") {
            None => challenged("n1", false),
            Some(_) => reply(200, &[], "{}"),
        }));
        let digest = Arc::new(digest());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (script, digest) = (script.clone(), digest.clone());
            tasks.spawn(async move { digest.send(&*script, &Script::get("/")).await.expect("an answer").status });
        }
        while let Some(status) = tasks.join_next().await {
            assert_eq!(status.expect("no panic"), 200);
        }
        assert_eq!(script.sent().len(), 9);
    }

    #[tokio::test]
    async fn tasks_do_not_queue_at_a_service_that_asks_nobody_who_they_are() {
        let together = Arc::new(tokio::sync::Barrier::new(4));
        struct Waits(Arc<tokio::sync::Barrier>);
        impl Wire for Waits {
            fn send(&self, _: Outgoing) -> crate::transport::wire::Exchange<'_> {
                Box::pin(async {
                    self.0.wait().await;
                    Ok(reply(200, &[], "{}"))
                })
            }
        }
        let digest = Arc::new(digest());
        digest.send(&Script::new(|_, _| reply(200, &[], "{}")), &Script::get("/")).await.expect("an answer");
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (digest, wire) = (digest.clone(), Waits(together.clone()));
            tasks.spawn(async move { digest.send(&wire, &Script::get("/")).await.expect("an answer").status });
        }
        // They all arrive, or the barrier would hold them forever.
        assert_eq!(tasks.join_all().await.len(), 4);
    }

    fn signed(challenge: &Challenge, request: &Request<'_>, password: &str) -> String {
        authorization(challenge, request, &secret(challenge, request.user, password))
    }

    fn digest() -> Digest {
        Digest::new("public".into(), "private".into())
    }

    fn challenge(value: &str) -> Challenge {
        Challenge::strongest(&header(value)).expect("a challenge")
    }

    fn header(value: &str) -> HeaderMap {
        [(http::header::WWW_AUTHENTICATE, value.parse().expect("a value"))].into_iter().collect()
    }

    fn challenged(nonce: &str, stale: bool) -> Reply {
        let value = format!(r#"Digest realm="r", nonce="{nonce}", algorithm=MD5, qop="auth", stale={stale}"#);
        reply(401, &[("www-authenticate", &value)], "")
    }

    fn field(request: &Outgoing, name: &str) -> Option<String> {
        let value = request.headers.get("authorization")?.to_str().ok()?;
        let found = value.split(", ").find_map(|part| part.trim_start_matches("Digest ").strip_prefix(name))?;
        Some(found.trim_start_matches('=').trim_matches('"').to_owned())
    }
}
