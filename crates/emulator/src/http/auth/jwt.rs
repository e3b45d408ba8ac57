//! JSON Web Tokens signed with HMAC-SHA256 (RFC 7519). The issuer is the only verifier.
//!
//! The header is fixed and compared as a whole, so a token cannot select another algorithm. The key is random, created
//! with the first token, and never leaves this module.

use std::{fmt, sync::OnceLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The key of one emulator instance.
#[derive(Default)]
pub(crate) struct Key(OnceLock<[u8; 32]>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(key)")
    }
}

impl Key {
    /// A token with `claims`.
    ///
    /// # Errors
    /// Returns an error if the operating system has no random numbers.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, getrandom::Error> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh)?;
        let key = self.0.get_or_init(|| fresh);
        let signed = format!("{}.{}", encode(HEADER.as_bytes()), encode(claims.to_string().as_bytes()));
        let signature = mac(key, &signed).map(|mac| mac.finalize().into_bytes());
        Ok(format!("{signed}.{}", signature.map_or_else(String::new, |bytes| encode(&bytes))))
    }

    /// The claims of a token signed with this key. `None` for other text. Compares in constant time.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        mac(self.0.get()?, signed)?.verify_slice(&signature).ok()?;
        (header == encode(HEADER.as_bytes())).then_some(())?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn mac(key: &[u8; 32], text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn jwt_with_foreign_signature_is_rejected() {
        let (key, other) = (Key::default(), Key::default());
        let token = key.sign(&json!({"sub": "me"})).unwrap();
        other.sign(&json!({})).unwrap();
        assert_eq!(key.verify(&token), Some(json!({"sub": "me"})));
        assert_eq!(other.verify(&token), None);
        assert_eq!(Key::default().verify(&token), None);
        let (signed, _) = token.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let unsigned = encode(br#"{"alg":"none","typ":"JWT"}"#);
        let louder = encode(br#"{"sub":"you"}"#);
        for forged in [
            format!("{signed}."),
            format!("{unsigned}.{claims}."),
            format!("{header}.{louder}.{}", token.rsplit_once('.').unwrap().1),
            signed.to_owned(),
            String::new(),
            "..".to_owned(),
        ] {
            assert_eq!(key.verify(&forged), None, "{forged}");
        }
    }
}
