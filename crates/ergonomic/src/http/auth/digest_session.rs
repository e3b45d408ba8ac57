//! One nonce and the values computed from it: the `Authorization` values of RFC 7616 and its predecessors.
//!
//! Values common to all requests are computed once. The client's nonce (`cnonce`) is random for each nonce of the
//! service. A count is never used twice.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use base64::Engine as _;
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::{
    http::auth::challenge::{Algorithm, Challenge},
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// A nonce, and its count.
pub(super) struct Session {
    challenge: Challenge,
    cnonce: String,
    /// The last count of the nonce. All sessions of one nonce share it.
    count: Arc<AtomicU32>,
    /// Hash of user and password, as sensitive as the password.
    secret: SecretString,
    /// The constant part of the value.
    opening: String,
}

impl Session {
    pub(super) fn new(challenge: Challenge, user: &str, password: &str, count: Arc<AtomicU32>) -> Result<Self> {
        let mut cnonce = [0_u8; 16];
        getrandom::fill(&mut cnonce).map_err(|source| {
            Error::new(ErrorKind::Authentication, "cannot sign request: no random numbers for digest")
                .with_source(source)
        })?;
        let cnonce = base64::engine::general_purpose::STANDARD_NO_PAD.encode(cnonce);
        Ok(Session { count, ..Self::with_cnonce(challenge, user, password, cnonce) })
    }

    fn with_cnonce(challenge: Challenge, user: &str, password: &str, cnonce: String) -> Self {
        let hash = |parts: &[&str]| hash(challenge.algorithm, parts);
        let Challenge { realm, nonce, .. } = &challenge;
        let plain = hash(&[user, ":", realm, ":", password]);
        let secret = if challenge.session { hash(&[&plain, ":", nonce, ":", &cnonce]) } else { plain };
        let name = if challenge.user_hash { Cow::Owned(hash(&[user, ":", realm])) } else { Cow::Borrowed(user) };
        let mut opening =
            format!("Digest username=\"{}\", realm=\"{}\", nonce=\"{}\"", quoted(&name), quoted(realm), quoted(nonce));
        // A service that named no algorithm may not accept one.
        if let Some(algorithm) = &challenge.algorithm_name {
            opening += &format!(", algorithm={algorithm}");
        }
        if let Some(opaque) = &challenge.opaque {
            opening += &format!(", opaque=\"{}\"", quoted(opaque));
        }
        if challenge.qop || challenge.session {
            opening += &format!(", cnonce=\"{cnonce}\"");
        }
        if challenge.user_hash {
            opening += ", userhash=true";
        }
        opening += if challenge.qop { ", qop=auth, nc=" } else { "" };
        Session { challenge, cnonce, count: Arc::default(), secret: secret.into(), opening }
    }

    /// Whether it is of this challenge's nonce.
    pub(super) fn is_of(&self, challenge: &Challenge) -> bool {
        self.challenge.nonce == challenge.nonce
    }

    /// The `Authorization` value of the next request, which is this one.
    pub(super) fn sign(&mut self, method: &str, uri: &str) -> String {
        let count = self.count.fetch_add(1, Relaxed) + 1;
        let Session { challenge, cnonce, secret, .. } = self;
        let hash = |parts: &[&str]| hash(challenge.algorithm, parts);
        let (count, what, secret) = (format!("{count:08x}"), hash(&[method, ":", uri]), secret.expose_secret());
        let nonce = &challenge.nonce;
        let response = match challenge.qop {
            true => hash(&[secret, ":", nonce, ":", &count, ":", cnonce, ":auth:", &what]),
            false => hash(&[secret, ":", nonce, ":", &what]),
        };
        let count = if challenge.qop { count.as_str() } else { "" };
        [&*self.opening, count, ", uri=\"", &quoted(uri), "\", response=\"", &response, "\""].concat()
    }
}

fn hash(algorithm: Algorithm, parts: &[&str]) -> String {
    match algorithm {
        Algorithm::Md5 => hexadecimal::<Md5>(parts),
        Algorithm::Sha256 => hexadecimal::<Sha256>(parts),
    }
}

fn hexadecimal<D: Digest>(parts: &[&str]) -> String {
    let hash = parts.iter().fold(D::new(), |hash, part| hash.chain_update(part)).finalize();
    // Formatting each byte would cost ten times as much as the hash.
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn quoted(text: &str) -> Cow<'_, str> {
    // Byte-wise: searching characters would cost more than the hashes.
    match text.bytes().any(|byte| matches!(byte, b'\\' | b'"')) {
        true => text.replace('\\', "\\\\").replace('"', "\\\"").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::auth::digest::tests::challenge;

    /// RFC 7616, section 3.9.1, computes its example with both algorithms.
    #[test]
    fn digest_matches_rfc_7616_examples() {
        for (algorithm, expected) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let challenge = challenge(&format!(
                r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
            ));
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".to_owned();
            let mut session = Session::with_cnonce(challenge, "Mufasa", "Circle of Life", cnonce);
            let value = session.sign("GET", "/dir/index.html");
            assert!(value.contains(&format!("response=\"{expected}\"")), "{value}");
            assert!(value.contains("nc=00000001") && value.contains(&format!("algorithm={algorithm}")), "{value}");
        }
    }

    /// RFC 2617, section 3.5, and RFC 2069's form of the same without `qop`.
    #[test]
    fn digest_matches_rfc_2069_and_2617_forms() {
        let signed = |more: &str| {
            let directives = r#"realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#;
            let challenge = challenge(&format!("Digest {directives}{more}"));
            let mut session = Session::with_cnonce(challenge, "Mufasa", "Circle Of Life", "0a4f113b".to_owned());
            session.sign("GET", "/dir/index.html")
        };
        let with_qop = signed(", qop=\"auth\"");
        assert!(with_qop.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{with_qop}");
        let without = signed("");
        assert!(without.contains("response=\"670fd8c2df070c60b045671b8b24ff02\""), "{without}");
        assert!(!without.contains("nc=") && !without.contains("algorithm="), "{without}");
    }

    /// RFC 7616, section 3.4.2: the secret of a session includes the nonces of both sides and is constant.
    #[test]
    fn session_algorithm_keeps_its_first_secret() {
        let challenge = challenge(r#"Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess"#);
        let mut session = Session::with_cnonce(challenge, "u", "p", "c".to_owned());
        let md5 = |parts: &[&str]| hash(Algorithm::Md5, parts);
        let secret = md5(&[&md5(&["u:r:p"]), ":n:c"]);
        for count in ["00000001", "00000002"] {
            let expected = md5(&[&secret, ":n:", count, ":c:auth:", &md5(&["GET:/"])]);
            let value = session.sign("GET", "/");
            assert!(value.contains(&expected) && value.contains("algorithm=MD5-sess"), "{value}");
        }
    }
}
