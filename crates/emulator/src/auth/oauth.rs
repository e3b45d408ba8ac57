//! Service accounts: tokens for a client id and secret, their revocation, and the check of a bearer token.
//!
//! An account has a hundred live tokens at most; the oldest makes room. How often it may ask for one is a rate limit like
//! the others, tight enough that a client which asks with every call is found out here.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

use super::{Secret, unguessable};
use crate::errors::ApiError;

/// Seconds that a token lives.
pub(crate) const TOKEN_LIFE_SECONDS: i64 = 3600;
const ALIVE: usize = 100;

/// The service accounts and their live tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    accounts: HashMap<String, Secret>,
    live: Mutex<VecDeque<Token>>,
}

struct Token {
    value: Secret,
    account: String,
    expires: DateTime<Utc>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("account", &self.account).field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Tokens {
    pub(crate) fn add(&mut self, account: String, secret: Secret) {
        self.accounts.insert(account, secret);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The account whose id and secret the Basic header holds, or where there is none, the form. Clients differ in whether
    /// they form-encode the two in the header.
    pub(crate) fn account(&self, headers: &HeaderMap, form: impl Fn(&str) -> Option<String>) -> Option<&str> {
        if !headers.contains_key(header::AUTHORIZATION) {
            let (id, secret) = (form("client_id")?, form("client_secret")?);
            return self.known(&id, &secret);
        }
        let sent = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, encoded) = sent.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (id, secret) = decoded.split_once(':')?;
        let plain = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        self.known(id, secret).or_else(|| self.known(&plain(id), &plain(secret)))
    }

    fn known(&self, id: &str, secret: &str) -> Option<&str> {
        let (account, right) = self.accounts.get_key_value(id)?;
        right.is(secret).then_some(account.as_str())
    }

    /// A new token for `account`.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub(crate) fn issue(&self, account: &str, now: DateTime<Utc>) -> Result<String, getrandom::Error> {
        let value = unguessable(32)?;
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|token| now < token.expires);
        if live.iter().filter(|token| token.account == account).count() >= ALIVE
            && let Some(oldest) = live.iter().position(|token| token.account == account)
        {
            live.remove(oldest);
        }
        let expires = now + TimeDelta::seconds(TOKEN_LIFE_SECONDS);
        live.push_back(Token { value: Secret::new(value.as_str()), account: account.to_owned(), expires });
        Ok(value)
    }

    /// Ends a token of `account`; one that is not there is as good as ended.
    pub(crate) fn revoke(&self, account: &str, value: &str) {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|token| !(token.account == account && token.value.is(value)));
    }

    /// Lets a live token pass.
    pub(crate) fn admit(&self, value: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if live.iter().any(|token| token.value.is(value) && now < token.expires) {
            return Ok(());
        }
        Err(ApiError::unauthorized(r#"Bearer error="invalid_token""#))
    }
}
