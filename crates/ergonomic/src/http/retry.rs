//! The retry loop of the crate. Calls and token requests use it. Paging and waiting use calls.
//!
//! Only safe retries: a request that creates something is repeated only if it was certainly not executed (no connection
//! was made, or the rate limiter refused it). Taking a snapshot never creates two. No wait exceeds the call's deadline:
//! the last failure is returned instead. All retries of a client share one budget, so that a failing service does not
//! get several times the requests.

use std::{future::Future, time::Duration};

use http::StatusCode;
use tokio::time::Instant;

use crate::{
    http::budget::Budget,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::{self, Delivery},
    },
};
use atlas_backup_runtime::Reply;

/// When and how often a failed request is retried.
///
/// Waits grow exponentially from [`base`](Self::base) to [`cap`](Self::cap), each random between zero and its bound
/// (full jitter), so that clients do not return at the same time. `Retry-After` is a lower bound.
///
/// ```
/// use std::time::Duration;
/// use atlas_backup::RetryPolicy;
///
/// let patient = RetryPolicy::default().attempts(8).cap(Duration::from_secs(60));
/// let never = RetryPolicy::none();
/// # let _ = (patient, never);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
    budget: u32,
}

impl Default for RetryPolicy {
    /// Four attempts, waits of up to 0.5 s, 1 s and 2 s, a budget of 100 retries.
    fn default() -> Self {
        RetryPolicy { attempts: 4, base: Duration::from_millis(500), cap: Duration::from_secs(20), budget: 100 }
    }
}

impl RetryPolicy {
    /// One attempt only.
    #[must_use]
    pub fn none() -> Self {
        RetryPolicy::default().attempts(1)
    }

    /// Maximum number of requests, including the first. 0 counts as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The bound of the first wait.
    #[must_use]
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The bound of every wait. `Retry-After` may exceed it.
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Number of retries that all calls of the client share. Ten successes add one retry. Retries after a 429 are free,
    /// because the service states when to retry.
    #[must_use]
    pub fn budget(mut self, repeats: u32) -> Self {
        self.budget = repeats;
        self
    }

    /// A full budget of this policy.
    pub(crate) fn full_budget(&self) -> Budget {
        Budget::new(self.budget)
    }

    /// Runs `attempt` until its outcome is final.
    pub(crate) async fn run<F, Fut>(
        &self,
        safety: Safety,
        deadline: Instant,
        budget: &Budget,
        mut attempt: F,
    ) -> Result<Reply>
    where
        F: FnMut(Attempt) -> Fut,
        Fut: Future<Output = Result<Reply>>,
    {
        let mut tries = 0;
        let mut before = None;
        let mut waited = Duration::ZERO;
        loop {
            tries += 1;
            let outcome = match tokio::time::timeout_at(deadline, attempt(Attempt { number: tries, waited })).await {
                Ok(outcome) => outcome,
                Err(_) => Err(out_of_time(before)),
            };
            let wait = match self.wait(safety, &outcome, tries) {
                Some(wait) if instant_after(wait) < deadline && (is_free(&outcome) || budget.take()) => wait,
                _ => {
                    if outcome.as_ref().is_ok_and(|reply| reply.status.is_success()) {
                        budget.earn();
                    }
                    return with_attempts(outcome, tries);
                }
            };
            match &outcome {
                Ok(reply) => tracing::debug!(attempt = tries, status = reply.status.as_u16(), ?wait, "will try again"),
                Err(error) => tracing::debug!(attempt = tries, %error, ?wait, "will try again"),
            }
            tokio::time::sleep(wait).await;
            (before, waited) = (Some(outcome), wait);
        }
    }

    /// The wait before the next attempt. `None` if the outcome is final.
    pub(crate) fn wait(&self, safety: Safety, outcome: &Result<Reply>, tries: u32) -> Option<Duration> {
        if tries >= self.attempts || !safety.allows(outcome) {
            return None;
        }
        let bound = self.base.saturating_mul(1_u32.checked_shl(tries - 1).unwrap_or(u32::MAX)).min(self.cap);
        let jittered = bound.mul_f64(fastrand::f64());
        let asked = outcome.as_ref().ok().and_then(|reply| meta::retry_after(&reply.headers, chrono::Utc::now()));
        Some(asked.unwrap_or_default().max(jittered))
    }
}

/// One attempt of several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: u32,
    /// The wait before it.
    pub(crate) waited: Duration,
}

/// Whether the retry is free.
fn is_free(outcome: &Result<Reply>) -> bool {
    outcome.as_ref().is_ok_and(|reply| reply.status == StatusCode::TOO_MANY_REQUESTS)
}

/// The instant after `wait`, limited to some decades from now.
pub(crate) fn instant_after(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait).unwrap_or_else(|| now + Duration::from_secs(30 * 365 * 86_400))
}

/// The error of a call that ended at its deadline, with the previous failure as cause.
fn out_of_time(before: Option<Result<Reply>>) -> Error {
    let error = Error::new(ErrorKind::Timeout, "the call's deadline passed");
    match before {
        Some(Ok(reply)) => error.with_source(Error::from_reply(reply)),
        Some(Err(cause)) => error.with_source(cause),
        None => error,
    }
}

/// The outcome with the number of attempts.
fn with_attempts(outcome: Result<Reply>, tries: u32) -> Result<Reply> {
    match outcome {
        Ok(mut reply) => {
            reply.extensions.get_or_insert_default::<Delivery>().attempts = tries;
            Ok(reply)
        }
        // It occurred before the current request was sent, and has its own count.
        Err(error) if error.is_final() => {
            let attempts = tries - 1 + error.attempts();
            Err(error.final_after(attempts))
        }
        Err(error) => Err(error.after_attempts(tries)),
    }
}

/// Effect of repeating a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// None: it is read-only.
    Read,
    /// The same as sending it once: PUT and DELETE.
    Idempotent,
    /// It may be executed twice: POST and PATCH.
    Once,
}

impl Safety {
    pub(crate) fn of(method: &http::Method) -> Self {
        match *method {
            http::Method::GET | http::Method::HEAD => Safety::Read,
            http::Method::PUT | http::Method::DELETE => Safety::Idempotent,
            _ => Safety::Once,
        }
    }

    fn allows(self, outcome: &Result<Reply>) -> bool {
        match outcome {
            Ok(reply) => match reply.status {
                StatusCode::TOO_MANY_REQUESTS => true,
                StatusCode::REQUEST_TIMEOUT
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => self != Safety::Once,
                StatusCode::INTERNAL_SERVER_ERROR => self == Safety::Read,
                _ => false,
            },
            Err(error) if error.is_final() => false,
            Err(error) => match error.kind() {
                ErrorKind::Connect => true,
                ErrorKind::Timeout | ErrorKind::Connection => self != Safety::Once,
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests;
