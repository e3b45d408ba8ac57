//! How many requests each endpoint set takes. The numbers are the service's present defaults; it promises none of them.

use std::collections::HashMap;

/// How many requests an endpoint set takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests at once from a full bucket.
    pub capacity: u32,
    /// Requests added in each period.
    pub refill: u32,
    /// The period in seconds.
    pub refill_seconds: u32,
}

impl RateLimit {
    /// What the service grants to an endpoint set unless told otherwise.
    fn default_of(tag: &str) -> Self {
        let (capacity, refill) = match tag {
            TOKENS => (10, 10),
            "Clusters" => (10_000, 5_000),
            "Shared-Tier Snapshots" | "Shared-Tier Restore Jobs" => (4_000, 2_000),
            _ => (1_200, 500),
        };
        Self { capacity, refill, refill_seconds: 60 }
    }
}

/// The limits of all endpoint sets.
#[derive(Debug)]
pub(crate) struct RateLimits {
    /// Whether requests are counted at all.
    pub(crate) enforced: bool,
    /// Those that differ from the defaults.
    pub(crate) chosen: HashMap<String, RateLimit>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { enforced: true, chosen: HashMap::new() }
    }
}

impl RateLimits {
    /// The limit of the endpoint set that holds the operations tagged `tag`.
    pub(crate) fn of(&self, tag: &str) -> RateLimit {
        self.chosen.get(tag).copied().unwrap_or_else(|| RateLimit::default_of(tag))
    }
}

/// The endpoint set of the token endpoint, where an account takes the place of the project.
pub(crate) const TOKENS: &str = "OAuth Tokens";
