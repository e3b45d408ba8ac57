//! Service-account tokens (OAuth 2 client credentials).
//!
//! The token endpoint allows about ten requests per minute and a hundred live tokens per account, so all tasks share
//! one token, and with a [`Store`] all processes. Concurrent tasks send one request. One task renews the token before
//! its expiry while the others use the old one. The secret is sent only to the token endpoint of the client's base URL.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{
    http::{
        auth::{
            shared::shared,
            signer::{TokenContext, bearer},
            store::{Store, Stored},
        },
        retry::{Safety, instant_after},
        wire::Outgoing,
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta,
        redaction::shown,
    },
};
use atlas_backup_runtime::Reply;

/// How long before its expiry a token is renewed, at most. A short-lived token is renewed after three quarters of its
/// lifetime.
const RENEW_BEFORE_EXPIRY: Duration = Duration::from_secs(300);
/// How long before its expiry a token is no longer used, because requests take time to arrive.
const EXPIRY_MARGIN: Duration = Duration::from_secs(10);
/// How long a call with a valid token waits for its renewal.
const RENEWAL_WAIT: Duration = Duration::from_secs(5);
/// Pause between failed early renewals.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);
/// Maximum accepted lifetime.
pub(super) const MAX_LIFETIME: u64 = 86_400;
/// Default lifetime if the service states none.
const DEFAULT_LIFETIME: u64 = 3600;
/// Maximum number of token requests per [`MINUTE`].
const MAX_REQUESTS: usize = 10;
const MINUTE: Duration = Duration::from_secs(60);

pub(crate) struct TokenSource {
    endpoint: Url,
    revocation: Url,
    id: String,
    secret: SecretString,
    store: Option<Store>,
    state: Mutex<State>,
    /// Held by the one task that fetches a token.
    fetching: tokio::sync::Mutex<()>,
}

/// Results of the last fetches.
#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    /// Number of completed fetches, including failures.
    fetches: u64,
    /// Error of the last fetch, if it failed.
    failure: Option<Arc<Error>>,
    /// Time until which no early renewal is attempted.
    pause: Option<Instant>,
    /// Times of the latest token requests.
    asked: VecDeque<Instant>,
    /// Time until which the token endpoint accepts no request.
    blocked: Option<Instant>,
}

pub(crate) struct Token {
    /// The `Authorization` value.
    pub(crate) header: HeaderValue,
    secret: SecretString,
    renew_at: Instant,
    unusable_at: Instant,
}

impl Token {
    /// A token with the total lifetime `lifetime` and the remaining lifetime `left` at `now`.
    fn new(secret: SecretString, lifetime: Duration, left: Duration, now: Instant) -> Result<Self> {
        let at = |margin: Duration| now + left.saturating_sub(margin);
        Ok(Token {
            header: bearer(&secret)?,
            secret,
            renew_at: at(RENEW_BEFORE_EXPIRY.min(lifetime / 4)),
            unusable_at: at(EXPIRY_MARGIN.min(lifetime / 8)),
        })
    }
}

impl TokenSource {
    /// A source of tokens from `endpoint`, revoked at `revocation`.
    pub(crate) fn new(endpoint: Url, revocation: Url, id: String, secret: SecretString, store: Option<Store>) -> Self {
        let (state, fetching) = (Mutex::default(), tokio::sync::Mutex::new(()));
        TokenSource { endpoint, revocation, id, secret, store, state, fetching }
    }

    /// A token that is valid long enough for a request.
    pub(crate) async fn token(&self, context: TokenContext<'_>) -> Result<Arc<Token>> {
        let now = Instant::now();
        let (token, pause) = {
            let state = self.state();
            (state.usable(now), state.pause)
        };
        let Some(token) = token else { return self.fetch_or_wait(None, context).await };
        if now < token.renew_at || pause.is_some_and(|until| now < until) {
            return Ok(token);
        }
        // Time to renew, but the old token is still valid: the first task renews it, the others do not wait.
        let Ok(_fetching) = self.fetching.try_lock() else { return Ok(token) };
        // The call must not miss its deadline because of a renewal that it does not need.
        let until = (now + RENEWAL_WAIT).min(now + context.deadline.saturating_duration_since(now) / 2);
        match self.fetch(None, TokenContext { deadline: until, ..context }).await {
            Ok(renewed) => Ok(renewed),
            Err(error) => {
                tracing::warn!(%error, "cannot renew access token before its expiry");
                self.state().pause = Some(Instant::now() + RENEWAL_PAUSE);
                Ok(token)
            }
        }
    }

    /// A token other than `refused`.
    pub(crate) async fn renewed(&self, refused: &Arc<Token>, context: TokenContext<'_>) -> Result<Arc<Token>> {
        self.fetch_or_wait(Some(refused), context).await
    }

    /// The revocation endpoint.
    pub(crate) fn revocation(&self) -> &Url {
        &self.revocation
    }

    /// Revokes the token in memory and at the service, and the stored one if it differs. Returns whether there was one.
    pub(crate) async fn revoke(&self, context: TokenContext<'_>) -> Result<bool> {
        let late = |_| Err(Error::new(ErrorKind::Timeout, "token revocation did not complete before the deadline"));
        timeout_at(context.deadline, self.revoke_token(context)).await.unwrap_or_else(late)
    }

    async fn revoke_token(&self, context: TokenContext<'_>) -> Result<bool> {
        let _fetching = self.fetching.lock().await;
        let _locked = match &self.store {
            Some(store) => store.lock(context.deadline).await,
            None => None,
        };
        let held = self.state().token.as_ref().map(|token| token.secret.clone());
        let stored = self.store.as_ref().and_then(Store::read).map(|stored| stored.token);
        let mut secrets: Vec<SecretString> = held.into_iter().chain(stored).collect();
        secrets.dedup_by(|one, other| one.expose_secret() == other.expose_secret());
        for secret in &secrets {
            let form = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("token", secret.expose_secret())
                .append_pair("token_type_hint", "access_token")
                .finish();
            self.post(&self.revocation, form.into(), context).await?;
        }
        self.state().token = None;
        if let Some(store) = &self.store {
            store.clear();
        }
        Ok(!secrets.is_empty())
    }

    /// Waits for the task that fetches and shares its result, or fetches.
    async fn fetch_or_wait(&self, refused: Option<&Arc<Token>>, context: TokenContext<'_>) -> Result<Arc<Token>> {
        let fetches = self.state().fetches;
        let _fetching = self.fetching.lock().await;
        let failure = {
            let state = self.state();
            if let Some(token) = state.usable(Instant::now())
                && refused.is_none_or(|refused| !Arc::ptr_eq(&token, refused))
            {
                return Ok(token);
            }
            state.failure.clone().filter(|_| state.fetches != fetches)
        };
        match failure {
            Some(failure) => Err(shared(failure)),
            None => self.fetch(refused, context).await,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, refused: Option<&Arc<Token>>, context: TokenContext<'_>) -> Result<Arc<Token>> {
        let fetched = self.obtain(refused, context).await.map(Arc::new).map_err(Arc::new);
        let mut state = self.state();
        state.fetches += 1;
        match fetched {
            Ok(token) => {
                (state.token, state.failure) = (Some(token.clone()), None);
                Ok(token)
            }
            Err(failure) => {
                // A deadline of that task does not concern tasks with more time.
                let is_its_own = matches!(failure.kind(), ErrorKind::Timeout | ErrorKind::RateLimited);
                state.failure = (!is_its_own).then(|| failure.clone());
                Err(shared(failure))
            }
        }
    }

    /// The token of another process, or a new one.
    async fn obtain(&self, refused: Option<&Arc<Token>>, context: TokenContext<'_>) -> Result<Token> {
        let Some(store) = &self.store else { return self.ask(context).await.map(|(token, _)| token) };
        if let Some(token) = stored(store, refused) {
            return Ok(token);
        }
        let _locked = store.lock(context.deadline).await;
        // The previous holder of the lock has probably stored one.
        if let Some(token) = stored(store, refused) {
            return Ok(token);
        }
        let (token, lifetime) = self.ask(context).await?;
        store.write(&Stored::new(token.secret.clone(), lifetime));
        Ok(token)
    }

    async fn ask(&self, context: TokenContext<'_>) -> Result<(Token, u64)> {
        let asked_at = Instant::now();
        let reply = self.post(&self.endpoint, Bytes::from_static(b"grant_type=client_credentials"), context).await?;
        let unexpected = |problem: &str| {
            Error::new(ErrorKind::Authentication, format!("unexpected response of the token endpoint: {problem}"))
        };
        let granted: TokenResponse =
            serde_json::from_slice(&reply.body).map_err(|source| unexpected("no token").with_source(source))?;
        if granted.access_token.expose_secret().is_empty() {
            return Err(unexpected("no token"));
        }
        let seconds = granted.expires_in.unwrap_or(DEFAULT_LIFETIME).min(MAX_LIFETIME);
        let lifetime = Duration::from_secs(seconds);
        let token = Token::new(granted.access_token, lifetime, lifetime, asked_at);
        let token = token.map_err(|source| unexpected("a token that cannot be sent").with_source(source))?;
        Ok((token, seconds))
    }

    /// Sends a form to one of the account's two endpoints.
    async fn post(&self, endpoint: &Url, form: Bytes, context: TokenContext<'_>) -> Result<Reply> {
        let request = Outgoing {
            method: Method::POST,
            url: endpoint.clone(),
            headers: self.headers()?,
            body: Some(form),
            is_sent: None,
        };
        // A second token only counts towards the account's hundred, so the request may be repeated.
        let attempt = |_| async {
            self.wait_for_quota(context.deadline).await?;
            let reply = context.wire.send(request.clone()).await?;
            if reply.status == StatusCode::TOO_MANY_REQUESTS {
                self.state().blocked = meta::retry_after(&reply.headers, chrono::Utc::now()).map(instant_after);
            }
            Ok(reply)
        };
        let reply = context.retry.run(Safety::Idempotent, context.deadline, context.budget, attempt).await;
        let reply = reply.map_err(|error| match error.is_final() {
            true => error,
            false => {
                let attempts = error.attempts();
                Error::new(error.kind(), "no response from the token endpoint").with_source(error).final_after(attempts)
            }
        })?;
        if reply.status.is_success() {
            return Ok(reply);
        }
        let status = reply.status;
        let refused = Error::from_reply(reply);
        // OAuth 2 has its own error document with a code.
        let field = |name: &str| refused.api_error().and_then(|api| api.extra.get(name)?.as_str()).map(shown);
        let word = match (field("error"), field("error_description")) {
            (None, None) => format!(": {refused}"),
            (word, description) => {
                [word, description].into_iter().flatten().map(|field| format!(": {field}")).collect::<String>()
            }
        };
        let (kind, what) = match refused.kind() {
            ErrorKind::RateLimited => (ErrorKind::RateLimited, "accepts no more requests for now"),
            kind @ (ErrorKind::Server | ErrorKind::Timeout) => (kind, "failed"),
            _ if status.is_client_error() => (ErrorKind::Authentication, "refused the service account"),
            kind => (kind, "was not found"),
        };
        let (attempts, wait) = (refused.attempts(), refused.retry_after());
        let message = format!("the token endpoint {what}{word}");
        let error = Error::answered_as(kind, message, &refused).with_source(refused).final_after(attempts);
        Err(match wait {
            Some(wait) => error.retry_in(wait),
            None => error,
        })
    }

    /// Waits until the endpoint accepts a request.
    async fn wait_for_quota(&self, deadline: Instant) -> Result<()> {
        loop {
            let wait_until = {
                let (mut state, now) = (self.state(), Instant::now());
                while state.asked.front().is_some_and(|at| *at + MINUTE <= now) {
                    state.asked.pop_front();
                }
                let is_full = state.asked.len() >= MAX_REQUESTS;
                let full = state.asked.front().filter(|_| is_full).map(|first| *first + MINUTE);
                match full.max(state.blocked.filter(|until| now < *until)) {
                    Some(until) => until,
                    None => {
                        state.asked.push_back(now);
                        return Ok(());
                    }
                }
            };
            if wait_until >= deadline {
                let message = "the token endpoint allows ten requests per minute and no more before the deadline";
                let wait = wait_until.saturating_duration_since(Instant::now());
                return Err(Error::new(ErrorKind::RateLimited, message).retry_in(wait).final_after(0));
            }
            tracing::debug!("waiting before the next token request");
            tokio::time::sleep_until(wait_until).await;
        }
    }

    fn headers(&self) -> Result<HeaderMap> {
        let pair = format!("{}:{}", self.id, self.secret.expose_secret());
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let mut basic = HeaderValue::try_from(basic)
            .map_err(|_| Error::new(ErrorKind::InvalidInput, "cannot send service account credentials"))?;
        basic.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, basic);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        Ok(headers)
    }
}

impl State {
    fn usable(&self, now: Instant) -> Option<Arc<Token>> {
        self.token.clone().filter(|token| now < token.unusable_at)
    }
}

/// The stored token, unless it was refused or must be renewed.
fn stored(store: &Store, refused: Option<&Arc<Token>>) -> Option<Token> {
    let Stored { token, lifetime, left } = store.read()?;
    let now = Instant::now();
    let token = Token::new(token, Duration::from_secs(lifetime), left, now).ok()?;
    let refused = refused.is_some_and(|refused| refused.header == token.header);
    (!refused && now < token.renew_at).then_some(token)
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: SecretString,
    expires_in: Option<u64>,
}

#[cfg(test)]
mod tests;
