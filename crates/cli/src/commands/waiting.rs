//! Waiting for something that goes on at the service, whatever it is.
//!
//! Once the service has accepted a request, nothing that happens here may lose the id: an interruption, a deadline and a
//! failure each say which job it is and how to take the wait up again.

use std::time::Duration;

use atlas_backup::{ErrorKind, Wait};
use clap::Args;
use serde::Serialize;

use crate::{
    exit::{Failure, Outcome, Resume},
    progress::Progress,
    session::Session,
};

/// How long to wait.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Patience {
    /// Gives up waiting after so long, such as 90s, 30m or 2h; the job itself goes on.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    pub(crate) timeout: Duration,
}

/// Whether to wait, and how long.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Waiting {
    /// Waits until it is done; exit code 5 if it fails, 6 if the time is up.
    #[arg(long, alias = "watch", short_alias = 'w')]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

/// A duration with its unit: a bare number has been taken for nanoseconds by others.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("say the unit: {text}s, {text}m or {text}h"));
    }
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() { Err("it must be more than nothing".to_owned()) } else { Ok(duration) }
}

/// What is waited for.
#[derive(Debug)]
pub(crate) struct Job {
    /// A word for it: `snapshot`, `restore job`.
    pub(crate) noun: &'static str,
    /// Its id, or the name of what it happens to.
    pub(crate) id: String,
    /// Whose it is.
    pub(crate) owner: String,
    /// The states it goes through, the last of which is the end.
    pub(crate) states: &'static [&'static str],
    /// The command that waits for it again, in backquotes.
    pub(crate) again: String,
    /// The command that shows what there is of its kind, in backquotes.
    pub(crate) list: String,
    /// What to do when it has failed.
    pub(crate) remedy: &'static str,
}

impl Job {
    /// Says how to wait for it, for a command that doesn't.
    pub(crate) fn tell(&self, session: &Session) {
        if !session.is_throw_away() {
            let again = session.retold(&self.again);
            crate::notice(format_args!("{again} waits until it is done"));
        }
    }

    /// Waits until it is done, with a bar where there is a terminal, and says how long it took. `state` is what a document
    /// says about it.
    ///
    /// # Errors
    /// It failed or vanished, the time is up, or it could not be asked for.
    pub(crate) async fn wait<D>(
        self,
        wait: Wait<D>,
        state: fn(&D) -> Option<&str>,
        patience: Patience,
        session: &Session,
        resume: &Resume,
    ) -> Outcome<D>
    where
        D: Serialize + Send + 'static,
    {
        let told = |document: &D| state(document).unwrap_or("done").to_owned();
        self.until(wait, state, told, patience, session, resume).await
    }

    /// The same for a wait whose end is no document; `told` is how it ended, in a word.
    ///
    /// # Errors
    /// As of [`wait`](Self::wait).
    pub(crate) async fn until<D, E>(
        self,
        wait: Wait<D, E>,
        state: fn(&D) -> Option<&str>,
        told: impl FnOnce(&E) -> String,
        patience: Patience,
        session: &Session,
        resume: &Resume,
    ) -> Outcome<E>
    where
        D: Serialize + Send + 'static,
        E: Send + 'static,
    {
        let go_on = match session.is_throw_away() {
            true => "a throw-away emulator goes with the run: give it longer by `--timeout`".to_owned(),
            false => format!("the {} goes on, and {} waits for it again", self.noun, self.again),
        };
        if !session.is_throw_away() {
            resume.set(go_on.clone());
        }
        let progress = Progress::start(format!("{} {}", self.noun, self.id), self.states);
        let shown = progress.clone();
        let mut wait = wait.timeout(patience.timeout).on_progress(move |document| {
            if let Some(state) = state(document) {
                shown.state(state);
            }
        });
        if let Some(interval) = session.poll_interval() {
            wait = wait.interval(interval).longest_interval(interval);
        }
        let outcome = wait.await;
        let elapsed = humantime::format_duration(Duration::from_secs(progress.elapsed().as_secs()));
        progress.end();
        match outcome {
            Ok(end) => {
                crate::notice(format_args!("{} after {elapsed}", told(&end)));
                Ok(end)
            }
            Err(error) => Err(Failure::from(error).advise(|error| match error.kind() {
                ErrorKind::Failed => {
                    let reason = error.document().and_then(|document| document["errorMessage"].as_str());
                    let reason = reason.map(|reason| format!("\"{}\"; ", reason.trim_end_matches('.')));
                    let (reason, noun, id) = (reason.unwrap_or_default(), self.noun, &self.id);
                    Some(format!("{reason}it is {noun} {id} of {}; {}", self.owner, self.remedy))
                }
                ErrorKind::Timeout => Some(go_on),
                ErrorKind::NotFound => Some(format!("{} shows what there is", self.list)),
                _ => None,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("60"), Err("say the unit: 60s, 60m or 60h".to_owned()));
        for nonsense in ["", "soon", "-1m", "0s"] {
            assert!(duration(nonsense).is_err(), "{nonsense}");
        }
    }
}
