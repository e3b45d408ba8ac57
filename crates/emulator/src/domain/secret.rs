//! Secrets: compared in constant time and never shown, and random unguessable ones.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// A secret that can be compared but not shown, and that is erased when it is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Secret(SecretString);

impl Secret {
    pub(crate) fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(crate) fn matches(&self, other: &str) -> bool {
        constant_time_eq(self.expose().as_bytes(), other.as_bytes())
    }
}

/// Compares without leaking the position of the first difference through timing.
pub(crate) fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// A random hexadecimal string of `bytes` bytes, for nonces and tokens.
///
/// # Errors
/// Returns an error if the operating system has no random numbers.
pub(crate) fn random_hex(bytes: usize) -> Result<String, getrandom::Error> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
