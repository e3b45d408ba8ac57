//! The one retry loop of the crate. Calls and token requests go through it; paging and waiting build on calls.
//!
//! Only what is safe to repeat is repeated: a request that creates something goes out again only when it surely was
//! not executed (no connection came about, or the rate limiter turned it away). Taking a snapshot never makes two.
//! No wait outlasts the call's deadline: rather than sleep beyond it, the last failure is returned at once.

use std::{future::Future, time::Duration};

use http::StatusCode;
use tokio::time::Instant;

use super::Reply;
use crate::{
    error::{Error, ErrorKind, Result},
    meta,
};

/// When and how often a failed request is repeated.
///
/// Waits grow exponentially from [`base`](Self::base) to [`cap`](Self::cap), each drawn evenly from zero to its
/// bound (full jitter), so that many clients don't return at the same moment. `Retry-After` is a lower bound.
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
}

impl Default for RetryPolicy {
    /// Four attempts, waits of up to 0.5 s, 1 s and 2 s.
    fn default() -> Self {
        RetryPolicy { attempts: 4, base: Duration::from_millis(500), cap: Duration::from_secs(20) }
    }
}

impl RetryPolicy {
    /// One attempt only.
    #[must_use]
    pub fn none() -> Self {
        RetryPolicy::default().attempts(1)
    }

    /// How many requests are sent at most, the first included; 0 counts as 1.
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

    /// The bound of every wait, however many went before; `Retry-After` may exceed it.
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Runs `attempt` until its outcome is final. The number it is given counts from 1.
    pub(crate) async fn run<F, Fut>(&self, safety: Safety, deadline: Instant, mut attempt: F) -> Result<Reply>
    where
        F: FnMut(u32) -> Fut,
        Fut: Future<Output = Result<Reply>>,
    {
        let mut made = 0;
        let mut before = None;
        loop {
            made += 1;
            let outcome = match tokio::time::timeout_at(deadline, attempt(made)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(out_of_time(before)),
            };
            let wait = match self.wait(safety, &outcome, made) {
                Some(wait) if after(wait) < deadline => wait,
                _ => return noted(outcome, made),
            };
            match &outcome {
                Ok(reply) => tracing::debug!(attempt = made, status = reply.status.as_u16(), ?wait, "will try again"),
                Err(error) => tracing::debug!(attempt = made, %error, ?wait, "will try again"),
            }
            tokio::time::sleep(wait).await;
            before = Some(outcome);
        }
    }

    /// How long to wait before the next attempt, `None` when the outcome is final.
    pub(crate) fn wait(&self, safety: Safety, outcome: &Result<Reply>, made: u32) -> Option<Duration> {
        if made >= self.attempts || !safety.allows(outcome) {
            return None;
        }
        let bound = self.base.saturating_mul(1_u32.checked_shl(made - 1).unwrap_or(u32::MAX)).min(self.cap);
        let jittered = bound.mul_f64(fastrand::f64());
        let asked = outcome.as_ref().ok().and_then(|reply| meta::retry_after(&reply.headers, chrono::Utc::now()));
        Some(asked.unwrap_or_default().max(jittered))
    }
}

/// The instant after `wait`; one that lies beyond all instants is some decades from now.
pub(crate) fn after(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait).unwrap_or_else(|| now + Duration::from_secs(30 * 365 * 86_400))
}

/// The error of a call that ended at its deadline, caused by what had gone wrong before.
fn out_of_time(before: Option<Result<Reply>>) -> Error {
    let error = Error::new(ErrorKind::Timeout, "the call's deadline passed");
    match before {
        Some(Ok(reply)) => error.because(Error::answered(reply.status, reply.headers, reply.body)),
        Some(Err(cause)) => error.because(cause),
        None => error,
    }
}

/// The outcome with the number of attempts on it.
fn noted(outcome: Result<Reply>, made: u32) -> Result<Reply> {
    match outcome {
        Ok(mut reply) => {
            // Notes of our own only, not what the service may have sent under these names.
            reply.headers.remove(meta::ATTEMPTS);
            reply.headers.remove(meta::SERVED_BY);
            if made > 1 {
                reply.headers.insert(meta::ATTEMPTS, made.into());
            }
            Ok(reply)
        }
        Err(error) => Err(error.after_attempts(made)),
    }
}

/// What repeating a request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// Nothing: it only reads.
    Read,
    /// Nothing more than sending it once: PUT and DELETE.
    Idempotent,
    /// Something twice: POST and PATCH.
    Once,
}

impl Safety {
    pub(crate) fn of(method: atlas_backup_generated::Method) -> Self {
        match method {
            atlas_backup_generated::Method::Get => Safety::Read,
            method if method.is_idempotent() => Safety::Idempotent,
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
            Err(error) => match error.kind() {
                ErrorKind::Connect => true,
                ErrorKind::Timeout | ErrorKind::Connection => self != Safety::Once,
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;
    use crate::transport::wire::tests::reply;

    const MINUTE: Duration = Duration::from_secs(60);

    /// How many attempts are made when every one ends like `outcome`, and the last outcome.
    async fn tried(safety: Safety, outcome: impl Fn() -> Result<Reply>) -> (usize, Result<Reply>) {
        let made = AtomicUsize::new(0);
        let last = RetryPolicy::default()
            .run(safety, Instant::now() + MINUTE, |_| {
                made.fetch_add(1, SeqCst);
                std::future::ready(outcome())
            })
            .await;
        (made.load(SeqCst), last)
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_is_safe_to_repeat_is_repeated() {
        use Safety::{Idempotent, Once, Read};
        for (status, repeated_for) in [
            (429, &[Read, Idempotent, Once][..]),
            (408, &[Read, Idempotent]),
            (502, &[Read, Idempotent]),
            (503, &[Read, Idempotent]),
            (504, &[Read, Idempotent]),
            (500, &[Read]),
            (400, &[]),
            (401, &[]),
            (404, &[]),
            (409, &[]),
            (501, &[]),
            (200, &[]),
        ] {
            for safety in [Read, Idempotent, Once] {
                let (made, last) = tried(safety, || Ok(reply(status, &[], ""))).await;
                assert_eq!(made, if repeated_for.contains(&safety) { 4 } else { 1 }, "{status} {safety:?}");
                assert_eq!(last.expect("an answer").status.as_u16(), status);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_broken_connection_is_repeated_only_where_that_is_safe() {
        for (kind, once) in [(ErrorKind::Connect, 4), (ErrorKind::Connection, 1), (ErrorKind::Timeout, 1)] {
            let (made, last) = tried(Safety::Once, || Err(Error::new(kind, "broken"))).await;
            assert_eq!((made, last.expect_err("failed").attempts()), (once, once as u32), "{kind:?}");
            let (made, _) = tried(Safety::Idempotent, || Err(Error::new(kind, "broken"))).await;
            assert_eq!(made, 4, "{kind:?}");
        }
        for kind in [ErrorKind::TooLarge, ErrorKind::Tls] {
            let (made, _) = tried(Safety::Read, || Err(Error::new(kind, "for good"))).await;
            assert_eq!(made, 1, "{kind:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_waited_for() {
        let began = Instant::now();
        let answers = AtomicUsize::new(0);
        let answer = RetryPolicy::default()
            .run(Safety::Once, began + MINUTE, |_| {
                let limited = answers.fetch_add(1, SeqCst) == 0;
                std::future::ready(Ok(if limited {
                    reply(429, &[("retry-after", "30")], "")
                } else {
                    reply(200, &[], "")
                }))
            })
            .await;
        assert_eq!(answer.expect("an answer").status, 200);
        assert_eq!(began.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_stops_at_the_deadline_instead_of_sleeping_beyond_it() {
        let began = Instant::now();
        let (made, last) = tried(Safety::Read, || Ok(reply(429, &[("retry-after", "61")], ""))).await;
        assert_eq!((made, began.elapsed()), (1, Duration::ZERO));
        assert_eq!(last.expect("the last answer").status, 429);
    }

    #[tokio::test(start_paused = true)]
    async fn an_absurd_retry_after_is_no_trouble() {
        let limited = || Ok(reply(429, &[("retry-after", "18446744073709551615")], ""));
        let (made, last) = tried(Safety::Read, limited).await;
        assert_eq!((made, last.expect("the last answer").status.as_u16()), (1, 429));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_hangs_ends_at_the_deadline() {
        let began = Instant::now();
        let hung = RetryPolicy::default().run(Safety::Read, began + MINUTE, |_| std::future::pending()).await;
        assert_eq!(hung.expect_err("a deadline").kind(), ErrorKind::Timeout);
        assert_eq!(began.elapsed(), MINUTE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_tells_what_had_gone_wrong_before_it() {
        let made = AtomicUsize::new(0);
        let policy = RetryPolicy::default();
        let ended = policy.run(Safety::Read, Instant::now() + MINUTE, |_| {
            let first = made.fetch_add(1, SeqCst) == 0;
            async move { if first { Ok(reply(503, &[], "")) } else { std::future::pending().await } }
        });
        let ended = ended.await.expect_err("a deadline");
        assert_eq!((ended.kind(), ended.attempts()), (ErrorKind::Timeout, 2));
        let cause = std::error::Error::source(&ended).map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("503 Service Unavailable with an empty body"));
    }

    #[tokio::test(start_paused = true)]
    async fn waits_grow_but_never_beyond_the_cap() {
        let policy = RetryPolicy::default().attempts(40).cap(Duration::from_secs(5));
        let failed = Ok(reply(503, &[], ""));
        for made in 1..40 {
            let wait = policy.wait(Safety::Read, &failed, made).expect("a wait");
            let bound = Duration::from_millis(500 << (made - 1).min(10)).min(Duration::from_secs(5));
            assert!(wait <= bound, "{made}: {wait:?}");
        }
        assert_eq!(policy.wait(Safety::Read, &failed, 40), None);
    }
}
