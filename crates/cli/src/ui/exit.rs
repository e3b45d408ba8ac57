//! How a run ends: the exit code, and the message on standard error.
//!
//! Scripts decide on the code, so each code has a fixed, documented meaning. People read the message, so it ends with
//! the next step. A closed standard output is not a failure. A failed run never exits with 0.

use std::{error::Error as StdError, fmt, io, process::ExitCode};

use atlas_backup::{ErrorCode, ErrorKind};
use serde_json::Value;

use super::{
    hints::{self, Command, Hint, Invocation},
    interrupts,
    sanitize::one_line,
};

/// Result of a command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Any other error.
    Other = 1,
    /// The arguments are invalid.
    Usage = 2,
    /// A resource does not exist.
    NotFound = 3,
    /// Credentials are missing, wrong, or lack a role.
    NotAllowed = 4,
    /// The job failed.
    JobFailed = 5,
    /// A deadline passed.
    TimedOut = 6,
    /// The rate limit stayed exhausted until the deadline of the call.
    RateLimited = 7,
    /// Some items of a fleet could not be read.
    Partial = 8,
    /// Findings at or above the given severity, or a missed objective.
    Findings = 9,
    /// Ctrl-C or SIGHUP.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader closed standard output. The run ends quietly.
    Closed,
    /// The arguments are invalid.
    Usage { message: String, hint: Hint },
    /// No credentials are configured.
    NoCredentials,
    /// An error on this machine, such as an unreadable file.
    Local { message: String, source: Box<dyn StdError + Send + Sync> },
    /// A failed call or wait, with exit code and hint.
    Call { error: atlas_backup::Error, exit: Exit, hint: Option<Hint> },
    /// Some documents of a list could not be decoded. Each was reported.
    Unreadable { message: String },
    /// The `--query` filter failed on a document.
    Query { message: String },
    /// Some items of a fleet could not be read. Each was reported.
    Partial { unreadable: u64 },
    /// Any other failure with its own exit code.
    Status { exit: Exit, message: String, hint: Option<Hint> },
    /// The user did not confirm.
    Declined,
    /// The run was interrupted; `resume` says how to continue a job that still runs.
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

    /// Error for a format that only `audit` supports.
    pub(crate) fn audit_format_only() -> Self {
        Failure::usage(
            "cannot print this format: only `audit` supports it",
            "use `-o table`, `wide`, `json`, `ndjson` or `csv`",
        )
    }

    /// A failed call without a hint.
    pub(crate) fn without_hint(error: atlas_backup::Error) -> Self {
        Failure::Call { exit: exit_for_kind(error.kind()), error, hint: None }
    }

    /// A failed wait. At the deadline, the exit code distinguishes an unfinished job from a service that did not
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

    /// Replaces the general hint with a command-specific one, if `better` returns one.
    pub(crate) fn with_hint(self, better: impl FnOnce(&atlas_backup::Error) -> Option<Hint>) -> Self {
        match self {
            Failure::Call { error, exit, hint } => {
                let better = better(&error);
                Failure::Call { error, exit, hint: better.or(hint) }
            }
            other => other,
        }
    }

    /// A failed call for a resource by ID. If the resource does not exist, the hint names `list`.
    pub(crate) fn not_found(error: atlas_backup::Error, list: Command) -> Self {
        Failure::from(error).with_hint(|error| match error.code() {
            // The cluster or the project does not exist either.
            Some(ErrorCode::ClusterNotFound | ErrorCode::GroupNotFound) => None,
            _ => (error.kind() == ErrorKind::NotFound).then(|| list.hint(" lists the existing ones")),
        })
    }

    /// A failed start of a job. If the service may have started it, the hint names `list`, which shows it.
    pub(crate) fn of_start(self, list: Command) -> Self {
        self.with_hint(|error| error.outcome_unknown().then(|| list.hint(" shows whether it was started")))
    }

    /// The list item that could not be decoded, if the failure is a decode error.
    pub(crate) fn undecodable_item(&self) -> Option<&Value> {
        match self {
            Failure::Call { error, .. } if error.kind() == ErrorKind::Decode => error.document(),
            _ => None,
        }
    }

    /// The exit code, or `None` if the run counts as successful.
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
            Failure::Interrupted { .. } if interrupts::is_terminated() => Exit::Terminated,
            Failure::Interrupted { .. } => Exit::Interrupted,
            Failure::Call { exit, .. } => *exit,
        })
    }

    /// The message for standard error. Commands in it carry the flags of this run. With `verbose`, the causes follow.
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
            _ => Failure::local("cannot write the output", error),
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
            Failure::Unreadable { message } => (format!("{message}; `-o json` prints them as received"), None),
            Failure::Call { error, hint: Some(hint), .. } => {
                (one_line(&error.to_string()).trim_end_matches('.').to_owned(), Some(hint))
            }
            Failure::Call { error, hint: None, .. } => (one_line(&error.to_string()), None),
            Failure::Query { message } => (format!("query failed: {message}"), None),
            Failure::Partial { unreadable } => (format!("{unreadable} items could not be read (listed above)"), None),
            Failure::Status { message, hint, .. } => (message.clone(), hint.as_ref()),
            Failure::Declined => ("not confirmed; nothing was changed".to_owned(), None),
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
            // The message of the error is part of ours; its causes are not.
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
