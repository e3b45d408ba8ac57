//! Stays within the service's rate limits.
//!
//! The service has a token bucket per endpoint set and project, states its level in the `RateLimit` headers, and the
//! waiting time after a 429. This module keeps a copy of each bucket, corrected by every response. Before the first
//! response only a few requests are sent. Without rate limit headers there is no limit. If a bucket is empty, calls
//! wait in order. The copy is an estimate, because others use the same bucket: it may delay a call, but only a 429 of
//! the service may fail one.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use crate::model::{
    error::{Error, Result},
    error_kind::ErrorKind,
    meta,
};
use atlas_backup_runtime::Reply;

/// Maximum number of buckets. Unused ones are dropped first.
const KEPT: usize = 4096;
/// Assumed refill of an unknown bucket, as a fraction per second. The service's defaults are 5/12 and 1/2 of the bucket
/// per minute.
const ASSUMED_INFLOW: f64 = 0.4 / 60.0;
/// Assumed capacity of an unknown bucket, after a 429 that does not state it.
const ASSUMED_CAPACITY: f64 = 1200.0;
/// Maximum number of concurrent requests while nothing is known about a bucket and its endpoint set.
const MAX_UNKNOWN_SET: u32 = 16;
/// Maximum number while nothing is known about the bucket itself.
const MAX_UNKNOWN_BUCKET: u32 = 32;
/// Maximum wait for an estimate. Then one request is sent, and its response corrects the estimate.
const MAX_GUESSED_WAIT: Duration = Duration::from_secs(2);
/// Wait after a 429 that does not state one.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

/// All buckets of a client, by project and endpoint set.
#[derive(Default)]
pub(crate) struct Limiter {
    buckets: Mutex<HashMap<Box<str>, Sets>>,
    bursts: Mutex<HashMap<&'static str, Arc<Burst>>>,
}

/// How many requests a bucket of an endpoint set may start with. The limit of a set is the same in all projects, so the
/// level of one bucket is used for the start of the next.
struct Burst(AtomicU32);

impl Default for Burst {
    fn default() -> Self {
        Burst(AtomicU32::new(MAX_UNKNOWN_SET))
    }
}

/// A project's buckets by the endpoint sets' names. There are few.
type Sets = Vec<(&'static str, Arc<Bucket>)>;

impl Limiter {
    /// The bucket of `path`, an operation of `set`.
    pub(crate) fn bucket(&self, set: &'static str, path: &str) -> Arc<Bucket> {
        let project = project(path);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sets) = buckets.get_mut(project) {
            if let Some((_, bucket)) = sets.iter().find(|(name, _)| *name == set) {
                return bucket.clone();
            }
            let bucket = self.new_bucket(set);
            sets.push((set, bucket.clone()));
            return bucket;
        }
        if buckets.len() >= KEPT {
            buckets.retain(|_, sets| sets.iter().any(|(_, bucket)| Arc::strong_count(bucket) > 1));
        }
        let bucket = self.new_bucket(set);
        buckets.insert(project.into(), vec![(set, bucket.clone())]);
        bucket
    }

    fn new_bucket(&self, set: &'static str) -> Arc<Bucket> {
        let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::new(Bucket { burst: bursts.entry(set).or_default().clone(), ..Bucket::default() })
    }
}

/// The project in a path. Empty if it names none: such calls are counted together.
pub(super) fn project(path: &str) -> &str {
    let mut segments = path.split('/').skip_while(|segment| *segment != "groups");
    segments.nth(1).unwrap_or_default()
}

/// The copy of one of the service's buckets.
#[derive(Default)]
pub(crate) struct Bucket {
    /// Held by the task that waits for a token. The others queue in order.
    turn: tokio::sync::Mutex<()>,
    /// Notified of every response.
    reported: tokio::sync::Notify,
    burst: Arc<Burst>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether there was a response that could state a limit.
    known: bool,
    /// The level at `at`. `None` before the service has stated it.
    level: Option<(f64, Instant)>,
    capacity: f64,
    /// Tokens per second, if the service has stated them.
    inflow: Option<f64>,
    /// Time until which the service accepts no request.
    blocked: Option<Instant>,
    /// Requests without a response yet.
    in_flight: u32,
    /// Number of admitted requests.
    admitted: u64,
    /// The number of the last admitted one of those whose responses have set the level.
    updated_by: u64,
}

/// Whether a request may be sent.
enum Decision {
    Go,
    /// Not before a response.
    Hold,
    /// Not before this time.
    Wait(Instant),
    /// Not before this time, stated by the service.
    Blocked(Instant),
}

impl Bucket {
    /// Waits for a token. A request counts as in flight while it holds the admission.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] if the service accepts no request before `deadline`.
    pub(crate) async fn admission(self: &Arc<Self>, deadline: Instant) -> Result<Admission> {
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                self.state().refuse(Instant::now(), deadline)?;
                self.turn.lock().await
            }
        };
        let patience = Instant::now() + MAX_GUESSED_WAIT;
        loop {
            let now = Instant::now();
            let verdict = {
                let state = self.state();
                state.refuse(now, deadline)?;
                state.decide(now, self.burst.0.load(Relaxed))
            };
            match verdict {
                Decision::Blocked(until) => tokio::time::sleep_until(until).await,
                Decision::Hold => self.reported.notified().await,
                // The estimate may be wrong: before missing the deadline, let the service decide. A response may
                // correct it earlier.
                Decision::Wait(until) if until.min(patience) < deadline && now < patience => {
                    tracing::debug!(wait = ?(until - now), "waiting for the rate limit");
                    let _corrected = tokio::time::timeout_at(until.min(patience), self.reported.notified()).await;
                }
                Decision::Go | Decision::Wait(_) => {
                    let number = self.state().take(now);
                    return Ok(Admission { bucket: self.clone(), number, seen: false });
                }
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An admitted request. When it is dropped, it has a response or was cancelled.
pub(crate) struct Admission {
    bucket: Arc<Bucket>,
    /// Counted from 1.
    number: u64,
    seen: bool,
}

impl Admission {
    /// Corrects the copy by a response.
    pub(crate) fn answered(mut self, reply: &Reply) {
        self.seen = true;
        let mut state = self.bucket.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        let was_known = state.known;
        state.update(reply, self.number, Instant::now());
        if let (false, true, capacity) = (was_known, state.known, state.capacity) {
            // A bucket without rate limit headers has no capacity, and its set no limit.
            let burst = if capacity > 0.0 { (capacity / 4.0) as u32 } else { MAX_UNKNOWN_BUCKET };
            self.bucket.burst.0.store(burst.clamp(1, MAX_UNKNOWN_BUCKET), Relaxed);
        }
        drop(state);
        self.bucket.reported.notify_one();
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if !self.seen {
            let mut state = self.bucket.state();
            state.in_flight = state.in_flight.saturating_sub(1);
            drop(state);
            self.bucket.reported.notify_one();
        }
    }
}

impl State {
    fn inflow(&self) -> f64 {
        self.inflow.unwrap_or(self.capacity * ASSUMED_INFLOW).max(f64::MIN_POSITIVE)
    }

    fn level(&self, now: Instant) -> Option<f64> {
        let (level, at) = self.level?;
        Some((level + now.saturating_duration_since(at).as_secs_f64() * self.inflow()).min(self.capacity))
    }

    /// Refuses a request that would have to wait beyond `deadline` because of a 429.
    fn refuse(&self, now: Instant, deadline: Instant) -> Result<()> {
        match self.blocked {
            Some(until) if now < until && deadline <= until => {
                let message = "the service accepts no request before the deadline";
                Err(Error::new(ErrorKind::RateLimited, message).retry_in(until - now).final_after(0))
            }
            _ => Ok(()),
        }
    }

    fn decide(&self, now: Instant, burst: u32) -> Decision {
        if let Some(until) = self.blocked
            && now < until
        {
            return Decision::Blocked(until);
        }
        match self.level(now) {
            Some(level) if level < 1.0 => {
                let wait = ((1.0 - level) / self.inflow()).min(3600.0);
                Decision::Wait(now + Duration::from_secs_f64(wait) + Duration::from_millis(1))
            }
            None if !self.known && self.in_flight >= burst => Decision::Hold,
            _ => Decision::Go,
        }
    }

    /// Counts one more request and returns its number.
    fn take(&mut self, now: Instant) -> u64 {
        self.in_flight += 1;
        self.admitted += 1;
        self.level = self.level(now).map(|level| (level - 1.0, now));
        self.admitted
    }

    /// Learns from the response to the request with this number.
    fn update(&mut self, reply: &Reply, request: u64, now: Instant) {
        // A failed request may not have been counted by the service.
        self.known |= !reply.status.is_server_error();
        if let (Some(limit), Some(remaining)) =
            (number(&reply.headers, &meta::LIMIT), number(&reply.headers, &meta::REMAINING))
        {
            (self.known, self.capacity) = (true, limit);
            // A response that arrives late does not count the requests after it whose responses are here already.
            if request > self.updated_by {
                self.updated_by = request;
                // Requests in flight may be counted already.
                self.level = Some(((remaining - f64::from(self.in_flight)).min(limit), now));
            }
        }
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            let wait = meta::retry_after(&reply.headers, chrono::Utc::now()).unwrap_or(DEFAULT_RETRY_AFTER);
            self.blocked = now.checked_add(wait).max(self.blocked);
            if let Some((capacity, inflow)) = refill(&reply.body) {
                (self.capacity, self.inflow) = (capacity, Some(inflow));
            }
            if self.capacity < 1.0 {
                self.capacity = ASSUMED_CAPACITY;
            }
            self.updated_by = self.updated_by.max(request);
            // By then there is one token, for the first in the queue.
            self.level = self.blocked.map(|until| (1.0, until));
        } else if self.blocked.is_some_and(|until| until <= now) {
            self.blocked = None;
        }
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<f64> {
    meta::text(headers, name)?.trim().parse::<u32>().ok().map(f64::from)
}

/// Capacity and tokens per second, from the parameters of a 429: path, seconds to wait, capacity, refill, its seconds.
fn refill(body: &[u8]) -> Option<(f64, f64)> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let [_, _, capacity, refill, seconds] = document.get("parameters")?.as_array()?.as_slice() else { return None };
    let read =
        |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|n| (1.0..1e9).contains(n));
    Some((read(capacity)?, read(refill)? / read(seconds)?))
}

#[cfg(test)]
mod tests;
