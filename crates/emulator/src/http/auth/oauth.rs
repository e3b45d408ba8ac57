//! Service accounts: issuing and revoking tokens, and checking bearer tokens.
//!
//! A token is a JWT signed with the key of this instance. Clients may read it. It is valid if its signature is correct,
//! it has not expired and it is among the live tokens. An account has at most a hundred live tokens; the oldest is
//! dropped. A rate limit applies to token requests, low enough to expose a client that requests a token for every call.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::{
    domain::{
        error::ApiError,
        roles::Access,
        secret::{Secret, random_hex},
    },
    http::auth::jwt::Key,
};

/// Lifetime of a token in seconds.
pub(crate) const TOKEN_LIFE_SECONDS: i64 = 3600;
const MAX_TOKENS: usize = 100;

/// The service accounts and their live tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    accounts: HashMap<String, (Secret, Arc<Access>)>,
    key: Key,
    live: Mutex<VecDeque<Token>>,
}

/// A token by its id (`jti`), which is not secret without the signature.
#[derive(Debug)]
struct Token {
    id: String,
    account: String,
    expires: DateTime<Utc>,
}

impl Tokens {
    pub(crate) fn add(&mut self, account: String, secret: Secret, access: Access) {
        self.accounts.insert(account, (secret, Arc::new(access)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The account whose id and secret are in the Basic header or, without one, in the form. Some clients form-encode
    /// them in the header.
    pub(crate) fn account(&self, headers: &HeaderMap, form: impl Fn(&str) -> Option<String>) -> Option<&str> {
        if !headers.contains_key(header::AUTHORIZATION) {
            let (id, secret) = (form("client_id")?, form("client_secret")?);
            return self.find_account(&id, &secret);
        }
        let sent = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, encoded) = sent.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (id, secret) = decoded.split_once(':')?;
        let plain = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        self.find_account(id, secret).or_else(|| self.find_account(&plain(id), &plain(secret)))
    }

    fn find_account(&self, id: &str, secret: &str) -> Option<&str> {
        let (account, (right, _)) = self.accounts.get_key_value(id)?;
        right.matches(secret).then_some(account.as_str())
    }

    /// A new token for `account`.
    ///
    /// # Errors
    /// Returns an error if the operating system has no random numbers.
    pub(crate) fn issue(&self, account: &str, now: DateTime<Utc>) -> Result<String, getrandom::Error> {
        let id = random_hex(16)?;
        let expires = now + TimeDelta::seconds(TOKEN_LIFE_SECONDS);
        let token = self.key.sign(&json!({
            "iss": "atlas-backup-emulator",
            "sub": account,
            "aud": "api://access_token",
            "cid": account,
            "jti": id,
            "iat": now.timestamp(),
            "exp": expires.timestamp(),
        }))?;
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|token| now < token.expires);
        if live.iter().filter(|token| token.account == account).count() >= MAX_TOKENS
            && let Some(oldest) = live.iter().position(|token| token.account == account)
        {
            live.remove(oldest);
        }
        live.push_back(Token { id, account: account.to_owned(), expires });
        Ok(token)
    }

    /// Revokes a token of `account`. An unknown token counts as revoked.
    pub(crate) fn revoke(&self, account: &str, token: &str) {
        let Some(claims) = self.key.verify(token) else { return };
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|token| !(token.account == account && claims["jti"] == token.id.as_str()));
    }

    /// The access of a live token.
    ///
    /// # Errors
    /// 401 if it is unknown, expired or revoked.
    pub(crate) fn admit(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Access>, ApiError> {
        let access = self.key.verify(token).and_then(|claims| {
            let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            let token = live.iter().find(|token| claims["jti"] == token.id.as_str() && now < token.expires)?;
            self.accounts.get(&token.account).map(|(_, access)| Arc::clone(access))
        });
        access.ok_or_else(|| ApiError::unauthorized(r#"Bearer error="invalid_token""#))
    }
}
