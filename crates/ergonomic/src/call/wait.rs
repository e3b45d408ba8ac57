//! The one waiter: asks again until a thing is done, has failed, or the time is up.
//!
//! Waiting never ends well on a failure: a failed thing, a thing that vanished, a service that stopped answering and a
//! deadline are errors of different kinds, each with the last document seen. A state that nobody has heard of is
//! waited on, since states may be added.

use std::{
    future::{Future, IntoFuture},
    ops::Deref,
    pin::Pin,
    time::Duration,
};

use atlas_backup_runtime::Pending;
use serde::Serialize;

use crate::{
    call::binding::one,
    http::retry::after,
    model::{
        entity::{FromDocument, value_of},
        error::{Error, Result},
        error_code::ErrorCode,
        error_kind::ErrorKind,
        states::{HasState, JobState},
    },
};

/// The shortest wait between two questions, whatever was said: without any, they would be as many as the network takes.
const SHORTEST: Duration = Duration::from_millis(5);

type Asking<E> = Pin<Box<dyn Future<Output = Result<(E, Outcome)>> + Send>>;
type Ask<E> = Box<dyn Fn() -> Asking<E> + Send>;
type Progress<E> = Box<dyn FnMut(&E) + Send>;

/// What a document says about the thing that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pending,
    Done,
    /// It will never be done; the text says why.
    Failed(&'static str),
}

/// Waiting in the making; await it. Progress is told with a document `E`; it ends with that document, or, for a
/// deletion, with nothing.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn example(snapshots: atlas_backup::Snapshots) -> atlas_backup::Result<()> {
/// let done = snapshots
///     .wait("5f3e8e7d9b1c2a0012345678")
///     .timeout(Duration::from_secs(3600))
///     .on_progress(|snapshot| eprintln!("{:?}", snapshot.status))
///     .await?;
/// # let _ = done;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Each with the last document seen in [`Error::document`]:
/// - [`ErrorKind::Failed`] when the thing failed, was cancelled or has expired;
/// - [`ErrorKind::Timeout`] when the time is up;
/// - whatever a question was answered with, such as [`ErrorKind::NotFound`] when the thing is gone and
///   [`ErrorKind::Server`] when the service broke, after the repeats that the client's policy allows.
#[must_use = "nothing is waited for until it is awaited"]
pub struct Wait<E, O = E> {
    ask: Result<Ask<E>>,
    /// What an end is worth: the document that is done, or the error of a question.
    settle: fn(Result<E>) -> Result<O>,
    timeout: Duration,
    interval: Duration,
    longest_interval: Duration,
    back_off: f64,
    progress: Option<Progress<E>>,
}

/// How a thing is asked for: the call that a handle makes for an id.
type Question<H, I, E> = for<'a> fn(&'a H, &'a I) -> Pending<'a, <E as FromDocument>::Document>;
type Judge<E> = fn(&<E as FromDocument>::Document) -> Outcome;

impl From<JobState> for Outcome {
    fn from(state: JobState) -> Self {
        match state {
            JobState::InProgress => Outcome::Pending,
            JobState::Succeeded => Outcome::Done,
            JobState::Failed => Outcome::Failed("the service says that it failed"),
            JobState::Cancelled => Outcome::Failed("the service says that it was cancelled"),
            JobState::Expired => Outcome::Failed("the service says that it has expired"),
            JobState::Deleting => Outcome::Failed("it is being deleted"),
        }
    }
}

impl<E: FromDocument + Deref<Target = E::Document>> Wait<E> {
    /// Waits until the thing with this id, which `ask` asks `handle` for, has succeeded. An id that was refused is the
    /// first answer.
    pub(crate) fn over<H, I>(handle: &H, id: Result<I>, ask: Question<H, I, E>) -> Self
    where
        E::Document: HasState,
        H: Clone + Send + Sync + 'static,
        I: Clone + Send + Sync + 'static,
    {
        Wait::judged(handle, id, ask, |document: &E::Document| document.job_state().into())
    }

    /// Waits until `judge` says that the thing is done.
    pub(crate) fn judged<H, I>(handle: &H, id: Result<I>, ask: Question<H, I, E>, judge: Judge<E>) -> Self
    where
        H: Clone + Send + Sync + 'static,
        I: Clone + Send + Sync + 'static,
    {
        Wait::new(asking(handle, id, ask, judge), |ended| ended)
    }
}

impl<E: Send + 'static> Wait<E> {
    /// Waits until what `ask` returns is done.
    pub(crate) fn with<H, I, F>(handle: &H, id: Result<I>, ask: fn(H, I) -> F, state: fn(&E) -> JobState) -> Self
    where
        H: Clone + Send + Sync + 'static,
        I: Clone + Send + Sync + 'static,
        F: Future<Output = Result<E>> + Send + 'static,
    {
        let handle = handle.clone();
        let ask = id.map(|id| {
            let ask: Ask<E> = Box::new(move || {
                let asked = ask(handle.clone(), id.clone());
                Box::pin(async move {
                    let answer = asked.await?;
                    let outcome = state(&answer).into();
                    Ok((answer, outcome))
                })
            });
            ask
        });
        Wait::new(ask, |ended| ended)
    }
}

impl<E: FromDocument + Deref<Target = E::Document>> Wait<E, ()> {
    /// Waits until there is nothing of this id any more.
    pub(crate) fn until_gone<H, I>(handle: &H, id: Result<I>, ask: Question<H, I, E>) -> Self
    where
        E::Document: HasState,
        H: Clone + Send + Sync + 'static,
        I: Clone + Send + Sync + 'static,
    {
        let judge: Judge<E> = |document| match document.job_state() {
            JobState::Failed => JobState::Failed.into(),
            _ => Outcome::Pending,
        };
        Wait::new(asking(handle, id, ask, judge), |ended| match ended {
            Err(error) if is_gone(&error) => Ok(()),
            other => other.map(drop),
        })
    }
}

fn asking<H, I, E>(handle: &H, id: Result<I>, ask: Question<H, I, E>, judge: Judge<E>) -> Result<Ask<E>>
where
    E: FromDocument + Deref<Target = E::Document>,
    H: Clone + Send + Sync + 'static,
    I: Clone + Send + Sync + 'static,
{
    let (handle, id) = (handle.clone(), id?);
    Ok(Box::new(move || {
        let (handle, id) = (handle.clone(), id.clone());
        Box::pin(async move {
            let answer: E = one(ask(&handle, &id)).await?;
            let outcome = judge(&answer);
            Ok((answer, outcome))
        })
    }))
}

/// A 404 about the thing itself. One about its project says nothing: it may be a slip in the project's id.
fn is_gone(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound && error.code() != Some(&ErrorCode::GroupNotFound)
}

impl<E, O> Wait<E, O> {
    fn new(ask: Result<Ask<E>>, settle: fn(Result<E>) -> Result<O>) -> Self {
        Wait {
            ask,
            settle,
            timeout: Duration::from_secs(3600),
            interval: Duration::from_secs(2),
            longest_interval: Duration::from_secs(30),
            back_off: 1.5,
            progress: None,
        }
    }

    /// How long to wait in total: an hour unless said otherwise.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long to wait before asking again for the first time: two seconds unless said otherwise. Each later wait is
    /// half as long again, up to half a minute or this interval, whichever is longer.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self.longest_interval = self.longest_interval.max(interval);
        self
    }

    /// The longest wait between two questions. None is shorter than five milliseconds.
    pub fn longest_interval(mut self, interval: Duration) -> Self {
        self.longest_interval = interval;
        self
    }

    /// How many times as long as the one before each wait is: 1.5 unless said otherwise. With 1 or less all are alike.
    pub fn back_off(mut self, factor: f64) -> Self {
        self.back_off = factor;
        self
    }

    /// Calls `progress` with each document seen, the last one included.
    pub fn on_progress(mut self, progress: impl FnMut(&E) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }
}

impl<E: Serialize, O> Wait<E, O> {
    async fn run(self) -> Result<O> {
        let Wait { ask, settle, timeout, interval, longest_interval, back_off, mut progress } = self;
        let (mut interval, longest_interval) = (interval.max(SHORTEST), longest_interval.max(SHORTEST));
        let (ask, deadline) = (ask?, after(timeout));
        let timed_out = || Error::new(ErrorKind::Timeout, format!("it was not done after {timeout:?}"));
        let mut last: Option<E> = None;
        loop {
            let (document, outcome) = match tokio::time::timeout_at(deadline, ask()).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => return settle(Err(error)).map_err(|error| with_last(error, last.as_ref())),
                Err(_) => return Err(with_last(timed_out(), last.as_ref())),
            };
            if let Some(progress) = &mut progress {
                progress(&document);
            }
            match outcome {
                Outcome::Done => return settle(Ok(document)),
                Outcome::Failed(why) => return Err(Error::new(ErrorKind::Failed, why).with_item(value_of(&document))),
                Outcome::Pending => {}
            }
            if after(interval) >= deadline {
                tokio::time::sleep_until(deadline).await;
                return Err(with_last(timed_out(), Some(&document)));
            }
            tokio::time::sleep(interval).await;
            interval = longer(interval, back_off).min(longest_interval);
            last = Some(document);
        }
    }
}

fn longer(interval: Duration, factor: f64) -> Duration {
    // What is no number, and what is beyond all bounds, is no reason to give up.
    let factor = if factor > 1.0 { factor } else { 1.0 };
    Duration::try_from_secs_f64(interval.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

fn with_last(error: Error, last: Option<&impl Serialize>) -> Error {
    match last {
        Some(document) => error.with_item(value_of(document)),
        None => error,
    }
}

impl<E, O> IntoFuture for Wait<E, O>
where
    E: Serialize + Send + 'static,
    O: 'static,
{
    type Output = Result<O>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<O>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<E, O> std::fmt::Debug for Wait<E, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wait").field("timeout", &self.timeout).field("interval", &self.interval).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::time::Instant;

    use super::*;

    /// A question about a thing that goes through `states`, staying in the last.
    fn states(states: &'static [&'static str]) -> Result<Ask<String>> {
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
        Wait::new(states(of), |ended| ended)
    }

    async fn outcome(wait: Wait<String>) -> Result<String, (ErrorKind, Option<String>)> {
        wait.await.map_err(|e| (e.kind(), e.document().and_then(|d| d.as_str()).map(str::to_owned)))
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_when_it_is_done_and_every_state_is_reported() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let done = wait(&["queued", "never heard of", "completed"])
            .on_progress(move |state| sink.lock().expect("not poisoned").push(state.clone()))
            .await;
        assert_eq!(done.expect("done"), "completed");
        assert_eq!(*seen.lock().expect("not poisoned"), ["queued", "never heard of", "completed"]);
    }

    #[tokio::test(start_paused = true)]
    async fn failing_vanishing_and_breaking_are_three_errors_with_the_last_document() {
        let last = |state: &str| Some(state.to_owned());
        assert_eq!(outcome(wait(&["queued", "failed"])).await, Err((ErrorKind::Failed, last("failed"))));
        assert_eq!(outcome(wait(&["inProgress", "404"])).await, Err((ErrorKind::NotFound, last("inProgress"))));
        assert_eq!(outcome(wait(&["inProgress", "500"])).await, Err((ErrorKind::Server, last("inProgress"))));
        assert_eq!(outcome(wait(&["500"])).await, Err((ErrorKind::Server, None)));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_at_the_deadline_also_when_the_service_hangs() {
        let minute = Duration::from_secs(60);
        for states in [&["queued"][..], &["queued", "hang"]] {
            let began = Instant::now();
            let ended = outcome(wait(states).timeout(minute)).await;
            assert_eq!(ended, Err((ErrorKind::Timeout, Some("queued".to_owned()))));
            assert_eq!(began.elapsed(), minute);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_interval_at_all_is_no_storm_of_questions() {
        let asked = Arc::new(Mutex::new(0));
        let sink = asked.clone();
        let count = move |_: &String| *sink.lock().expect("not poisoned") += 1;
        let wait = wait(&["queued"]).interval(Duration::ZERO).longest_interval(Duration::ZERO);
        let ended =
            tokio::time::timeout(Duration::from_secs(2), wait.timeout(Duration::from_secs(1)).on_progress(count));
        assert_eq!(ended.await.expect("an end").expect_err("a deadline").kind(), ErrorKind::Timeout);
        assert!(*asked.lock().expect("not poisoned") <= 200);
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_no_deadline_too_far_away() {
        assert_eq!(wait(&["queued", "completed"]).timeout(Duration::MAX).await.expect("done"), "completed");
    }

    #[tokio::test(start_paused = true)]
    async fn questions_become_rarer_up_to_a_limit() {
        let times = Arc::new(Mutex::new(Vec::new()));
        let (sink, began) = (times.clone(), Instant::now());
        let ended = wait(&["queued"])
            .interval(Duration::from_secs(4))
            .longest_interval(Duration::from_secs(9))
            .timeout(Duration::from_secs(40))
            .on_progress(move |_| sink.lock().expect("not poisoned").push(began.elapsed().as_secs()))
            .await;
        assert!(ended.is_err());
        assert_eq!(*times.lock().expect("not poisoned"), [0, 4, 10, 19, 28, 37]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_back_off_may_be_chosen_and_never_goes_back() {
        for (factor, expected) in
            [(1.0, [0, 4, 8, 12]), (0.1, [0, 4, 8, 12]), (f64::NAN, [0, 4, 8, 12]), (2.0, [0, 4, 12, 28])]
        {
            let times = Arc::new(Mutex::new(Vec::new()));
            let (sink, began) = (times.clone(), Instant::now());
            let waited = wait(&["queued", "queued", "queued", "completed"])
                .interval(Duration::from_secs(4))
                .back_off(factor)
                .on_progress(move |_| sink.lock().expect("not poisoned").push(began.elapsed().as_secs()))
                .await;
            assert!(waited.is_ok());
            assert_eq!(*times.lock().expect("not poisoned"), expected, "{factor}");
        }
        let first = wait(&["queued", "completed"]).timeout(Duration::MAX).longest_interval(Duration::MAX);
        assert!(first.back_off(f64::INFINITY).await.is_ok());
    }
}
