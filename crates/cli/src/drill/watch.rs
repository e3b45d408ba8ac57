//! Waits of a drill: bounded by the deadline of the drill, with a progress bar that shows the step.

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

/// Extra time for work that knows the deadline itself and reports the timeout in more detail.
const GRACE: Duration = Duration::from_secs(2);
/// Tolerance between two readings of the clock.
const CLOCK_TOLERANCE: Duration = Duration::from_millis(100);

/// A wait for one job.
#[derive(Debug)]
pub(super) struct StepWait<'s> {
    pub(super) session: &'s Session,
    /// A short description of the job.
    pub(super) what: String,
    /// The states of the job, if known.
    pub(super) states: &'static [&'static str],
    pub(super) until: Instant,
}

impl StepWait<'_> {
    /// Waits for the job. `state` reads the state of a document.
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

/// Why work was stopped.
#[derive(Debug)]
pub(super) enum StopReason {
    /// The run was interrupted.
    Interrupted,
    /// The deadline passed.
    TimedOut,
    /// The work failed.
    Failed(Failure),
}

/// Runs `work` until it ends, `asked` completes, or the deadline passes.
pub(super) async fn run_until_stopped<T>(
    asked: impl Future<Output = ()>,
    until: Instant,
    work: impl Future<Output = Outcome<T>>,
) -> Result<T, StopReason> {
    let mut work = pin!(work);
    tokio::select! {
        outcome = &mut work => outcome.map_err(|failure| match &failure {
            // A timeout of a call before the deadline of the drill is a failure of that call.
            Failure::Call { error, .. } if error.kind() == ErrorKind::Timeout && until <= Instant::now() + CLOCK_TOLERANCE => {
                StopReason::TimedOut
            }
            _ => StopReason::Failed(failure),
        }),
        () = asked => Err(StopReason::Interrupted),
        // Waits know the deadline and report the last state, so give them time to end first.
        () = tokio::time::sleep_until(until + GRACE) => Err(StopReason::TimedOut),
    }
}
