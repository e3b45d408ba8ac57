//! The one waiter: asks again until a thing is done, has failed, or the time is up.
//!
//! Waiting never ends well on a failure: a failed thing, a thing that vanished, a service that stopped answering and a
//! deadline are errors of different kinds, each with the last document seen. A state that nobody has heard of is
//! waited on, since states may be added.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use serde::Serialize;

use crate::{
    entity::value_of,
    error::{Error, ErrorKind, Result},
    transport::retry::after,
};

type Asking<E> = Pin<Box<dyn Future<Output = Result<E>> + Send>>;
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

/// Waiting in the making; await it.
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
#[must_use = "nothing is waited for until it is awaited"]
pub struct Wait<E> {
    ask: Result<Ask<E>>,
    judge: fn(&E) -> Outcome,
    timeout: Duration,
    interval: Duration,
    longest_interval: Duration,
    progress: Option<Progress<E>>,
}

impl<E: Serialize + Send + 'static> Wait<E> {
    /// Waits for the thing with this id; an id that was refused is the first answer.
    pub(crate) fn by_id<I, F>(id: Result<I>, fetch: impl Fn(I) -> F + Send + 'static, judge: fn(&E) -> Outcome) -> Self
    where
        I: Clone + Send + 'static,
        F: Future<Output = Result<E>> + Send + 'static,
    {
        let ask = id.map(|id| -> Ask<E> { Box::new(move || Box::pin(fetch(id.clone()))) });
        Wait {
            ask,
            judge,
            timeout: Duration::from_secs(3600),
            interval: Duration::from_secs(2),
            longest_interval: Duration::from_secs(30),
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

    /// The longest wait between two questions.
    pub fn longest_interval(mut self, interval: Duration) -> Self {
        self.longest_interval = interval;
        self
    }

    /// Calls `progress` with each document seen, the last one included.
    pub fn on_progress(mut self, progress: impl FnMut(&E) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    async fn run(self) -> Result<E> {
        let Wait { ask, judge, timeout, mut interval, longest_interval, mut progress } = self;
        let (ask, deadline) = (ask?, after(timeout));
        let timed_out = || Error::new(ErrorKind::Timeout, format!("it was not done after {timeout:?}"));
        let mut last: Option<E> = None;
        loop {
            let document = match tokio::time::timeout_at(deadline, ask()).await {
                Ok(Ok(document)) => document,
                Ok(Err(error)) => return Err(with_last(error, last.as_ref())),
                Err(_) => return Err(with_last(timed_out(), last.as_ref())),
            };
            if let Some(progress) = &mut progress {
                progress(&document);
            }
            match judge(&document) {
                Outcome::Done => return Ok(document),
                Outcome::Failed(why) => return Err(Error::new(ErrorKind::Failed, why).with_item(value_of(&document))),
                Outcome::Pending => {}
            }
            if after(interval) >= deadline {
                tokio::time::sleep_until(deadline).await;
                return Err(with_last(timed_out(), Some(&document)));
            }
            tokio::time::sleep(interval).await;
            interval = interval.mul_f64(1.5).min(longest_interval);
            last = Some(document);
        }
    }
}

fn with_last(error: Error, last: Option<&impl Serialize>) -> Error {
    match last {
        Some(document) => error.with_item(value_of(document)),
        None => error,
    }
}

impl<E: Serialize + Send + 'static> IntoFuture for Wait<E> {
    type Output = Result<E>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<E>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<E> std::fmt::Debug for Wait<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wait").field("timeout", &self.timeout).field("interval", &self.interval).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::time::Instant;

    use super::*;

    /// A wait over a thing that goes through `states`, staying in the last.
    fn wait(states: &'static [&'static str]) -> Wait<String> {
        let at = std::sync::atomic::AtomicUsize::new(0);
        let ask = move |()| {
            let at = at.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let state = states[at.min(states.len() - 1)];
            async move {
                match state {
                    "404" => Err(Error::new(ErrorKind::NotFound, "gone")),
                    "500" => Err(Error::new(ErrorKind::Server, "broken")),
                    "hang" => std::future::pending().await,
                    state => Ok(state.to_owned()),
                }
            }
        };
        Wait::by_id(Ok(()), ask, |state: &String| match state.as_str() {
            "completed" => Outcome::Done,
            "failed" => Outcome::Failed("it failed"),
            _ => Outcome::Pending,
        })
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
}
