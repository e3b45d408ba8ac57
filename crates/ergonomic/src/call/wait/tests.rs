use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use super::*;

/// Polls of an object that goes through `states` and stays in the last.
fn states(states: &'static [&'static str]) -> Result<PollFn<String>> {
    let at = std::sync::atomic::AtomicUsize::new(0);
    Ok(Box::new(move || {
        let at = at.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let state = states[at.min(states.len() - 1)];
        Box::pin(async move {
            let outcome = match state {
                "404" => return Err(Error::new(ErrorKind::NotFound, "gone")),
                "500" => return Err(Error::new(ErrorKind::Server, "broken")),
                "hang" => std::future::pending().await,
                "completed" => Outcome::Done,
                "failed" => Outcome::Failed("it failed"),
                _ => Outcome::Pending,
            };
            Ok((state.to_owned(), outcome))
        })
    }))
}

fn wait(of: &'static [&'static str]) -> Wait<String> {
    let policy = WaitPolicy::default();
    let (ask, subject) = (states(of), Subject::default());
    Wait {
        ask,
        operation: None,
        subject,
        succeeds_with: |_| false,
        settle: |ended| ended,
        policy,
        progress: None,
        trouble: None,
    }
}

/// When polls were made, in seconds since the wait began.
fn times(wait: Wait<String>) -> (Wait<String>, Arc<Mutex<Vec<f64>>>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let (sink, began) = (times.clone(), Instant::now());
    let wait = wait.on_progress(move |_| sink.lock().expect("not poisoned").push(began.elapsed().as_secs_f64()));
    (wait, times)
}

/// The intervals between `times`, each of which may be half as long as in `expected` but no longer.
fn assert_intervals(times: &Mutex<Vec<f64>>, expected: &[f64]) {
    let times = times.lock().expect("not poisoned");
    let intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let fits = |(interval, longest): (&f64, &f64)| (longest / 2.0 - 0.01..longest + 0.01).contains(interval);
    assert!(intervals.len() >= expected.len(), "{intervals:?}");
    assert!(intervals.iter().zip(expected).all(fits), "{intervals:?}");
}

async fn outcome(wait: Wait<String>) -> Result<String, (ErrorKind, Option<String>)> {
    wait.await.map_err(|e| (e.kind(), e.document().and_then(|d| d.as_str()).map(str::to_owned)))
}

#[tokio::test(start_paused = true)]
async fn wait_reports_every_state_until_done() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let done = wait(&["queued", "never heard of", "completed"])
        .on_progress(move |state| sink.lock().expect("not poisoned").push(state.clone()))
        .await;
    assert_eq!(done.expect("done"), "completed");
    assert_eq!(*seen.lock().expect("not poisoned"), ["queued", "never heard of", "completed"]);
}

#[tokio::test(start_paused = true)]
async fn wait_ends_on_failed_or_missing_with_last_document() {
    let last = |state: &str| Some(state.to_owned());
    assert_eq!(outcome(wait(&["queued", "failed"])).await, Err((ErrorKind::Failed, last("failed"))));
    assert_eq!(outcome(wait(&["inProgress", "404"])).await, Err((ErrorKind::NotFound, last("inProgress"))));
    assert_eq!(outcome(wait(&["404"])).await, Err((ErrorKind::NotFound, None)));
}

#[tokio::test(start_paused = true)]
async fn wait_ends_at_deadline_when_service_hangs() {
    let minute = Duration::from_secs(60);
    for states in [&["queued"][..], &["queued", "hang"]] {
        let began = Instant::now();
        let ended = outcome(wait(states).timeout(minute)).await;
        assert_eq!(ended, Err((ErrorKind::Timeout, Some("queued".to_owned()))));
        assert_eq!(began.elapsed(), minute);
    }
}

#[tokio::test(start_paused = true)]
async fn interval_of_zero_polls_at_most_every_five_milliseconds() {
    let asked = Arc::new(Mutex::new(0));
    let sink = asked.clone();
    let count = move |_: &String| *sink.lock().expect("not poisoned") += 1;
    let wait = wait(&["queued"]).interval(Duration::ZERO).longest_interval(Duration::ZERO);
    let ended = tokio::time::timeout(Duration::from_secs(2), wait.timeout(Duration::from_secs(1)).on_progress(count));
    assert_eq!(ended.await.expect("an end").expect_err("a deadline").kind(), ErrorKind::Timeout);
    assert!(*asked.lock().expect("not poisoned") <= 200);
}

#[tokio::test(start_paused = true)]
async fn wait_accepts_any_timeout() {
    assert_eq!(wait(&["queued", "completed"]).timeout(Duration::MAX).await.expect("done"), "completed");
}

#[tokio::test(start_paused = true)]
async fn wait_interval_grows_to_its_maximum() {
    let polled = wait(&["queued"]).interval(Duration::from_secs(4)).longest_interval(Duration::from_secs(9));
    let (polled, times) = times(polled.timeout(Duration::from_secs(60)));
    assert!(polled.await.is_err());
    assert_intervals(&times, &[4.0, 6.0, 9.0, 9.0, 9.0]);
}

#[tokio::test(start_paused = true)]
async fn back_off_below_one_or_not_a_number_is_one() {
    for (factor, expected) in [(1.0, [4.0, 4.0, 4.0]), (0.1, [4.0; 3]), (f64::NAN, [4.0; 3]), (2.0, [4.0, 8.0, 16.0])] {
        let states = wait(&["queued", "queued", "queued", "completed"]);
        let (polled, times) = times(states.interval(Duration::from_secs(4)).back_off(factor));
        assert!(polled.await.is_ok());
        assert_intervals(&times, &expected);
    }
    let first = wait(&["queued", "completed"]).timeout(Duration::MAX).longest_interval(Duration::MAX);
    assert!(first.back_off(f64::INFINITY).await.is_ok());
    let longest = wait(&["queued", "completed"]).timeout(Duration::from_secs(9)).interval(Duration::MAX);
    assert_eq!(longest.await.expect_err("a deadline").kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn failed_polls_are_at_least_twice_as_far_apart_each_time() {
    let polls = Arc::new(Mutex::new(Vec::new()));
    let (sink, began) = (polls.clone(), Instant::now());
    let failing =
        wait(&["500"]).interval(Duration::from_secs(1)).longest_interval(Duration::from_secs(8)).back_off(1.0);
    let trouble = move |_: &Error| sink.lock().expect("not poisoned").push(began.elapsed().as_secs_f64());
    let ended = failing.timeout(Duration::from_secs(60)).on_retry(trouble).await;
    assert_eq!(ended.expect_err("a deadline").kind(), ErrorKind::Timeout);
    assert_intervals(&polls, &[1.0, 2.0, 4.0, 8.0, 8.0]);
}
