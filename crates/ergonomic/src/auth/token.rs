//! Service-account tokens (OAuth 2 client credentials).
//!
//! The token endpoint allows about ten requests a minute and a hundred live tokens an account, so one token serves
//! every task: however many ask at once, one request is made; the token is renewed ahead of its expiry by one task
//! while the others go on with the old one. The secret goes to the token endpoint of the client's own base URL and
//! nowhere else.

use std::{
    error::Error as StdError,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use crate::{
    error::{Error, ErrorKind, Result},
    transport::{
        Outgoing,
        retry::{RetryPolicy, Safety},
        wire::Wire,
    },
};

/// How long before its expiry a token is renewed, at most; a short-lived one is renewed after three quarters.
const AHEAD: Duration = Duration::from_secs(300);
/// How long before its expiry a token is no longer used, for requests take time to arrive.
const MARGIN: Duration = Duration::from_secs(10);
/// How long nothing is renewed ahead of its expiry after that failed.
const PAUSE: Duration = Duration::from_secs(30);
/// What is believed at most.
const LONGEST_LIFETIME: u64 = 86_400;
/// What is assumed when the service does not say how long a token lives.
const LIFETIME: u64 = 3600;

pub(crate) struct TokenSource {
    endpoint: Url,
    id: String,
    secret: SecretString,
    state: Mutex<State>,
    /// Held by the one task that fetches a token.
    fetching: tokio::sync::Mutex<()>,
}

/// What the last fetches brought.
#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    /// How many fetches have ended, well or not.
    fetches: u64,
    /// Why the last one failed, if it did.
    failure: Option<Arc<Error>>,
    /// Until when no token is renewed ahead of its expiry, after that failed.
    pause: Option<Instant>,
}

pub(crate) struct Token {
    /// The `Authorization` value.
    pub(crate) header: HeaderValue,
    renew_at: Instant,
    unusable_at: Instant,
}

impl TokenSource {
    pub(crate) fn new(endpoint: Url, id: String, secret: SecretString) -> Self {
        TokenSource { endpoint, id, secret, state: Mutex::default(), fetching: tokio::sync::Mutex::new(()) }
    }

    /// A token that will last for the request at hand.
    pub(crate) async fn token(&self, wire: &dyn Wire, retry: &RetryPolicy, deadline: Instant) -> Result<Arc<Token>> {
        let now = Instant::now();
        let Some(token) = self.usable(now) else { return self.another(None, wire, retry, deadline).await };
        if now < token.renew_at || self.state().pause.is_some_and(|until| now < until) {
            return Ok(token);
        }
        // Time to renew, but the old one still works: whoever comes first renews, nobody waits for it.
        let Ok(_fetching) = self.fetching.try_lock() else { return Ok(token) };
        match self.fetch(wire, retry, deadline).await {
            Ok(renewed) => Ok(renewed),
            Err(error) => {
                tracing::warn!(%error, "the access token could not be renewed ahead of its expiry");
                self.state().pause = Some(Instant::now() + PAUSE);
                Ok(token)
            }
        }
    }

    /// A token other than `refused`, which the service no longer takes.
    pub(crate) async fn renewed(
        &self,
        refused: &Arc<Token>,
        wire: &dyn Wire,
        retry: &RetryPolicy,
        deadline: Instant,
    ) -> Result<Arc<Token>> {
        self.another(Some(refused), wire, retry, deadline).await
    }

    /// Waits for whoever fetches and shares what comes of it, or fetches.
    async fn another(
        &self,
        refused: Option<&Arc<Token>>,
        wire: &dyn Wire,
        retry: &RetryPolicy,
        deadline: Instant,
    ) -> Result<Arc<Token>> {
        let fetches = self.state().fetches;
        let _fetching = self.fetching.lock().await;
        if let Some(token) = self.usable(Instant::now())
            && refused.is_none_or(|refused| !Arc::ptr_eq(&token, refused))
        {
            return Ok(token);
        }
        let failure =
            Some(self.state()).filter(|state| state.fetches != fetches).and_then(|state| state.failure.clone());
        match failure {
            Some(failure) => Err(shared(failure)),
            None => self.fetch(wire, retry, deadline).await,
        }
    }

    fn usable(&self, now: Instant) -> Option<Arc<Token>> {
        self.state().token.clone().filter(|token| now < token.unusable_at)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn fetch(&self, wire: &dyn Wire, retry: &RetryPolicy, deadline: Instant) -> Result<Arc<Token>> {
        let fetched = self.ask(wire, retry, deadline).await.map_err(Arc::new);
        let mut state = self.state();
        state.fetches += 1;
        match fetched {
            Ok(token) => {
                (state.token, state.failure) = (Some(token.clone()), None);
                Ok(token)
            }
            Err(failure) => {
                state.failure = Some(failure.clone());
                Err(shared(failure))
            }
        }
    }

    async fn ask(&self, wire: &dyn Wire, retry: &RetryPolicy, deadline: Instant) -> Result<Arc<Token>> {
        let asked_at = Instant::now();
        let request = self.request()?;
        // A second token does no harm beyond counting towards the account's hundred, so the request may be repeated.
        let reply = retry.run(Safety::Idempotent, deadline, |_| wire.send(request.clone())).await.map_err(|error| {
            Error::new(ErrorKind::Authentication, "the token endpoint gave no answer").because(error)
        })?;
        if !reply.status.is_success() {
            let refused = Error::answered(reply.status, reply.headers, reply.body);
            // OAuth 2 has an error document of its own, with a word for what is wrong.
            let word = refused.api_error().and_then(|api| api.extra.get("error")?.as_str());
            let word = word.map(|word| format!(": {word}")).unwrap_or_default();
            let message = format!("the token endpoint refused the service account{word}");
            return Err(Error::new(ErrorKind::Authentication, message).because(refused));
        }
        let granted: Granted = serde_json::from_slice(&reply.body).map_err(|source| {
            Error::new(ErrorKind::Authentication, "the token endpoint's answer holds no token").because(source)
        })?;
        let lifetime = Duration::from_secs(granted.expires_in.unwrap_or(LIFETIME).min(LONGEST_LIFETIME));
        Ok(Arc::new(Token {
            header: super::bearer(&granted.access_token)?,
            renew_at: asked_at + lifetime.saturating_sub(AHEAD.min(lifetime / 4)),
            unusable_at: asked_at + lifetime.saturating_sub(MARGIN.min(lifetime / 8)),
        }))
    }

    fn request(&self) -> Result<Outgoing> {
        let pair = format!("{}:{}", self.id, self.secret.expose_secret());
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let mut basic = HeaderValue::try_from(basic).map_err(|source| {
            Error::new(ErrorKind::InvalidInput, "the service account can't be sent").because(source)
        })?;
        basic.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, basic);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        Ok(Outgoing {
            method: Method::POST,
            url: self.endpoint.clone(),
            headers,
            body: Some(Bytes::from_static(b"grant_type=client_credentials")),
        })
    }
}

/// The error of each of the tasks that one failure is for.
fn shared(failure: Arc<Error>) -> Error {
    let error = Error::new(failure.kind(), failure.to_string());
    match failure.source() {
        Some(_) => error.because(Cause(failure)),
        None => error,
    }
}

/// The cause of a shared failure: stands for its source, which can't be had twice.
#[derive(Debug)]
struct Cause(Arc<Error>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.source().map_or(Ok(()), |cause| fmt::Display::fmt(cause, f))
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()?.source()
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::Signer,
        credentials::Scheme,
        transport::wire::tests::{Script, reply},
    };

    /// A service whose n-th token is `t<n>` and that accepts what `accepts` says.
    fn service(accepts: impl Fn(&str) -> bool + Send + Sync + 'static) -> Arc<Script> {
        let issued = std::sync::atomic::AtomicUsize::new(0);
        Arc::new(Script::new(move |request, _| {
            if request.url.path() == "/api/oauth/token" {
                let n = issued.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                return reply(
                    200,
                    &[],
                    &format!(r#"{{"access_token":"t{n}","expires_in":3600,"token_type":"Bearer"}}"#),
                );
            }
            let sent = request.headers["authorization"].to_str().expect("text");
            reply(if accepts(sent.trim_start_matches("Bearer ")) { 200 } else { 401 }, &[], "")
        }))
    }

    fn signer() -> Arc<Signer> {
        let scheme = Scheme::ServiceAccount { id: "account".into(), secret: "hunter2".into() };
        Arc::new(Signer::new(scheme, &"http://127.0.0.1/api/oauth/token".parse().expect("a URL")).expect("a signer"))
    }

    async fn call(signer: &Signer, script: &Script) -> u16 {
        let deadline = Instant::now() + Duration::from_secs(60);
        let answer = signer.send(script, &Script::get("/x"), &RetryPolicy::default(), deadline).await;
        answer.expect("an answer").status.as_u16()
    }

    fn token_requests(script: &Script) -> usize {
        script.sent().iter().filter(|r| r.url.path() == "/api/oauth/token").count()
    }

    #[tokio::test(start_paused = true)]
    async fn many_tasks_at_once_ask_for_one_token() {
        let (script, signer) = (service(|_| true), signer());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let (script, signer) = (script.clone(), signer.clone());
            tasks.spawn(async move { call(&signer, &script).await });
        }
        assert_eq!(tasks.join_all().await, [200; 32]);
        assert_eq!(token_requests(&script), 1);
        let request = &script.sent()[0];
        assert_eq!(request.body.as_deref(), Some(&b"grant_type=client_credentials"[..]));
        assert_eq!(request.headers["authorization"], "Basic YWNjb3VudDpodW50ZXIy");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_ahead_of_its_expiry() {
        let (script, signer) = (service(|_| true), signer());
        call(&signer, &script).await;
        tokio::time::advance(Duration::from_secs(3200)).await;
        call(&signer, &script).await;
        assert_eq!(token_requests(&script), 1);
        tokio::time::advance(Duration::from_secs(150)).await;
        call(&signer, &script).await;
        assert_eq!(token_requests(&script), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_renewal_ahead_of_expiry_costs_no_call() {
        let script = Arc::new(Script::new(|request, sent| match (request.url.path(), sent) {
            ("/api/oauth/token", 0) => reply(200, &[], r#"{"access_token":"t1","expires_in":3600}"#),
            ("/api/oauth/token", _) => reply(403, &[], ""),
            _ => reply(200, &[], ""),
        }));
        let signer = signer();
        call(&signer, &script).await;
        tokio::time::advance(Duration::from_secs(3400)).await;
        for _ in 0..5 {
            assert_eq!(call(&signer, &script).await, 200);
        }
        assert_eq!(token_requests(&script), 2, "a failed renewal is not tried again with every call");
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(call(&signer, &script).await, 200);
        assert_eq!(token_requests(&script), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn many_tasks_at_once_share_a_refusal_too() {
        let (script, signer) = (Arc::new(Script::new(|_, _| reply(401, &[], ""))), signer());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let (script, signer) = (script.clone(), signer.clone());
            tasks.spawn(async move {
                let deadline = Instant::now() + Duration::from_secs(60);
                let answer = signer.send(&*script, &Script::get("/x"), &RetryPolicy::default(), deadline).await;
                answer.expect_err("refused").kind()
            });
        }
        assert_eq!(tasks.join_all().await, [ErrorKind::Authentication; 32]);
        assert_eq!(token_requests(&script), 1);
        // The next call asks anew.
        let deadline = Instant::now() + Duration::from_secs(60);
        let answer = signer.send(&*script, &Script::get("/x"), &RetryPolicy::default(), deadline).await;
        assert!(answer.is_err());
        assert_eq!(token_requests(&script), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_401_in_flight_renews_the_token_once_for_all_tasks() {
        let (script, signer) = (service(|token| token != "t1"), signer());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (script, signer) = (script.clone(), signer.clone());
            tasks.spawn(async move { call(&signer, &script).await });
        }
        assert_eq!(tasks.join_all().await, [200; 8]);
        assert_eq!(token_requests(&script), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_for_all_eternity_is_no_trouble() {
        let script = Script::new(|_, _| reply(200, &[], r#"{"access_token":"t","expires_in":18446744073709551615}"#));
        assert_eq!(call(&signer(), &script).await, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_401_is_the_answer() {
        let (script, signer) = (service(|_| false), signer());
        assert_eq!(call(&signer, &script).await, 401);
        assert_eq!(token_requests(&script), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_account_is_an_authentication_error_without_the_secret() {
        let script = Script::new(|_, _| reply(401, &[], r#"{"error":"invalid_client"}"#));
        let deadline = Instant::now() + Duration::from_secs(60);
        let answer = signer().send(&script, &Script::get("/x"), &RetryPolicy::default(), deadline).await;
        let error = answer.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(error.to_string(), "the token endpoint refused the service account: invalid_client");
        assert_eq!(error.source().map(ToString::to_string), Some("401 Unauthorized".to_owned()));
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
}
