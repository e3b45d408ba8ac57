//! What makes a download's URL impossible to guess.
//!
//! Whoever has the URL may fetch the archive without signing in, as with a URL that a storage service signs. So the key is
//! a secret: it is in no log, and it is compared in constant time.

use serde::{Deserialize, Serialize};

use crate::domain::{
    error::ApiError,
    ids::ObjectId,
    refusals::UNEXPECTED_ERROR,
    secret::{constant_time_eq, random_hex},
};

/// Below this path are all archives.
pub(crate) const PREFIX: &str = "/download/";
/// Random bytes of a key.
const BYTES: usize = 16;

/// The secret part of a download's URL. The default one opens nothing.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct LinkKey(String);

impl LinkKey {
    /// A new key.
    ///
    /// # Errors
    /// 500 where the system has no random numbers.
    pub(crate) fn new() -> Result<Self, ApiError> {
        random_hex(BYTES).map(Self).map_err(|_| {
            let detail = "No random number was to be had.";
            UNEXPECTED_ERROR.error(detail)
        })
    }

    /// The path and query of the archive `name` of `job`.
    pub(crate) fn path(&self, job: ObjectId, name: &str) -> String {
        format!("{}{job}/{name}.tar.gz?key={}", PREFIX, self.0)
    }

    /// Whether this is the key that a request shows.
    pub(crate) fn matches(&self, shown: &str) -> bool {
        !self.0.is_empty() && constant_time_eq(self.0.as_bytes(), shown.as_bytes())
    }

    /// What tells this download from all others.
    pub(crate) fn key(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(…)")
    }
}
