//! Rate limit of each endpoint set. The numbers are the service's current defaults, which it does not guarantee.

use std::collections::HashMap;

/// Rate limit of an endpoint set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in a burst from a full bucket.
    pub capacity: u32,
    /// Requests added in each period.
    pub refill: u32,
    /// The period in seconds.
    pub refill_seconds: u32,
}

impl RateLimit {
    /// Default limit of an endpoint set.
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
    /// Whether limits are enforced.
    pub(crate) enforced: bool,
    /// Limits that differ from the defaults.
    pub(crate) chosen: HashMap<String, RateLimit>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { enforced: true, chosen: HashMap::new() }
    }
}

impl RateLimits {
    /// The limit of the endpoint set for the tag `tag`.
    pub(crate) fn of(&self, tag: &str) -> RateLimit {
        self.chosen.get(tag).copied().unwrap_or_else(|| RateLimit::default_of(tag))
    }
}

/// The endpoint set of the token endpoint. It is counted per account instead of per project.
pub(crate) const TOKENS: &str = "OAuth Tokens";
