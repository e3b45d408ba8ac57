//! How a drill waits: as long as the drill has time, with a bar on a terminal that shows the step.

use std::{pin::pin, time::Duration};

use atlas_backup::{ErrorKind, Wait};
use serde::Serialize;
use tokio::time::Instant;

use crate::{
    context::session::Session,
    ui::{
        exit::{Failure, Outcome},
        progress::Progress,
    },
};

/// How much longer than the drill what knows its deadline may take.
const GRACE: Duration = Duration::from_secs(2);
/// Two clocks that were read one after the other are no further apart.
const CLOCK_TOLERANCE: Duration = Duration::from_millis(100);

/// Waiting for one thing.
#[derive(Debug)]
pub(super) struct StepWait<'s> {
    pub(super) session: &'s Session,
    /// What is waited for, in a few words.
    pub(super) what: String,
    /// The states that it goes through, where they are known.
    pub(super) states: &'static [&'static str],
    pub(super) until: Instant,
}

impl StepWait<'_> {
    /// Waits. `state` is what a document says about it.
    pub(super) async fn run<D, O>(&self, wait: Wait<D, O>, state: fn(&D) -> Option<&str>) -> Outcome<O>
    where
        Wait<D, O>: IntoFuture<Output = atlas_backup::Result<O>>,
        D: Serialize + Send + 'static,
    {
        let progress = Progress::start(self.what.clone(), self.states);
        let shown = progress.clone();
        let left = self.until.saturating_duration_since(Instant::now());
        let mut wait = wait.timeout(left).on_progress(move |document| {
            if let Some(state) = state(document) {
                shown.state(state);
            }
        });
        if let Some(interval) = self.session.poll_interval() {
            wait = wait.interval(interval).longest_interval(interval);
        }
        let outcome = wait.into_future().await;
        drop(progress);
        Ok(outcome?)
    }
}

/// Why something did not come to its end.
#[derive(Debug)]
pub(super) enum StopReason {
    /// Somebody wants the program to end.
    Interrupted,
    /// The time is up.
    TimedOut,
    /// It went wrong.
    Failed(Failure),
}

/// Does `work` until it is done, somebody has `asked` for the end, or the time is up.
pub(super) async fn run_until_stopped<T>(
    asked: impl Future<Output = ()>,
    until: Instant,
    work: impl Future<Output = Outcome<T>>,
) -> Result<T, StopReason> {
    let mut work = pin!(work);
    tokio::select! {
        outcome = &mut work => outcome.map_err(|failure| match &failure {
            // A call of its own has less time than the drill, and that it took longer is another story.
            Failure::Call { error, .. } if error.kind() == ErrorKind::Timeout && until <= Instant::now() + CLOCK_TOLERANCE => {
                StopReason::TimedOut
            }
            _ => StopReason::Failed(failure),
        }),
        () = asked => Err(StopReason::Interrupted),
        // Waits know the deadline too and say what they saw last, so they get to speak first.
        () = tokio::time::sleep_until(until + GRACE) => Err(StopReason::TimedOut),
    }
}
