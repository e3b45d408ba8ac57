//! Parses `WWW-Authenticate`: a list of challenges with quoted strings that may contain commas.
//!
//! Unknown directives are ignored. A challenge that is not supported (another scheme, an unknown algorithm, no nonce,
//! only `auth-int`) is skipped, not an error.

use http::{HeaderMap, header};

/// A supported digest challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) realm: String,
    pub(crate) nonce: String,
    pub(crate) opaque: Option<String>,
    pub(crate) algorithm: Algorithm,
    /// The algorithm in the service's spelling.
    pub(crate) algorithm_name: Option<String>,
    /// Whether it is a `-sess` variant.
    pub(crate) session: bool,
    /// Whether `qop=auth` is offered. Without it the old form of RFC 2069 is used.
    pub(crate) qop: bool,
    pub(crate) user_hash: bool,
    /// Whether only the nonce was wrong, not the key.
    pub(crate) stale: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Algorithm {
    Md5,
    Sha256,
}

impl Challenge {
    /// The strongest supported challenge, and the first of equal ones.
    pub(crate) fn strongest(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(header::WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let mut best: Option<Challenge> = None;
        for challenge in values.flat_map(challenges) {
            if best.as_ref().is_none_or(|b| b.algorithm < challenge.algorithm) {
                best = Some(challenge);
            }
        }
        best
    }

    fn from_directives(directives: &[(String, String)]) -> Option<Self> {
        let get = |name: &str| directives.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let algorithm_name = get("algorithm");
        let lower = algorithm_name.as_deref().unwrap_or("md5").to_ascii_lowercase();
        let (base, session) = lower.strip_suffix("-sess").map_or((lower.as_str(), false), |base| (base, true));
        let algorithm = match base {
            "md5" => Algorithm::Md5,
            "sha-256" => Algorithm::Sha256,
            _ => return None,
        };
        let qop = match get("qop") {
            Some(offered) if offered.split(',').any(|q| q.trim().eq_ignore_ascii_case("auth")) => true,
            Some(_) => return None,
            None => false,
        };
        let is_true = |name: &str| get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Some(Challenge {
            realm: get("realm")?,
            nonce: get("nonce")?,
            opaque: get("opaque"),
            algorithm,
            algorithm_name,
            session,
            qop,
            user_hash: is_true("userhash"),
            stale: is_true("stale"),
        })
    }
}

/// The digest challenges of one header value.
fn challenges(value: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut scheme = String::new();
    let mut directives = Vec::new();
    let mut finish = |scheme: &str, directives: &mut Vec<(String, String)>| {
        let directives = std::mem::take(directives);
        if scheme.eq_ignore_ascii_case("digest") {
            found.extend(Challenge::from_directives(&directives));
        }
    };
    for part in split_outside_quotes(value) {
        let part = part.trim();
        // `Digest realm="x"` begins a challenge: two words before the first `=`.
        let head = part.split_once('=').map_or(part, |(name, _)| name).trim_end();
        let directive = match head.split_once(char::is_whitespace) {
            Some((new_scheme, _)) => {
                finish(&scheme, &mut directives);
                scheme = new_scheme.to_owned();
                part[new_scheme.len()..].trim_start()
            }
            None if !part.contains('=') => {
                finish(&scheme, &mut directives);
                scheme = part.to_owned();
                continue;
            }
            None => part,
        };
        if let Some((name, value)) = directive.split_once('=') {
            directives.push((name.trim().to_ascii_lowercase(), unquoted(value.trim())));
        }
    }
    finish(&scheme, &mut directives);
    found
}

/// Splits at commas outside of quoted strings.
fn split_outside_quotes(value: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&value[start..]);
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').map(|v| v.strip_suffix('"').unwrap_or(v)) else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::WWW_AUTHENTICATE, value.parse().expect("a value"));
        }
        Challenge::strongest(&headers)
    }

    #[test]
    fn challenge_of_atlas_is_parsed() {
        let challenge = read(&[
            r#"Digest realm="MMS Public API", domain="", nonce="n0nce=", algorithm=MD5, qop="auth", stale=false"#,
        ])
        .expect("a challenge");
        assert_eq!((challenge.realm.as_str(), challenge.nonce.as_str()), ("MMS Public API", "n0nce="));
        assert_eq!((challenge.algorithm, challenge.session, challenge.qop), (Algorithm::Md5, false, true));
    }

    #[test]
    fn challenge_keeps_quoted_commas_and_quotes() {
        let challenge =
            read(&[r#"Digest realm="a, b=\"c\", Basic d", qop="auth,auth-int", nonce="x,y""#]).expect("a challenge");
        assert_eq!((challenge.realm.as_str(), challenge.nonce.as_str()), (r#"a, b="c", Basic d"#, "x,y"));
        assert!(challenge.qop);
    }

    #[test]
    fn challenge_ignores_unknown_directives_and_case() {
        let challenge = read(&[r#"DIGEST Realm="r", NONCE="n", QOP=auth, flavour=mint, charset=UTF-8, tail"#]);
        assert_eq!(challenge.expect("a challenge").nonce, "n");
    }

    #[test]
    fn strongest_challenge_is_selected() {
        let md5 = r#"Digest realm="r", nonce="weak", algorithm=MD5, qop="auth""#;
        let sha = r#"Digest realm="r", nonce="strong", algorithm=SHA-256, qop="auth""#;
        let beyond = r#"Digest realm="r", nonce="beyond", algorithm=SHA-512-256, qop="auth""#;
        for values in [&[md5, sha, beyond][..], &[sha, md5], &[&format!("Basic realm=\"b\", {md5}, {sha}")]] {
            assert_eq!(read(values).expect("a challenge").nonce, "strong");
        }
    }

    proptest::proptest! {
        #[test]
        fn challenge_parser_never_panics(value in "(Digest |Basic |[a-z]{0,6}|=|,|\"|\\\\| ){0,24}") {
            let _read = challenges(&value);
        }
    }

    #[test]
    fn unsupported_challenge_is_skipped() {
        for value in [
            "Basic realm=\"r\"",
            "Negotiate",
            "Bearer",
            r#"Digest realm="r", nonce="n", qop="auth-int""#,
            r#"Digest realm="r", qop="auth""#,
            r#"Digest realm="r", nonce="n", algorithm=whirl"#,
            "",
            "Digest",
            "\"",
        ] {
            assert_eq!(read(&[value]), None, "{value}");
        }
    }
}
