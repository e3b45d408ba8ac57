//! How a drill waits: as long as the drill has time, with a bar on a terminal that shows the step.

use std::{pin::pin, time::Duration};

use atlas_backup::{ErrorKind, Wait};
use serde::Serialize;
use tokio::{signal, time::Instant};

use crate::{
    exit::{Failure, Outcome},
    progress::Progress,
    session::Session,
};

/// Waiting for one thing.
#[derive(Debug)]
pub(super) struct Watch<'s> {
    pub(super) session: &'s Session,
    /// What is waited for, in a few words.
    pub(super) what: String,
    /// The states that it goes through, where they are known.
    pub(super) states: &'static [&'static str],
    pub(super) until: Instant,
}

impl Watch<'_> {
    /// Waits. `state` is what a document says about it.
    pub(super) async fn on<D, O>(
        &self,
        wait: Wait<D, O>,
        state: impl Fn(&D) -> Option<String> + Send + 'static,
    ) -> Outcome<O>
    where
        Wait<D, O>: IntoFuture<Output = atlas_backup::Result<O>>,
        D: Serialize + Send + 'static,
    {
        let progress = Progress::start(self.what.clone(), self.states);
        let shown = progress.clone();
        let left = self.until.saturating_duration_since(Instant::now());
        let mut wait = wait.timeout(left).on_progress(move |document| {
            if let Some(state) = state(document) {
                shown.state(&state);
            }
        });
        if let Some(interval) = self.session.poll_interval() {
            wait = wait.interval(interval).longest_interval(interval);
        }
        let outcome = wait.into_future().await;
        progress.end();
        Ok(outcome?)
    }
}

/// Why something did not come to its end.
#[derive(Debug)]
pub(super) enum Stopped {
    /// Somebody wants the program to end.
    Interrupted,
    /// The time is up.
    TimedOut,
    /// It went wrong.
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        match &failure {
            Failure::Call { error, .. } if error.kind() == ErrorKind::Timeout => Stopped::TimedOut,
            _ => Stopped::Failed(failure),
        }
    }
}

/// Does `work` until it is done, somebody wants the program to end, or the time is up.
pub(super) async fn unless_stopped<T>(until: Instant, work: impl Future<Output = Outcome<T>>) -> Result<T, Stopped> {
    let mut work = pin!(work);
    tokio::select! {
        outcome = &mut work => Ok(outcome?),
        () = asked_to_end() => Err(Stopped::Interrupted),
        // Waits know the deadline too and say what they saw last, so they get to speak first.
        () = tokio::time::sleep_until(until + Duration::from_secs(2)) => Err(Stopped::TimedOut),
    }
}

/// Ctrl-C, or the signal by which a scheduler ends a program.
#[cfg(unix)]
async fn asked_to_end() {
    let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
        let _either = signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    let _either = signal::ctrl_c().await;
}
