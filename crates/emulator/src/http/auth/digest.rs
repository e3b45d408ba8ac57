//! HTTP digest with MD5 and `qop=auth`, with the challenge of the service.
//!
//! A nonce serves many requests with different counts. Zero and reused counts are refused. Concurrent requests may
//! arrive out of order, so used counts are kept in a window behind the highest one.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use md5::{Digest as _, Md5};

use crate::domain::{
    error::ApiError,
    roles::Access,
    secret::{Secret, constant_time_eq, random_hex},
};

const REALM: &str = "MMS Public API";
const NONCE_LIFE: TimeDelta = TimeDelta::minutes(5);
/// Maximum number of nonces. The oldest are dropped.
const MAX_NONCES: usize = 10_000;
/// Maximum distance of a count from the highest one.
const WINDOW: u64 = 128;

/// The API keys and the issued nonces.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    keys: HashMap<String, (Secret, Arc<Access>)>,
    nonces: Mutex<Nonces>,
}

#[derive(Debug, Default)]
struct Nonces {
    issued: HashMap<String, Nonce>,
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Nonce {
    at: DateTime<Utc>,
    highest: u64,
    /// Bit n: the count `highest - n` was used.
    used: u128,
}

/// Reason of a rejection, which decides the next challenge.
enum Rejection {
    /// Valid except for the nonce: retry with a new one.
    Stale,
    Wrong,
}

impl Digest {
    pub(crate) fn add(&mut self, public: String, private: Secret, access: Access) {
        self.keys.insert(public, (private, Arc::new(access)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The access of a request with valid credentials.
    ///
    /// # Errors
    /// 401 with a challenge.
    pub(crate) fn admit(
        &self,
        method: &Method,
        target: &str,
        offered: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Access>, ApiError> {
        let refusal = match offered.map(|o| self.check(method, target, &parse(o), now)) {
            Some(Ok(access)) => return Ok(access),
            Some(Err(refusal)) => refusal,
            None => Rejection::Wrong,
        };
        Err(self.challenge(matches!(refusal, Rejection::Stale), now))
    }

    /// A 401 with a new nonce.
    fn challenge(&self, stale: bool, now: DateTime<Utc>) -> ApiError {
        let Ok(nonce) = random_hex(16) else {
            tracing::error!("the operating system has no random numbers");
            return ApiError::unauthorized("Digest");
        };
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.order.len() >= MAX_NONCES
            && let Some(oldest) = nonces.order.pop_front()
        {
            nonces.issued.remove(&oldest);
        }
        nonces.order.push_back(nonce.clone());
        nonces.issued.insert(nonce.clone(), Nonce { at: now, highest: 0, used: 0 });
        ApiError::unauthorized(&format!(
            r#"Digest realm="{REALM}", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale={stale}"#
        ))
    }

    fn check(
        &self,
        method: &Method,
        target: &str,
        offered: &HashMap<String, String>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Access>, Rejection> {
        let value = |name: &str| offered.get(name).map_or("", String::as_str);
        let known_form = value("realm") == REALM
            && value("qop") == "auth"
            && ["", "MD5"].contains(&value("algorithm"))
            && value("uri") == target;
        let count = u64::from_str_radix(value("nc"), 16).ok().filter(|n| *n > 0 && value("nc").len() <= 8);
        let (Some(count), true) = (count, known_form) else { return Err(Rejection::Wrong) };
        let username = value("username");
        // An unknown user takes as long as a known one.
        let unknown = Secret::new("");
        let known = self.keys.get(username);
        let private = known.map_or(&unknown, |(private, _)| private);
        let user = md5(&[username, REALM, private.expose()]);
        let request = md5(&[method.as_str(), value("uri")]);
        let nonce = value("nonce");
        let right = md5(&[&user, nonce, value("nc"), value("cnonce"), "auth", &request]);
        let fits = constant_time_eq(right.as_bytes(), value("response").to_ascii_lowercase().as_bytes());
        let Some((_, access)) = known.filter(|_| fits) else { return Err(Rejection::Wrong) };
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let nonce = nonces.issued.get_mut(nonce).filter(|n| now - n.at < NONCE_LIFE);
        if nonce.is_some_and(|n| n.count(count)) { Ok(Arc::clone(access)) } else { Err(Rejection::Stale) }
    }
}

impl Nonce {
    /// Marks `count` as used. Returns false if it was used before or is outside the window.
    fn count(&mut self, count: u64) -> bool {
        if count > self.highest {
            let ahead = count - self.highest;
            self.used = if ahead < WINDOW { self.used << ahead } else { 0 } | 1;
            self.highest = count;
            return true;
        }
        let behind = self.highest - count;
        let fresh = behind < WINDOW && self.used & (1 << behind) == 0;
        if fresh {
            self.used |= 1 << behind;
        }
        fresh
    }
}

/// The fields of a digest header. A quoted value may contain commas and escaped quotes.
fn parse(header: &str) -> HashMap<String, String> {
    let mut fields = HashMap::new();
    let mut rest = header.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches(|c: char| c == ',' || c.is_whitespace()).to_ascii_lowercase();
        let mut value = String::new();
        if let Some(quoted) = after.strip_prefix('"') {
            let mut chars = quoted.char_indices();
            let mut end = quoted.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => value.extend(chars.next().map(|(_, c)| c)),
                    c => value.push(c),
                }
            }
            rest = &quoted[end..];
        } else {
            let (bare, after) = after.split_once(',').unwrap_or((after, ""));
            value.push_str(bare.trim());
            rest = after;
        }
        fields.insert(name, value);
    }
    fields
}

/// MD5 of the parts joined by colons, in hexadecimal.
fn md5(parts: &[&str]) -> String {
    let digest = Md5::digest(parts.join(":"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_parser_accepts_commas_and_quotes_in_values() {
        let fields = parse(r#"username="a, \"b\"", nc=00000001,uri="/x?a=b,c", qop=auth"#);
        assert_eq!(fields["username"], r#"a, "b""#);
        assert_eq!(
            (fields["nc"].as_str(), fields["uri"].as_str(), fields["qop"].as_str()),
            ("00000001", "/x?a=b,c", "auth")
        );
    }

    #[test]
    fn digest_parser_never_panics_on_malformed_headers() {
        for odd in ["", "=", "\"", "a=\"", "a=\"\\", ",,,=,", "a=b=c", "é=\"é\\é"] {
            parse(odd);
        }
    }

    #[test]
    fn nonce_count_is_accepted_once_within_window() {
        let mut nonce = Nonce { at: DateTime::UNIX_EPOCH, highest: 0, used: 0 };
        assert!([3, 1, 2, 200].into_iter().all(|n| nonce.count(n)));
        assert!(![1, 2, 3, 200].into_iter().any(|n| nonce.count(n)));
        assert!(nonce.count(199));
        assert!(!nonce.count(199));
        assert!(!nonce.count(10), "outside the window");
    }

    #[test]
    fn digest_matches_rfc_2617_example() {
        let user = md5(&["Mufasa", "testrealm@host.com", "Circle Of Life"]);
        let request = md5(&["GET", "/dir/index.html"]);
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        let response = md5(&[&user, nonce, "00000001", "0a4f113b", "auth", &request]);
        assert_eq!(response, "6629fae49393a05397450978507c4ef1");
    }
}
