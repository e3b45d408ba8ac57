//! The exit code of an audit: findings at or above `--fail-on` first, then unreadable resources.

use std::cell::Cell;

use crate::{
    audit::finding::{Finding, Severity},
    ui::{
        exit::{Exit, Failure, Outcome},
        hints::Command,
    },
};

/// Counts that determine the exit code.
#[derive(Debug, Default)]
pub(crate) struct ExitStatus {
    findings: Cell<u64>,
    unread: Cell<u64>,
    clusters: Cell<u64>,
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

    /// Counts an audited cluster.
    pub(crate) fn count_cluster(&self) {
        self.clusters.set(self.clusters.get() + 1);
    }

    /// The outcome. An audit without clusters fails unless `allow_empty` is set: it shows that nothing was audited, not that
    /// all is well.
    pub(crate) fn outcome(&self, fail_on: Option<Severity>, allow_empty: bool) -> Outcome {
        if self.clusters.get() == 0 && self.unread.get() == 0 && !allow_empty {
            return Err(Failure::Status {
                exit: Exit::Findings,
                message: "no cluster was audited: the projects of these credentials have no cluster with backups"
                    .to_owned(),
                hint: Some(
                    Command::new("projects list")
                        .without_project()
                        .hint(" lists the projects")
                        .preceded_by("pass `--allow-empty` if this is expected; "),
                ),
            });
        }
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
