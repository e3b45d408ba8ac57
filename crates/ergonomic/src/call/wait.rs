//! The one waiter: polls until an object is done, has failed, or the deadline has passed.
//!
//! A poll that fails does not end a wait unless the [policy](WaitPolicy) says so, and is not repeated by the retry loop: polls draw
//! nothing from the retry budget that all calls share. A wait never succeeds because of a failure, and each of its errors holds
//! the last document seen. A state that is not in the table of states counts as in progress, since the service may add states.

use std::{
    fmt,
    future::{Future, IntoFuture},
    ops::Deref,
    pin::Pin,
    time::Duration,
};

use atlas_backup_runtime::{Operation, Pending};
use serde::Serialize;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{Instrument as _, field::Empty};

use crate::{
    call::{binding::fetch_document, options::HasClient},
    http::retry::instant_after,
    model::{
        entity::{FromDocument, value_of},
        error::{Error, Result},
        error_code::ErrorCode,
        error_kind::ErrorKind,
        operations,
        states::{HasState, JobState},
        subject::Subject,
        wait_policy::{OnPollError, WaitPolicy},
    },
};

/// The shortest interval between two polls. Without it, an interval of zero would poll as fast as the network allows.
const MIN_INTERVAL: Duration = Duration::from_millis(5);
/// How long polls may fail with an error of [`OnPollError::PollBriefly`].
const BRIEFLY: Duration = Duration::from_secs(60);

type PollFuture<E> = Pin<Box<dyn Future<Output = Result<(E, Outcome)>> + Send>>;
type PollFn<E> = Box<dyn Fn() -> PollFuture<E> + Send>;
type Progress<E> = Box<dyn FnMut(&E) + Send>;
type Trouble = Box<dyn FnMut(&Error) + Send>;

/// The outcome of a document of the awaited object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pending,
    Done,
    /// It will never be done; the text says why.
    Failed(&'static str),
}

/// The ID of an object that is the only one at its place, such as a cluster or a compliance policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Itself;

impl fmt::Display for Itself {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// A wait that has not started; await it. It reports each document `E` as progress. It returns the last document, or nothing
/// after a deletion.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn example(snapshots: atlas_backup::Snapshots) -> atlas_backup::Result<()> {
/// let done = snapshots
///     .wait("5f3e8e7d9b1c2a0012345678")
///     .timeout(Duration::from_secs(3600))
///     .on_progress(|snapshot| eprintln!("{:?}", snapshot.status))
///     .on_retry(|error| eprintln!("still waiting: {error}"))
///     .await?;
/// # let _ = done;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Each with the last document seen in [`Error::document`]:
/// - [`ErrorKind::Failed`] if the job failed, was cancelled or has expired;
/// - [`ErrorKind::Timeout`] if the deadline has passed. The [source](std::error::Error::source) is the [`Error`] of the last poll,
///   if that failed;
/// - the error of a poll that ends the wait by the [policy](WaitPolicy), such as [`ErrorKind::NotFound`] if the object does
///   not exist any more and [`ErrorKind::Forbidden`] if the credentials lack a role.
#[must_use = "nothing is waited for until it is awaited"]
pub struct Wait<E, O = E> {
    ask: Result<PollFn<E>>,
    /// The operation that polls call. It depends on the cluster's kind for some; then it is that for replica sets.
    operation: Option<&'static Operation>,
    subject: Subject,
    /// Whether the error of a poll is what the wait is for, whatever the policy says.
    succeeds_with: fn(&Error) -> bool,
    /// Makes the outcome from the last document or from the error that ends the wait.
    settle: fn(Result<E>) -> Result<O>,
    policy: WaitPolicy,
    progress: Option<Progress<E>>,
    trouble: Option<Trouble>,
}

/// How an object is asked for: the call that a handle makes for an ID.
type PollBinding<H, I, E> = for<'a> fn(&'a H, &'a I) -> Pending<'a, <E as FromDocument>::Document>;
type Classify<E> = fn(&<E as FromDocument>::Document) -> Outcome;

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
    /// Waits until the object with this ID, which `ask` asks `handle` for, has succeeded. An invalid ID is the error of the
    /// first poll.
    pub(crate) fn over<H, I>(handle: &H, id: Result<I>, ask: PollBinding<H, I, E>) -> Self
    where
        E::Document: HasState,
        H: HasClient + Clone + Send + Sync + 'static,
        I: fmt::Display + Clone + Send + Sync + 'static,
    {
        Wait::with_classifier(handle, id, ask, |document: &E::Document| document.job_state().into())
    }

    /// Waits until `classify` says that the object is done.
    pub(crate) fn with_classifier<H, I>(
        handle: &H,
        id: Result<I>,
        ask: PollBinding<H, I, E>,
        classify: Classify<E>,
    ) -> Self
    where
        H: HasClient + Clone + Send + Sync + 'static,
        I: fmt::Display + Clone + Send + Sync + 'static,
    {
        let operation = operation_of(handle, &id, ask);
        let ask = move |handle: H, id| poll_with(handle, id, ask, classify);
        Wait::of(handle, id, operation, |_| false, |ended| ended, ask)
    }
}

impl<E: Send + 'static> Wait<E> {
    /// Waits until the object that `ask` returns is done.
    /// `operation` is the one that is called for replica sets.
    pub(crate) fn with<H, I, F>(
        handle: &H,
        id: Result<I>,
        operation: &str,
        ask: fn(H, I) -> F,
        state: fn(&E) -> JobState,
    ) -> Self
    where
        H: HasClient + Clone + Send + Sync + 'static,
        I: fmt::Display + Clone + Send + Sync + 'static,
        F: Future<Output = Result<E>> + Send + 'static,
    {
        let asking = move |handle, id| async move {
            let answer = ask(handle, id).await?;
            let outcome = state(&answer).into();
            Ok((answer, outcome))
        };
        Wait::of(handle, id, operations::find(operation), |_| false, |ended| ended, asking)
    }
}

impl<E: FromDocument + Deref<Target = E::Document>> Wait<E, ()> {
    /// Waits until no object with this ID exists.
    pub(crate) fn until_gone<H, I>(handle: &H, id: Result<I>, ask: PollBinding<H, I, E>) -> Self
    where
        E::Document: HasState,
        H: HasClient + Clone + Send + Sync + 'static,
        I: fmt::Display + Clone + Send + Sync + 'static,
    {
        let classify: Classify<E> = |document| match document.job_state() {
            JobState::Failed => JobState::Failed.into(),
            _ => Outcome::Pending,
        };
        let settle = |ended: Result<E>| match ended {
            Err(error) if is_gone(&error) => Ok(()),
            other => other.map(drop),
        };
        let operation = operation_of(handle, &id, ask);
        let ask = move |handle: H, id| poll_with(handle, id, ask, classify);
        Wait::of(handle, id, operation, is_gone, settle, ask)
    }
}

/// The operation that a poll calls. Nothing is sent.
fn operation_of<H, I, T>(
    handle: &H,
    id: &Result<I>,
    ask: for<'a> fn(&'a H, &'a I) -> Pending<'a, T>,
) -> Option<&'static Operation> {
    id.as_ref().ok().map(|id| ask(handle, id).operation())
}

async fn poll_with<H, I, E>(handle: H, id: I, ask: PollBinding<H, I, E>, classify: Classify<E>) -> Result<(E, Outcome)>
where
    E: FromDocument + Deref<Target = E::Document>,
{
    let answer: E = fetch_document(ask(&handle, &id)).await?;
    let outcome = classify(&answer);
    Ok((answer, outcome))
}

/// Whether the service says that the object itself does not exist. A 404 about its project may come from a mistake in the
/// project's ID, and a 404 without an Atlas error is not the service's answer.
fn is_gone(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound
        && error.api_error().is_some_and(|api| api.code.as_ref() != Some(&ErrorCode::GroupNotFound))
}

impl<E, O> Wait<E, O> {
    /// Waits by the policy of the handle's client. `ask` gets a handle whose calls are not repeated.
    fn of<H, I, F>(
        handle: &H,
        id: Result<I>,
        operation: Option<&'static Operation>,
        succeeds_with: fn(&Error) -> bool,
        settle: fn(Result<E>) -> Result<O>,
        ask: impl Fn(H, I) -> F + Send + Sync + 'static,
    ) -> Self
    where
        H: HasClient + Clone + Send + Sync + 'static,
        I: fmt::Display + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(E, Outcome)>> + Send + 'static,
    {
        let mut handle = handle.clone();
        let client = handle.client_mut();
        let policy = client.wait_policy().clone();
        *client = client.for_polls();
        let id_text = id.as_ref().map(ToString::to_string).unwrap_or_default();
        // The last parameter in the path is the object's ID.
        let parameter = operation.and_then(|operation| operation.path.rsplit_once('{')?.1.split('}').next());
        let subject = match parameter.filter(|_| !id_text.is_empty()) {
            Some(parameter) => handle.subject().with(parameter, &id_text),
            None => handle.subject(),
        };
        let ask = id.map(|id| {
            let ask: PollFn<E> = Box::new(move || Box::pin(ask(handle.clone(), id.clone())));
            ask
        });
        Wait { ask, operation, subject, succeeds_with, settle, policy, progress: None, trouble: None }
    }

    /// Replaces the whole policy: how long to wait, how often to poll, and which errors end the wait. The default is the
    /// [client's](crate::Client::with_wait_policy).
    pub fn policy(mut self, policy: WaitPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// How long to wait in total, from the first poll on and whatever the time is spent on: [`WaitPolicy::timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// The interval before the second poll: [`WaitPolicy::interval`].
    pub fn interval(mut self, interval: Duration) -> Self {
        self.policy = self.policy.interval(interval);
        self
    }

    /// The longest interval between two polls: [`WaitPolicy::longest_interval`].
    pub fn longest_interval(mut self, interval: Duration) -> Self {
        self.policy = self.policy.longest_interval(interval);
        self
    }

    /// The factor by which each interval is longer than the one before: [`WaitPolicy::back_off`].
    pub fn back_off(mut self, factor: f64) -> Self {
        self.policy = self.policy.back_off(factor);
        self
    }

    /// Calls `progress` with each document seen, the last one included.
    pub fn on_progress(mut self, progress: impl FnMut(&E) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Calls `trouble` with the error of each poll that fails without ending the wait.
    pub fn on_retry(mut self, trouble: impl FnMut(&Error) + Send + 'static) -> Self {
        self.trouble = Some(Box::new(trouble));
        self
    }
}

impl<E: Serialize, O> Wait<E, O> {
    async fn run(self) -> Result<O> {
        let (subject, operation) = (self.subject.clone(), self.operation);
        let span = tracing::info_span!(
            "atlas_wait",
            operation = operation.map(|operation| operation.id),
            project = subject.project(),
            cluster = subject.cluster(),
            object = subject.object(),
            polls = Empty,
            error.type = Empty,
        );
        let recorded = span.clone();
        async move {
            let mut polls = 0;
            let ended = self.poll_until_end(&mut polls).await;
            recorded.record("polls", polls);
            ended.map_err(|error| {
                recorded.record("error.type", error.kind().as_str());
                // The error of a poll names the operation that was called.
                match operation.filter(|_| error.operation().is_none()) {
                    Some(operation) => error.on(operation, None).about(&subject),
                    None => error.about(&subject),
                }
            })
        }
        .instrument(span)
        .await
    }

    async fn poll_until_end(self, polls: &mut u32) -> Result<O> {
        let Wait { ask, succeeds_with, settle, policy, mut progress, mut trouble, .. } = self;
        let (ask, deadline) = (ask?, instant_after(policy.timeout));
        let mut pace = Pace::new(&policy);
        let mut last: Option<E> = None;
        // When the first error of those came that are polled through for a short time only.
        let mut since: Option<Instant> = None;
        let mut failure: Option<Error> = None;
        loop {
            *polls += 1;
            let Ok(answer) = timeout_at(deadline, ask()).await else {
                // The poll under way may just have had no time.
                return Err(timed_out(&policy, last.as_ref(), failure));
            };
            let mut ends_at = None;
            match answer {
                Ok((document, outcome)) => {
                    if let Some(progress) = &mut progress {
                        progress(&document);
                    }
                    match outcome {
                        Outcome::Done => return settle(Ok(document)),
                        Outcome::Failed(why) => {
                            return Err(Error::new(ErrorKind::Failed, why).with_item(value_of(&document)));
                        }
                        Outcome::Pending => {}
                    }
                    (last, since, failure) = (Some(document), None, None);
                }
                Err(error) => {
                    let ends = match policy.decide(&error) {
                        _ if succeeds_with(&error) => true,
                        OnPollError::EndWait => true,
                        OnPollError::PollAgain => false,
                        OnPollError::PollBriefly => {
                            let end = *since.get_or_insert_with(Instant::now) + BRIEFLY;
                            ends_at = Some(end);
                            end <= Instant::now()
                        }
                    };
                    if ends {
                        return settle(Err(error)).map_err(|error| with_last(error, last.as_ref()));
                    }
                    tracing::debug!(%error, "the poll failed; the wait goes on");
                    if let Some(trouble) = &mut trouble {
                        trouble(&error);
                    }
                    failure = Some(error);
                }
            }
            let pause = instant_after(pace.pause(failure.as_ref()));
            let next = ends_at.map_or(pause, |end| end.min(pause));
            if next >= deadline {
                sleep_until(deadline).await;
                return Err(timed_out(&policy, last.as_ref(), failure));
            }
            sleep_until(next).await;
        }
    }
}

/// The intervals of one wait.
struct Pace {
    interval: Duration,
    longest: Duration,
    factor: f64,
}

impl Pace {
    fn new(policy: &WaitPolicy) -> Self {
        let (interval, longest) = (policy.interval.max(MIN_INTERVAL), policy.longest_interval.max(MIN_INTERVAL));
        // A factor that is not a number must not stop the wait.
        let factor = if policy.back_off > 1.0 { policy.back_off } else { 1.0 };
        Pace { interval: interval.min(longest), longest, factor }
    }

    /// How long to wait before the next poll, after one that failed with `failure`.
    fn pause(&mut self, failure: Option<&Error>) -> Duration {
        let random = (self.interval / 2).mul_f64(fastrand::f64());
        let jittered = self.interval - random;
        // All waits may be told the same time: they spread after it.
        let asked = failure.and_then(Error::retry_after).map(|asked| asked.saturating_add(random));
        let factor = if failure.is_some() { self.factor.max(2.0) } else { self.factor };
        let longer = Duration::try_from_secs_f64(self.interval.as_secs_f64() * factor).unwrap_or(Duration::MAX);
        self.interval = longer.min(self.longest);
        jittered.max(MIN_INTERVAL).max(asked.unwrap_or_default())
    }
}

fn timed_out(policy: &WaitPolicy, last: Option<&impl Serialize>, failure: Option<Error>) -> Error {
    // A caller may have spent a fraction of a round time before the wait.
    let millis = policy.timeout.as_millis().try_into().unwrap_or(u64::MAX);
    let shown = if millis < 500 { policy.timeout } else { Duration::from_secs(millis.div_ceil(1000)) };
    let message = format!("not done after {shown:?}");
    let error = match failure {
        Some(failure) => {
            Error::new(ErrorKind::Timeout, format!("{message}; the last poll failed: {failure}")).with_source(failure)
        }
        None => Error::new(ErrorKind::Timeout, message),
    };
    with_last(error, last)
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

impl<E, O> fmt::Debug for Wait<E, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("policy", &self.policy).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
