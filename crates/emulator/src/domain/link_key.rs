//! Keys that make download URLs unguessable.
//!
//! A URL grants access to the archive without authentication, like a URL signed by a storage service. The key is
//! therefore a secret: it is never logged and is compared in constant time.

use serde::{Deserialize, Serialize};

use crate::domain::{
    error::ApiError,
    ids::ObjectId,
    refusals::UNEXPECTED_ERROR,
    secret::{constant_time_eq, random_hex},
};

/// Path prefix of all archives.
pub(crate) const PREFIX: &str = "/download/";
/// Number of random bytes in a key.
const BYTES: usize = 16;

/// The secret part of a download URL. The default matches nothing.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct LinkKey(String);

impl LinkKey {
    /// A new key.
    ///
    /// # Errors
    /// 500 if the system has no random numbers.
    pub(crate) fn new() -> Result<Self, ApiError> {
        random_hex(BYTES).map(Self).map_err(|_| {
            let detail = "No random number was to be had.";
            UNEXPECTED_ERROR.error(detail)
        })
    }

    /// Path and query of the archive `name` of `job`.
    pub(crate) fn path(&self, job: ObjectId, name: &str) -> String {
        format!("{}{job}/{name}.tar.gz?key={}", PREFIX, self.0)
    }

    /// Whether the request contains this key.
    pub(crate) fn matches(&self, shown: &str) -> bool {
        !self.0.is_empty() && constant_time_eq(self.0.as_bytes(), shown.as_bytes())
    }

    /// Cache key that identifies this download.
    pub(crate) fn key(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(…)")
    }
}
