use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;
use crate::testing::reply;

const MINUTE: Duration = Duration::from_secs(60);

fn budget() -> Budget {
    RetryPolicy::default().full_budget()
}

/// Number of attempts when every attempt ends like `outcome`, and the last outcome.
async fn tried(safety: Safety, outcome: impl Fn() -> Result<Reply>) -> (usize, Result<Reply>) {
    let tries = AtomicUsize::new(0);
    let last = RetryPolicy::default()
        .run(safety, Instant::now() + MINUTE, &budget(), |_| {
            tries.fetch_add(1, SeqCst);
            std::future::ready(outcome())
        })
        .await;
    (tries.load(SeqCst), last)
}

#[tokio::test(start_paused = true)]
async fn only_safe_requests_are_retried() {
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
            let (tries, last) = tried(safety, || Ok(reply(status, &[], ""))).await;
            assert_eq!(tries, if repeated_for.contains(&safety) { 4 } else { 1 }, "{status} {safety:?}");
            assert_eq!(last.expect("an answer").status.as_u16(), status);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn broken_connection_is_retried_only_when_safe() {
    for (kind, once) in [(ErrorKind::Connect, 4), (ErrorKind::Connection, 1), (ErrorKind::Timeout, 1)] {
        let (tries, last) = tried(Safety::Once, || Err(Error::new(kind, "broken"))).await;
        assert_eq!((tries, last.expect_err("failed").attempts()), (once, once as u32), "{kind:?}");
        let (tries, _) = tried(Safety::Idempotent, || Err(Error::new(kind, "broken"))).await;
        assert_eq!(tries, 4, "{kind:?}");
    }
    for kind in [ErrorKind::TooLarge, ErrorKind::Tls] {
        let (tries, _) = tried(Safety::Read, || Err(Error::new(kind, "for good"))).await;
        assert_eq!(tries, 1, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_waits_for_retry_after() {
    let began = Instant::now();
    let answers = AtomicUsize::new(0);
    let answer = RetryPolicy::default()
        .run(Safety::Once, began + MINUTE, &budget(), |_| {
            let limited = answers.fetch_add(1, SeqCst) == 0;
            std::future::ready(Ok(if limited { reply(429, &[("retry-after", "30")], "") } else { reply(200, &[], "") }))
        })
        .await;
    assert_eq!(answer.expect("an answer").status, 200);
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn retry_stops_at_the_deadline_instead_of_sleeping_beyond_it() {
    let began = Instant::now();
    let (tries, last) = tried(Safety::Read, || Ok(reply(429, &[("retry-after", "61")], ""))).await;
    assert_eq!((tries, began.elapsed()), (1, Duration::ZERO));
    assert_eq!(last.expect("the last answer").status, 429);
}

#[tokio::test(start_paused = true)]
async fn absurd_retry_after_is_accepted() {
    let limited = || Ok(reply(429, &[("retry-after", "18446744073709551615")], ""));
    let (tries, last) = tried(Safety::Read, limited).await;
    assert_eq!((tries, last.expect("the last answer").status.as_u16()), (1, 429));
}

#[tokio::test(start_paused = true)]
async fn hanging_attempt_ends_at_deadline() {
    let began = Instant::now();
    let policy = RetryPolicy::default();
    let hung = policy.run(Safety::Read, began + MINUTE, &budget(), |_| std::future::pending()).await;
    assert_eq!(hung.expect_err("a deadline").kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed(), MINUTE);
}

#[tokio::test(start_paused = true)]
async fn deadline_error_keeps_previous_failure() {
    let tries = AtomicUsize::new(0);
    let (policy, budget) = (RetryPolicy::default(), budget());
    let ended = policy.run(Safety::Read, Instant::now() + MINUTE, &budget, |_| {
        let first = tries.fetch_add(1, SeqCst) == 0;
        async move { if first { Ok(reply(503, &[], "")) } else { std::future::pending().await } }
    });
    let ended = ended.await.expect_err("a deadline");
    assert_eq!((ended.kind(), ended.attempts()), (ErrorKind::Timeout, 2));
    let cause = std::error::Error::source(&ended).map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("503 Service Unavailable with an empty body"));
}

#[tokio::test(start_paused = true)]
async fn retry_waits_grow_up_to_cap() {
    let policy = RetryPolicy::default().attempts(40).cap(Duration::from_secs(5));
    let failed = Ok(reply(503, &[], ""));
    for tries in 1..40 {
        let wait = policy.wait(Safety::Read, &failed, tries).expect("a wait");
        let bound = Duration::from_millis(500 << (tries - 1).min(10)).min(Duration::from_secs(5));
        assert!(wait <= bound, "{tries}: {wait:?}");
    }
    assert_eq!(policy.wait(Safety::Read, &failed, 40), None);
}

#[tokio::test(start_paused = true)]
async fn retry_budget_limits_requests_to_failing_service() {
    let policy = RetryPolicy::default().budget(5);
    let budget = policy.full_budget();
    let tries = AtomicUsize::new(0);
    let call = |status: u16| {
        let (policy, budget, tries) = (&policy, &budget, &tries);
        async move {
            let attempt = |_| {
                tries.fetch_add(1, SeqCst);
                std::future::ready(Ok(reply(status, &[], "")))
            };
            policy.run(Safety::Read, Instant::now() + MINUTE, budget, attempt).await.expect("an answer")
        }
    };
    for _ in 0..20 {
        assert_eq!(call(503).await.status, 503);
    }
    assert_eq!(tries.swap(0, SeqCst), 20 + 5);
    call(429).await;
    assert_eq!(tries.swap(0, SeqCst), 4, "the rate limiter says itself when to come back");
    for _ in 0..10 {
        call(200).await;
    }
    tries.store(0, SeqCst);
    call(503).await;
    assert_eq!(tries.load(SeqCst), 2, "ten good answers are one repeat");
}
