//! The exit code of an audit: findings at or above `--fail-on` first, then unreadable resources.

use std::cell::Cell;

use crate::{
    audit::finding::{Finding, Severity},
    ui::exit::{Exit, Failure, Outcome},
};

/// Counts that determine the exit code.
#[derive(Debug, Default)]
pub(crate) struct ExitStatus {
    findings: Cell<u64>,
    unread: Cell<u64>,
}

impl ExitStatus {
    pub(crate) fn count(&self, finding: &Finding, fail_on: Option<Severity>) {
        if fail_on.is_some_and(|least| finding.severity >= least) {
            self.findings.set(self.findings.get() + 1);
        }
        if finding.rule == "unread" {
            self.unread.set(self.unread.get() + 1);
        }
    }

    pub(crate) fn outcome(&self, fail_on: Option<Severity>) -> Outcome {
        match (self.findings.get(), fail_on, self.unread.get()) {
            (1, Some(least), _) => {
                Err(Failure::status(Exit::Findings, format!("1 finding is {} or worse", least.as_str())))
            }
            (count @ 2.., Some(least), _) => {
                Err(Failure::status(Exit::Findings, format!("{count} findings are {} or worse", least.as_str())))
            }
            (_, _, 0) => Ok(()),
            (_, _, unreadable) => Err(Failure::Partial { unreadable }),
        }
    }
}
