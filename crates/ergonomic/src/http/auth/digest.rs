//! HTTP digest (RFC 7616, MD5 and SHA-256), the scheme of Atlas API keys.
//!
//! The service responds to the first request with 401 and a nonce. The nonce is kept and reused with a rising count, so
//! every later call is one request. A count is never used twice and is never 0, which the service refuses. A signature
//! is valid only for its own path.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
};

use http::{HeaderValue, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    http::{
        auth::{challenge::Challenge, digest_session::Session},
        wire::{Outgoing, Wire},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};
use atlas_backup_runtime::Reply;

/// How many nonces are remembered with their counts, unless more are in use at once.
const KNOWN_NONCES: usize = 64;

pub(crate) struct Digest {
    user: String,
    password: SecretString,
    session: Mutex<Option<Session>>,
    /// The last count of each nonce in use and of those used before, latest first. A service may repeat a nonce, and a
    /// count must not be repeated with it.
    counts: Mutex<Vec<(String, Arc<AtomicU32>)>>,
    /// Held by the one task that fetches the first nonce.
    first: tokio::sync::Mutex<()>,
    /// Whether the service has responded without a challenge. Callers then do not wait for a nonce.
    unasked: AtomicBool,
}

impl Digest {
    pub(crate) fn new(user: String, password: SecretString) -> Self {
        Digest {
            user,
            password,
            session: Mutex::new(None),
            counts: Mutex::default(),
            first: tokio::sync::Mutex::new(()),
            unasked: AtomicBool::new(false),
        }
    }

    pub(crate) async fn send(&self, wire: &dyn Wire, request: &Outgoing) -> Result<Reply> {
        // Concurrent tasks wait for the first of them instead of fetching a nonce each.
        let first = match self.needs_no_first() {
            true => None,
            false => Some(self.first.lock().await).filter(|_| !self.needs_no_first()),
        };
        let signed = self.sign(request)?;
        let unsigned = signed.is_none();
        let reply = wire.send(signed.unwrap_or_else(|| request.clone())).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            // A failing service has not reached authentication.
            if !reply.status.is_server_error() && reply.status != StatusCode::TOO_MANY_REQUESTS {
                self.unasked.store(unsigned, Relaxed);
            }
            return Ok(reply);
        }
        let Some(challenge) = Challenge::strongest(&reply.headers) else { return Ok(reply) };
        // One more attempt, `stale` or not: a service may forget a nonce without stating it, and concurrent requests
        // may arrive with their counts out of order. A second refusal means that the key is wrong, unless only the
        // nonce was refused. Then the last attempt uses a separate nonce, so that no other request can overtake it.
        self.remember(challenge)?;
        drop(first);
        let Some(signed) = self.sign(request)? else { return Ok(reply) };
        let reply = wire.send(signed).await?;
        let overtaken = reply.status == StatusCode::UNAUTHORIZED;
        match Challenge::strongest(&reply.headers).filter(|challenge| overtaken && challenge.stale) {
            Some(challenge) => wire.send(signed_by(&mut self.session_of(challenge)?, request)?).await,
            None => Ok(reply),
        }
    }

    fn session(&self) -> std::sync::MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn needs_no_first(&self) -> bool {
        self.unasked.load(Relaxed) || self.session().is_some()
    }

    fn remember(&self, challenge: Challenge) -> Result<()> {
        let mut session = self.session();
        // Another task may have received the same nonce. Its count must continue.
        if session.as_ref().is_none_or(|held| !held.is_of(&challenge)) {
            *session = Some(self.session_of(challenge)?);
        }
        Ok(())
    }

    fn session_of(&self, challenge: Challenge) -> Result<Session> {
        let mut counts = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = counts.iter().position(|(nonce, _)| *nonce == challenge.nonce).map(|place| counts.remove(place));
        // A session shares the count of its nonce, which may be in use for long after its only challenge.
        let (in_use, mut others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut *counts).into_iter().partition(|(_, count)| Arc::strong_count(count) > 1);
        others.truncate((KNOWN_NONCES - 1).saturating_sub(in_use.len()));
        let (nonce, count) = known.unwrap_or_else(|| (challenge.nonce.clone(), Arc::default()));
        *counts = [vec![(nonce, Arc::clone(&count))], in_use, others].concat();
        drop(counts);
        Session::new(challenge, &self.user, self.password.expose_secret(), count)
    }

    /// The request with its `Authorization`. `None` without a nonce.
    fn sign(&self, request: &Outgoing) -> Result<Option<Outgoing>> {
        self.session().as_mut().map(|session| signed_by(session, request)).transpose()
    }
}

fn signed_by(session: &mut Session, request: &Outgoing) -> Result<Outgoing> {
    let uri = &request.url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut value = HeaderValue::try_from(session.sign(request.method.as_str(), uri)).map_err(|_| {
        Error::new(
            ErrorKind::InvalidInput,
            "cannot sign request: the API key or the challenge contains characters that are not valid in a header",
        )
    })?;
    value.set_sensitive(true);
    Ok(request.authorized(value))
}

#[cfg(test)]
pub(crate) mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::testing::{CannedResponse, CannedService, reply};

    #[tokio::test]
    async fn digest_sends_one_request_per_call_after_first() {
        let script = CannedService::respond_with(|request, _| match request.headers.get("authorization") {
            None => challenged("n1", false),
            Some(_) => reply(200, &[], "{}"),
        });
        let digest = digest();
        for _ in 0..3 {
            assert_eq!(digest.send(&script, &Outgoing::get("/a?b=c")).await.expect("an answer").status, 200);
        }
        let counts: Vec<_> = script.sent().iter().map(|r| field(&r.headers, "nc")).collect();
        assert_eq!(counts, [None, Some("00000001".into()), Some("00000002".into()), Some("00000003".into())]);
        assert_eq!(field(&script.sent()[1].headers, "uri"), Some("/a?b=c".into()));
    }

    #[tokio::test]
    async fn stale_nonce_is_replaced_once() {
        let script =
            CannedService::respond_with(|request, sent| match (field(&request.headers, "nonce").as_deref(), sent) {
                (None, _) => challenged("n1", false),
                (Some("n1"), 0..=2) | (Some("n2"), _) => reply(200, &[], "{}"),
                _ => challenged("n2", true),
            });
        let digest = digest();
        for _ in 0..3 {
            assert_eq!(digest.send(&script, &Outgoing::get("/")).await.expect("an answer").status, 200);
        }
        let nonces: Vec<_> = script.sent().iter().map(|r| field(&r.headers, "nonce")).collect();
        assert_eq!(nonces, [None, Some("n1".into()), Some("n1".into()), Some("n1".into()), Some("n2".into())]);
        assert_eq!(field(&script.sent()[4].headers, "nc"), Some("00000001".into()), "a new nonce counts from one");
    }

    #[tokio::test]
    async fn count_is_not_repeated_with_repeated_nonce() {
        // Two nonces in turns, each refused as stale again and again.
        let script = CannedService::respond_with(|request, sent| match field(&request.headers, "nonce") {
            Some(_) if sent % 5 == 4 => reply(200, &[], "{}"),
            _ => challenged(if sent % 3 == 0 { "n1" } else { "n2" }, true),
        });
        let digest = digest();
        for _ in 0..20 {
            digest.send(&script, &Outgoing::get("/")).await.expect("an answer");
        }
        let sent = script.sent();
        let pairs: Vec<_> = sent.iter().map(|r| (field(&r.headers, "nonce"), field(&r.headers, "nc"))).collect();
        let signed: Vec<_> = pairs.iter().filter(|(nonce, _)| nonce.is_some()).collect();
        let distinct: std::collections::BTreeSet<_> = signed.iter().collect();
        assert_eq!(distinct.len(), signed.len(), "{signed:?}");
    }

    #[test]
    fn counts_of_nonces_in_use_outlive_many_other_nonces() {
        let digest = digest();
        let count_of = |session: &mut Session| {
            let signed = signed_by(session, &Outgoing::get("/")).expect("a signature");
            field(&signed.headers, "nc").expect("a count")
        };
        let session = |nonce: &str| {
            let challenge = challenge(&format!(r#"Digest realm="r", nonce="{nonce}", qop="auth""#));
            digest.session_of(challenge).expect("a session")
        };
        let many = |name: &str, number: usize| (0..number).for_each(|place| drop(session(&format!("{name}{place}"))));

        // Repeated more often than it could be forgotten.
        for expected in ["00000001", "00000002", "00000003"] {
            assert_eq!(count_of(&mut session("repeated")), expected);
            many(expected, KNOWN_NONCES - 1);
        }
        // Held for long by a request.
        let mut held = session("held");
        assert_eq!(count_of(&mut held), "00000001");
        many("other", 3 * KNOWN_NONCES);
        assert_eq!(count_of(&mut session("held")), "00000002");
        // More requests at once than nonces are remembered.
        let mut all: Vec<_> = (0..2 * KNOWN_NONCES).map(|place| session(&format!("at once {place}"))).collect();
        assert_eq!(count_of(&mut all[0]), "00000001");
        assert_eq!(count_of(&mut session("at once 0")), "00000002");
        drop(all);
        many("last", 1);
        assert_eq!(digest.counts.lock().expect("not poisoned").len(), KNOWN_NONCES, "memory is bounded");
    }

    #[tokio::test]
    async fn wrong_key_is_tried_once() {
        let script = CannedService::respond_with(|_, sent| challenged(&format!("n{sent}"), false));
        let answer = digest().send(&script, &Outgoing::get("/")).await.expect("an answer");
        assert_eq!((answer.status.as_u16(), script.sent().len()), (401, 2));
    }

    #[tokio::test]
    async fn tasks_that_start_together_fetch_one_nonce() {
        let script = CannedService::respond_with(|request, _| match request.headers.get("authorization") {
            None => challenged("n1", false),
            Some(_) => reply(200, &[], "{}"),
        });
        let digest = Arc::new(digest());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (script, digest) = (script.clone(), digest.clone());
            tasks.spawn(async move { digest.send(&script, &Outgoing::get("/")).await.expect("an answer").status });
        }
        while let Some(status) = tasks.join_next().await {
            assert_eq!(status.expect("no panic"), 200);
        }
        assert_eq!(script.sent().len(), 9);
    }

    #[tokio::test]
    async fn tasks_do_not_queue_at_a_service_without_authentication() {
        let (digest, script) = (Arc::new(digest()), CannedService::respond_with(|_, _| reply(200, &[], "{}")));
        digest.send(&script, &Outgoing::get("/")).await.expect("an answer");
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (digest, script) = (digest.clone(), script.clone());
            tasks.spawn(async move { digest.send(&script, &Outgoing::get("/")).await.expect("an answer").status });
        }
        tasks.join_all().await;
        assert_eq!(script.in_flight(), (0, 4));
    }

    /// A service that accepts only strictly rising counts, and reports a valid key with a wrong count as a stale nonce.
    struct Strict(Mutex<std::collections::HashMap<String, u32>>);

    impl Wire for Strict {
        fn send(&self, request: Outgoing) -> crate::http::wire::Exchange<'_> {
            Box::pin(async move {
                let (Some(nonce), Some(count)) = (field(&request.headers, "nonce"), field(&request.headers, "nc"))
                else {
                    return Ok(challenged(&format!("n{}", fastrand::u64(..)), false));
                };
                // Requests overtake each other.
                tokio::time::sleep(std::time::Duration::from_millis(fastrand::u64(0..50))).await;
                let count = u32::from_str_radix(&count, 16).expect("a count");
                let mut highest = self.0.lock().expect("not poisoned");
                let highest = highest.entry(nonce).or_default();
                if count <= *highest {
                    return Ok(challenged(&format!("n{}", fastrand::u64(..)), true));
                }
                *highest = count;
                Ok(reply(200, &[], "{}"))
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn digest_orders_counts_for_strict_services() {
        let (digest, wire) = (Arc::new(digest()), Arc::new(Strict(Mutex::default())));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (wire, digest) = (wire.clone(), digest.clone());
            tasks.spawn(
                async move { digest.send(&*wire, &Outgoing::get("/")).await.expect("an answer").status.as_u16() },
            );
        }
        assert_eq!(tasks.join_all().await, [200; 64]);
    }

    #[tokio::test]
    async fn unreachable_service_is_not_recorded_as_open() {
        let script = CannedService::respond_with(|request, sent| match request.headers.get("authorization") {
            None if sent == 0 => reply(503, &[], ""),
            None => challenged("n1", false),
            Some(_) => reply(200, &[], "{}"),
        });
        let digest = Arc::new(digest());
        assert_eq!(digest.send(&script, &Outgoing::get("/")).await.expect("an answer").status, 503);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (script, digest) = (script.clone(), digest.clone());
            tasks.spawn(async move { digest.send(&script, &Outgoing::get("/")).await.expect("an answer").status });
        }
        tasks.join_all().await;
        assert_eq!(script.sent().len(), 1 + 9);
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_task_leaves_first_nonce_to_next_task() {
        let script =
            CannedService::respond_with(|request, before| match (before, request.headers.get("authorization")) {
                (0, _) => CannedResponse::never(),
                (_, None) => challenged("n1", false).into(),
                (_, Some(_)) => CannedResponse::status(200),
            });
        let digest = Arc::new(digest());
        let mut tasks = tokio::task::JoinSet::new();
        let mut handles = Vec::new();
        for _ in 0..3 {
            let (script, digest) = (script.clone(), digest.clone());
            let task = async move { digest.send(&script, &Outgoing::get("/")).await.expect("an answer").status };
            handles.push(tasks.spawn(task));
            tokio::task::yield_now().await;
        }
        handles[0].abort();
        let answers = [tasks.join_next().await, tasks.join_next().await, tasks.join_next().await];
        assert_eq!(answers.iter().flatten().filter(|answer| answer.as_ref().is_ok_and(|s| *s == 200)).count(), 2);
    }

    fn digest() -> Digest {
        Digest::new("public".into(), "private".into())
    }

    pub(crate) fn challenge(value: &str) -> Challenge {
        Challenge::strongest(&header(value)).expect("a challenge")
    }

    fn header(value: &str) -> HeaderMap {
        [(http::header::WWW_AUTHENTICATE, value.parse().expect("a value"))].into_iter().collect()
    }

    fn challenged(nonce: &str, stale: bool) -> Reply {
        let value = format!(r#"Digest realm="r", nonce="{nonce}", algorithm=MD5, qop="auth", stale={stale}"#);
        reply(401, &[("www-authenticate", &value)], "")
    }

    fn field(headers: &HeaderMap, name: &str) -> Option<String> {
        let value = headers.get("authorization")?.to_str().ok()?;
        let found = value.split(", ").find_map(|part| part.trim_start_matches("Digest ").strip_prefix(name))?;
        Some(found.trim_start_matches('=').trim_matches('"').to_owned())
    }
}
