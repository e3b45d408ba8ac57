//! How a run ends: the exit code, and the line on standard error that says why.
//!
//! Scripts decide on the code, so the meaning of each is fixed and documented; people read the line, so it ends with
//! what to do next. A reader that has closed our output is no failure, and no run that failed may ever end with 0.

use std::{error::Error as StdError, fmt, io, process::ExitCode};

use atlas_backup::{ErrorCode, ErrorKind};
use serde_json::Value;

use super::{
    hints::{self, Command, Hint, Invocation},
    sanitize::one_line,
};

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
    Usage { message: String, hint: Hint },
    /// Nothing says who is calling.
    NoCredentials,
    /// Something on this machine.
    Local { message: String, source: Box<dyn StdError + Send + Sync> },
    /// A call or a wait, its exit code, and what to do about it.
    Call { error: atlas_backup::Error, exit: Exit, hint: Option<Hint> },
    /// A list is there but for documents that could not be read, each of which has been told of.
    Unreadable { message: String },
    /// The filter that the output goes through fails on it.
    Query { message: String },
    /// Some of a fleet could not be read, each of which has been told of.
    Partial { unreadable: u64 },
    /// What was looked at is not what it should be.
    Status { exit: Exit, message: String, hint: Option<Hint> },
    /// Whoever was asked said no.
    Declined,
    /// Ctrl-C, and how to take up again what goes on without us.
    Interrupted { resume: Option<Hint> },
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<Hint>) -> Self {
        Failure::Usage { message: message.into(), hint: hint.into() }
    }

    pub(crate) fn local(message: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Failure::Local { message: message.into(), source: source.into() }
    }

    pub(crate) fn status(exit: Exit, message: impl Into<String>) -> Self {
        Failure::Status { exit, message: message.into(), hint: None }
    }

    /// A format that only an audit has.
    pub(crate) fn audit_format_only() -> Self {
        Failure::usage("only `audit` prints that format", "use `-o table`, `wide`, `json`, `ndjson` or `csv`")
    }

    /// An error of a call whose message needs no hint.
    pub(crate) fn without_hint(error: atlas_backup::Error) -> Self {
        Failure::Call { exit: exit_for_kind(error.kind()), error, hint: None }
    }

    /// The error that ended a wait. At the deadline the exit code tells a job that is not done from a service that did not
    /// answer the last poll.
    pub(crate) fn of_wait(error: atlas_backup::Error) -> Self {
        let last_poll = error.source().and_then(|source| source.downcast_ref::<atlas_backup::Error>());
        let exit = match (error.kind(), last_poll.map(|error| exit_for_kind(error.kind()))) {
            (ErrorKind::Timeout, Some(Exit::TimedOut)) => Exit::Other,
            (ErrorKind::Timeout, Some(exit)) => exit,
            (kind, _) => exit_for_kind(kind),
        };
        match Failure::from(error) {
            Failure::Call { error, hint, .. } => Failure::Call { error, exit, hint },
            other => other,
        }
    }

    /// Replaces the general hint by one that fits the command, if `better` has one.
    pub(crate) fn with_hint(self, better: impl FnOnce(&atlas_backup::Error) -> Option<Hint>) -> Self {
        match self {
            Failure::Call { error, exit, hint } => {
                let better = better(&error);
                Failure::Call { error, exit, hint: better.or(hint) }
            }
            other => other,
        }
    }

    /// An error of a call for something by its id. If it does not exist, the hint names `list`, which shows what exists.
    pub(crate) fn not_found(error: atlas_backup::Error, list: Command) -> Self {
        Failure::from(error).with_hint(|error| match error.code() {
            // The cluster or the project does not exist either.
            Some(ErrorCode::ClusterNotFound | ErrorCode::GroupNotFound) => None,
            _ => (error.kind() == ErrorKind::NotFound).then(|| list.hint(" shows what there is")),
        })
    }

    /// The document of a list that could not be read, when that is all that is wrong.
    pub(crate) fn undecodable_item(&self) -> Option<&Value> {
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
            Failure::Status { exit, .. } => *exit,
            Failure::Interrupted { .. } => Exit::Interrupted,
            Failure::Call { exit, .. } => *exit,
        })
    }

    /// What goes to standard error: a line with the commands as this run was invoked, and the causes if `verbose`.
    pub(crate) fn report(&self, invocation: &Invocation, verbose: bool) -> String {
        let mut text = self.line(invocation);
        if verbose {
            let mut cause = self.source();
            while let Some(error) = cause {
                text.push_str(&format!("\n  caused by: {error}"));
                cause = error.source();
            }
        }
        text
    }
}

fn exit_for_kind(kind: ErrorKind) -> Exit {
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
            kind => Failure::Call { exit: exit_for_kind(kind), hint: hints::for_error(&error), error },
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

impl Failure {
    fn line(&self, invocation: &Invocation) -> String {
        let (message, hint) = match self {
            Failure::Closed => ("the output was closed".to_owned(), None),
            Failure::Usage { message, hint } => (message.clone(), Some(hint)),
            Failure::NoCredentials => (hints::NO_CREDENTIALS.to_owned(), None),
            Failure::Local { message, source } => (format!("{message}: {source}"), None),
            Failure::Unreadable { message } => {
                (format!("{message}; `-o json` prints them as the service sent them"), None)
            }
            Failure::Call { error, hint: Some(hint), .. } => {
                (one_line(&error.to_string()).trim_end_matches('.').to_owned(), Some(hint))
            }
            Failure::Call { error, hint: None, .. } => (one_line(&error.to_string()), None),
            Failure::Query { message } => (format!("the query fails: {message}"), None),
            Failure::Partial { unreadable } => {
                (format!("not all of the fleet could be read: {unreadable} missing, told above"), None)
            }
            Failure::Status { message, hint, .. } => (message.clone(), hint.as_ref()),
            Failure::Declined => ("that was no yes; nothing was done".to_owned(), None),
            Failure::Interrupted { resume } => ("interrupted".to_owned(), resume.as_ref()),
        };
        match hint {
            Some(hint) => format!("{message}; {}", hint.render(invocation)),
            None => message,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(&Invocation::default()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_output_is_success() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(closed.exit(), None);
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.exit(), Some(Exit::Other));
    }
}
