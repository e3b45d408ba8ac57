//! The stored half of SCRAM-SHA-256 (RFC 5802, RFC 7677): keys made from a password, and proofs checked with them. A
//! stored key does not reveal the password.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::domain::{database_users::ScramKeys, secret::constant_time_eq};

/// As in the server.
const ITERATIONS: u32 = 15_000;

type Bytes = [u8; 32];

impl ScramKeys {
    /// Keys of a password with a new salt. `None` if the password has characters that SCRAM forbids, or without random
    /// numbers.
    pub(crate) fn new(password: &str) -> Option<Self> {
        let mut salt = [0; 28];
        getrandom::fill(&mut salt).ok()?;
        Self::with_salt(password, &salt, ITERATIONS)
    }

    fn with_salt(password: &str, salt: &[u8], iterations: u32) -> Option<Self> {
        let password = stringprep::saslprep(password).ok()?;
        let salted: Bytes = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt, iterations);
        let client_key = hmac(&salted, b"Client Key");
        Some(Self {
            salt: STANDARD.encode(salt),
            iterations,
            stored_key: STANDARD.encode(Sha256::digest(client_key)),
            server_key: STANDARD.encode(hmac(&salted, b"Server Key")),
        })
    }

    /// The signature of the server, if the proof of the client, in base64, shows that it knows the password.
    pub(crate) fn verify(&self, exchange: &[u8], proof: &str) -> Option<String> {
        let stored_key = STANDARD.decode(&self.stored_key).ok()?;
        let server_key = STANDARD.decode(&self.server_key).ok()?;
        let proof = STANDARD.decode(proof).ok().filter(|proof| proof.len() == 32)?;
        let signature = hmac(&stored_key, exchange);
        let client_key: Vec<u8> = signature.iter().zip(proof).map(|(signed, proof)| signed ^ proof).collect();
        let known = constant_time_eq(&Sha256::digest(client_key), &stored_key);
        known.then(|| STANDARD.encode(hmac(&server_key, exchange)))
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Bytes {
    // A key of any length is accepted.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Bytes::default() };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677.
    #[test]
    fn proof_and_signature_are_those_of_the_standard() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let keys = ScramKeys::with_salt("pencil", &salt, 4096).unwrap();
        let exchange = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
             r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
             c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let signature = keys.verify(exchange.as_bytes(), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assert_eq!(signature.as_deref(), Some("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        assert_eq!(keys.verify(exchange.as_bytes(), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVE="), None);
        assert_eq!(keys.verify(exchange.as_bytes(), "not base64"), None);
    }
}
