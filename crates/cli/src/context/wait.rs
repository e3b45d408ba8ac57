//! Waits for a job of the service.
//!
//! The ID of an accepted job must not be lost: an interruption, a timeout and a failure each name the job and the
//! command that waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use atlas_backup::{Cluster, ErrorKind, StateWords, Wait};
use clap::Args;
use serde::Serialize;

use super::{session::Session, targets::ClusterItemArgs};
use crate::ui::{
    exit::{Failure, Outcome},
    hints::{Command, Hint},
    messages,
    output::columns::Document,
    progress::Progress,
    sanitize::one_line,
};

/// The timeout of a wait.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Timeout {
    /// Stop waiting after this time, such as 90s, 30m or 2h; the job continues.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    pub(crate) timeout: Duration,
}

impl Timeout {
    /// The time that remains of it since `begun`.
    pub(crate) fn since(self, begun: Instant) -> Self {
        Timeout { timeout: self.timeout.saturating_sub(begun.elapsed()) }
    }
}

/// An item of a cluster to wait for, and the timeout.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) of: ClusterItemArgs,
    #[command(flatten)]
    pub(crate) timeout: Timeout,
}

/// Whether to wait, and the timeout.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct WaitFlags {
    /// Wait until the job is done; exits with 5 if it fails, 6 on a timeout, 1 or 7 if the service does not answer.
    #[arg(long, alias = "watch", short_alias = 'w')]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) timeout: Timeout,
}

/// Parses a duration with a unit. A bare number is rejected: other tools read it as nanoseconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("missing unit: expected {text}s, {text}m or {text}h"));
    }
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() { Err("expected a duration above 0".to_owned()) } else { Ok(duration) }
}

/// A job of the service, or another state change to wait for.
#[derive(Debug)]
pub(crate) struct Job {
    /// Its noun: `snapshot`, `restore job`.
    pub(crate) noun: &'static str,
    /// Its ID, or the name of the changing object.
    pub(crate) id: String,
    /// The cluster or project it belongs to.
    pub(crate) owner: String,
    /// Its states in order. The last one is the end.
    pub(crate) states: &'static [&'static str],
    /// The command that waits for it.
    pub(crate) wait_command: Command,
    /// The command that lists objects of its kind.
    pub(crate) list_command: Command,
    /// The next step after a failure.
    pub(crate) remedy: Hint,
}

impl Job {
    /// A job of a cluster. `command` is its noun on the command line.
    pub(crate) fn of_cluster(
        noun: &'static str,
        command: &str,
        cluster: &Cluster,
        id: impl ToString,
        states: StateWords,
        remedy: impl Into<Hint>,
    ) -> Self {
        let (name, id) = (cluster.name(), id.to_string());
        Job {
            wait_command: Command::new(command).arg("wait").arg(name).arg(&id),
            list_command: Command::new(command).arg("list").arg(name),
            noun,
            id,
            owner: name.to_string(),
            states: states.steps(),
            remedy: remedy.into(),
        }
    }

    /// Combines the job with its wait. `state` reads the state of a document.
    pub(crate) fn with_wait<D>(self, wait: Wait<D>, state: fn(&D) -> Option<&str>) -> StartedJob<D> {
        StartedJob { job: self, wait, state }
    }

    /// Waits until the job is done, with a progress bar on a terminal, and prints the elapsed time. `state` reads the state
    /// of a document, `ended` names the final state.
    ///
    /// # Errors
    /// The job failed or does not exist, the wait timed out, or the job could not be read.
    pub(crate) async fn wait_until<D, E>(
        self,
        wait: Wait<D, E>,
        state: fn(&D) -> Option<&str>,
        ended: impl FnOnce(&E) -> String,
        timeout: Timeout,
        session: &Session,
    ) -> Outcome<E>
    where
        D: Serialize + Send + 'static,
        E: Send + 'static,
    {
        let Job { noun, id, owner, states, wait_command, list_command, remedy } = self;
        let resume = match session.uses_temporary_emulator() {
            true => Hint::from("the temporary emulator has stopped; pass a longer `--timeout`"),
            false => {
                wait_command.hint(" resumes the wait").preceded_by(format_args!("the {noun} continues in Atlas; "))
            }
        };
        if !session.uses_temporary_emulator() {
            session.interruption().set_resume(resume.clone());
        }
        // Before the first poll, so that the ID is known however the wait ends.
        messages::note(format_args!("waiting for {noun} {id} of {owner}"));
        let progress = Progress::start(format!("{noun} {id}"), states);
        let shown = progress.clone();
        // One note for each outage, however many polls fail.
        let noted = Arc::new(AtomicBool::new(false));
        let is_over = noted.clone();
        let mut wait = wait.timeout(timeout.timeout).on_progress(move |document| {
            is_over.store(false, Relaxed);
            if let Some(state) = state(document) {
                shown.state(state);
            }
        });
        let (bar, polled) = (progress.clone(), format!("{noun} {id}"));
        wait = wait.on_retry(move |error| {
            if !noted.swap(true, Relaxed) {
                bar.suspend(|| {
                    messages::note(format_args!("still waiting for {polled}: {}", one_line(&error.to_string())))
                });
            }
        });
        if let Some(interval) = session.poll_interval() {
            wait = wait.interval(interval).longest_interval(interval);
        }
        let outcome = wait.await;
        let elapsed = humantime::format_duration(Duration::from_secs(progress.elapsed().as_secs()));
        drop(progress);
        match outcome {
            Ok(end) => {
                messages::note(format_args!("{} after {elapsed}", ended(&end)));
                Ok(end)
            }
            Err(error) => Err(Failure::of_wait(error).with_hint(|error| match error.kind() {
                ErrorKind::Failed => {
                    let reason = error.document().and_then(|document| document["errorMessage"].as_str());
                    let reason = reason.map(|reason| format!("\"{}\"; ", reason.trim_end_matches('.')));
                    let reason = reason.unwrap_or_default();
                    Some(remedy.preceded_by(format_args!("{reason}{noun} {id} of {owner} failed; ")))
                }
                ErrorKind::Timeout => Some(resume),
                ErrorKind::NotFound => Some(list_command.hint(" lists the existing ones")),
                _ => None,
            })),
        }
    }
}

/// A started job and its wait.
#[derive(Debug)]
pub(crate) struct StartedJob<D> {
    job: Job,
    wait: Wait<D>,
    state: fn(&D) -> Option<&str>,
}

impl<D: Document + Send> StartedJob<D> {
    /// Waits until the job is done, as [`Job::wait_until`] does.
    ///
    /// # Errors
    /// See [`Job::wait_until`].
    pub(crate) async fn wait(self, timeout: Timeout, session: &Session) -> Outcome<D> {
        let state = self.state;
        let ended = |document: &D| state(document).unwrap_or("done").to_owned();
        self.job.wait_until(self.wait, state, ended, timeout, session).await
    }

    /// Waits until the job is done and prints it.
    ///
    /// # Errors
    /// See [`Job::wait_until`].
    pub(crate) async fn wait_and_print(self, timeout: Timeout, session: &Session) -> Outcome {
        session.printer().one(&self.wait(timeout, session).await?).await
    }

    /// With `--wait`, waits and prints the finished job. Otherwise prints it as it is, and the command that waits for it.
    ///
    /// # Errors
    /// See [`Job::wait_until`].
    pub(crate) async fn print(self, now: &D, flags: WaitFlags, session: &Session) -> Outcome {
        if flags.wait {
            return self.wait_and_print(flags.timeout, session).await;
        }
        session.printer().one(now).await?;
        if !session.uses_temporary_emulator() {
            messages::note(session.render(&self.job.wait_command.hint(" waits for it")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_needs_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("60"), Err("missing unit: expected 60s, 60m or 60h".to_owned()));
        for nonsense in ["", "soon", "-1m", "0s"] {
            assert!(duration(nonsense).is_err(), "{nonsense}");
        }
    }
}
