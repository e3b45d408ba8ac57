//! Rate limits: one token bucket per endpoint set and project.
//!
//! Buckets refill by the unscaled clock, because a client waits in real time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::domain::{error::ApiError, rate_limits::RateLimits, refusals::RATE_LIMITED_TOKEN_BUCKET};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");

/// Maximum number of buckets. Full ones are dropped first.
const MAX_BUCKETS: usize = 10_000;

/// All buckets.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) rates: RateLimits,
    buckets: Mutex<HashMap<(String, String), Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    seen: DateTime<Utc>,
}

/// Rate limit headers of a granted request: the limit and the remaining requests. Empty without limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RateLimitHeaders(Option<(u32, u32)>);

impl RateLimitHeaders {
    pub(crate) fn announce(self, headers: &mut HeaderMap) {
        if let Some((limit, remaining)) = self.0 {
            headers.insert(LIMIT, HeaderValue::from(limit));
            headers.insert(REMAINING, HeaderValue::from(remaining));
        }
    }
}

impl Limits {
    pub(crate) fn new(rates: RateLimits) -> Self {
        Self { rates, buckets: Mutex::default() }
    }

    /// Refills all buckets.
    pub(crate) fn refill(&self) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes one request of `path` from the bucket of `tag` and `project`.
    ///
    /// # Errors
    /// 429 with the seconds to wait, if the bucket is empty.
    pub(crate) fn take(
        &self,
        tag: &str,
        project: &str,
        path: &str,
        now: DateTime<Utc>,
    ) -> Result<RateLimitHeaders, ApiError> {
        if !self.rates.enforced {
            return Ok(RateLimitHeaders(None));
        }
        let limit = self.rates.of(tag);
        let capacity = f64::from(limit.capacity);
        let per_second = f64::from(limit.refill) / f64::from(limit.refill_seconds.max(1));
        let filled = |bucket: &Bucket| {
            let elapsed = (now - bucket.seen).as_seconds_f64().max(0.0);
            (bucket.tokens + elapsed * per_second).min(capacity)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| filled(bucket) < capacity);
        }
        let key = (tag.to_owned(), project.to_owned());
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: capacity, seen: now });
        *bucket = Bucket { tokens: filled(bucket), seen: now };
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(RateLimitHeaders(Some((limit.capacity, bucket.tokens as u32))));
        }
        let wait = if per_second > 0.0 { ((1.0 - bucket.tokens) / per_second).ceil().max(1.0) } else { 3600.0 } as u32;
        drop(buckets);
        let detail = format!("Too many requests to {path}; wait {wait} s.");
        let parameters = [limit.capacity, limit.refill, limit.refill_seconds];
        let error = RATE_LIMITED_TOKEN_BUCKET.error(detail);
        let error = parameters.into_iter().fold(error.parameter(path).parameter(wait), ApiError::parameter);
        Err(error.header(header::RETRY_AFTER, wait).header(LIMIT, limit.capacity).header(REMAINING, 0u32))
    }
}
