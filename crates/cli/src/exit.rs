//! How a run ends: the exit code, and the line on standard error that says why.
//!
//! Scripts decide on the code, so the meaning of each is fixed and documented; people read the line, so it ends with
//! what to do next. A reader that has closed our output is no failure, and no run that failed may ever end with 0.

use std::{
    cell::{Cell, RefCell},
    error::Error as StdError,
    fmt, io,
    process::ExitCode,
};

use atlas_backup::{ErrorCode, ErrorKind};
use serde_json::Value;

use crate::{advice, args::Global, output::cell::one_line, signals::Asked};

/// Result of a command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Anything without a code of its own.
    Other = 1,
    /// The command line asks for something that can't be.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// No credentials, wrong ones, or ones without the role.
    NotAllowed = 4,
    /// What was waited for has failed.
    JobFailed = 5,
    /// A deadline passed.
    TimedOut = 6,
    /// The rate limit was used up for longer than the call may take.
    RateLimited = 7,
    /// Some of a fleet could not be read.
    Partial = 8,
    /// Something was found that should not be so.
    Findings = 9,
    /// Ctrl-C or a signal that means the same.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Whoever read the output has gone away: the run ends quietly.
    Closed,
    /// The command line asks for something that can't be.
    Usage { message: String, advice: String },
    /// Nothing says who is calling.
    NoCredentials,
    /// Something on this machine.
    Local { message: String, source: Box<dyn StdError + Send + Sync> },
    /// A call, and what to do about it.
    Call { error: atlas_backup::Error, advice: Option<String> },
    /// A list is there but for documents that could not be read, each of which has been told of.
    Unreadable { message: String },
    /// The filter that the output goes through fails on it.
    Query { message: String },
    /// Some of a fleet could not be read, each of which has been told of.
    Partial { missed: u64 },
    /// What was looked at is not what it should be.
    Verdict { exit: Exit, message: String },
    /// Whoever was asked said no.
    Declined,
    /// Ctrl-C, and how to take up again what goes on without us.
    Interrupted { resume: Option<String> },
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Failure::Usage { message: message.into(), advice: advice.into() }
    }

    pub(crate) fn local(message: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Failure::Local { message: message.into(), source: source.into() }
    }

    pub(crate) fn verdict(exit: Exit, message: impl Into<String>) -> Self {
        Failure::Verdict { exit, message: message.into() }
    }

    /// A format that only an audit has.
    pub(crate) fn only_audit() -> Self {
        Failure::usage("only `audit` prints that format", "use `-o table`, `wide`, `json`, `ndjson` or `csv`")
    }

    /// Replaces the general advice by one that fits the command.
    pub(crate) fn advise(self, better: impl FnOnce(&atlas_backup::Error) -> Option<String>) -> Self {
        match self {
            Failure::Call { error, advice } => {
                let better = better(&error);
                Failure::Call { error, advice: better.or(advice) }
            }
            other => other,
        }
    }

    /// What was asked for by its id may not be there: then `list`, a command in backquotes, shows what there is.
    pub(crate) fn unless_there(error: atlas_backup::Error, list: impl fmt::Display) -> Self {
        Failure::from(error).advise(|error| match error.code() {
            // What it would be in is not there either.
            Some(ErrorCode::ClusterNotFound | ErrorCode::GroupNotFound) => None,
            _ => (error.kind() == ErrorKind::NotFound).then(|| format!("{list} shows what there is")),
        })
    }

    /// The document of a list that could not be read, when that is all that is wrong.
    pub(crate) fn odd_item(&self) -> Option<&Value> {
        match self {
            Failure::Call { error, .. } if error.kind() == ErrorKind::Decode => error.document(),
            _ => None,
        }
    }

    /// The exit code; `None` when the run has ended well after all.
    pub(crate) fn exit(&self) -> Option<Exit> {
        Some(match self {
            Failure::Closed => return None,
            Failure::Usage { .. } => Exit::Usage,
            Failure::NoCredentials => Exit::NotAllowed,
            Failure::Local { .. } | Failure::Unreadable { .. } | Failure::Query { .. } | Failure::Declined => {
                Exit::Other
            }
            Failure::Partial { .. } => Exit::Partial,
            Failure::Verdict { exit, .. } => *exit,
            Failure::Interrupted { .. } => Exit::Interrupted,
            Failure::Call { error, .. } => of_kind(error.kind()),
        })
    }

    /// What goes to standard error: a line, and the causes if they are asked for.
    pub(crate) fn report(&self, global: &Global) -> String {
        let mut text = global.retold(&self.to_string());
        if global.verbose {
            let mut cause = self.source();
            while let Some(error) = cause {
                text.push_str(&format!("\n  caused by: {error}"));
                cause = error.source();
            }
        }
        text
    }
}

fn of_kind(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::InvalidInput | ErrorKind::UnsupportedVersion | ErrorKind::Retired => Exit::Usage,
        ErrorKind::NotFound => Exit::NotFound,
        ErrorKind::NotConfigured | ErrorKind::Authentication | ErrorKind::Unauthorized | ErrorKind::Forbidden => {
            Exit::NotAllowed
        }
        ErrorKind::Failed => Exit::JobFailed,
        ErrorKind::Timeout => Exit::TimedOut,
        ErrorKind::RateLimited => Exit::RateLimited,
        _ => Exit::Other,
    }
}

impl From<atlas_backup::Error> for Failure {
    fn from(error: atlas_backup::Error) -> Self {
        match error.kind() {
            ErrorKind::NotConfigured => Failure::NoCredentials,
            _ => Failure::Call { advice: advice::general(&error), error },
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::local("the output could not be written", error),
        }
    }
}

impl From<std::convert::Infallible> for Failure {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Closed => f.write_str("the output was closed"),
            Failure::Usage { message, advice } => write!(f, "{message}; {advice}"),
            Failure::NoCredentials => f.write_str(advice::NO_CREDENTIALS),
            Failure::Local { message, source } => write!(f, "{message}: {source}"),
            Failure::Unreadable { message } => write!(f, "{message}; `-o json` prints them as the service sent them"),
            Failure::Call { error, advice: Some(advice) } => {
                write!(f, "{}; {advice}", one_line(&error.to_string()).trim_end_matches('.'))
            }
            Failure::Call { error, advice: None } => f.write_str(&one_line(&error.to_string())),
            Failure::Query { message } => write!(f, "the query fails: {message}"),
            Failure::Partial { missed } => {
                write!(f, "not all of the fleet could be read: {missed} missing, told above")
            }
            Failure::Verdict { message, .. } => f.write_str(message),
            Failure::Declined => f.write_str("that was no yes; nothing was done"),
            Failure::Interrupted { resume: Some(resume) } => write!(f, "interrupted; {resume}"),
            Failure::Interrupted { resume: None } => f.write_str("interrupted"),
        }
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            // The error's own text is part of ours already; its causes are not.
            Failure::Call { error, .. } => error.source(),
            Failure::Local { source, .. } => source.source(),
            _ => None,
        }
    }
}

/// How to take up again what goes on at the service when the run is interrupted. A command that begins something says
/// so as soon as it is begun.
#[derive(Debug, Default)]
pub(crate) struct Resume {
    advice: RefCell<Option<String>>,
    held: Cell<bool>,
}

impl Resume {
    pub(crate) fn set(&self, advice: String) {
        self.advice.replace(Some(advice));
    }

    /// From now on the command sees to interruptions itself, because there is something to take away first.
    pub(crate) fn hold(&self) {
        self.held.set(true);
    }

    /// Ends when the run is interrupted and no command has anything to say to that.
    pub(crate) async fn interrupted(&self) {
        let mut asked = Asked::listen();
        loop {
            asked.heard().await;
            if !self.held.get() {
                return;
            }
        }
    }

    pub(crate) fn take(&self) -> Option<String> {
        self.advice.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_output_ends_the_run_well() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(closed.exit(), None);
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.exit(), Some(Exit::Other));
    }

    #[test]
    fn each_kind_of_error_has_its_exit_code() {
        for (kind, exit) in [
            (ErrorKind::InvalidInput, Exit::Usage),
            (ErrorKind::UnsupportedVersion, Exit::Usage),
            (ErrorKind::NotFound, Exit::NotFound),
            (ErrorKind::Unauthorized, Exit::NotAllowed),
            (ErrorKind::Forbidden, Exit::NotAllowed),
            (ErrorKind::Authentication, Exit::NotAllowed),
            (ErrorKind::Failed, Exit::JobFailed),
            (ErrorKind::Timeout, Exit::TimedOut),
            (ErrorKind::RateLimited, Exit::RateLimited),
            (ErrorKind::Gone, Exit::Other),
            (ErrorKind::Server, Exit::Other),
            (ErrorKind::Decode, Exit::Other),
        ] {
            assert_eq!(of_kind(kind), exit, "{kind:?}");
        }
    }
}
