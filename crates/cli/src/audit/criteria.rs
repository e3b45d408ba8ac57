//! The criteria of rules: time, recovery point objective and policy file.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    audit::{backups::ClusterBackups, policy::Policy},
    ui::hints::{Command, Invocation},
};

/// The criteria of rules.
#[derive(Debug)]
pub(crate) struct Criteria {
    pub(crate) now: DateTime<Utc>,
    pub(crate) rpo: TimeDelta,
    pub(crate) policy: Policy,
    /// The flags of commands that fix problems.
    pub(crate) invocation: Invocation,
}

impl Criteria {
    /// Renders a command in a project.
    pub(super) fn fix(&self, project: &str, command: Command) -> String {
        command.render(&self.invocation.clone().for_project(project))
    }

    /// Renders a command without a project.
    pub(super) fn fix_anywhere(&self, command: Command) -> String {
        command.render(&self.invocation)
    }

    /// Renders a command for a cluster, whose name follows `names`.
    pub(super) fn run(&self, backups: &ClusterBackups, names: &str, rest: &str) -> String {
        self.fix(&backups.project, Command::new(names).arg(&backups.cluster).args(rest.split_whitespace()))
    }

    /// Renders a command that sets one field of a cluster.
    pub(super) fn set(&self, backups: &ClusterBackups, field: &str) -> String {
        let update = Command::new("api clusters updateGroupCluster --groupId").arg(&backups.project);
        let update = update.arg("--clusterName").arg(&backups.cluster).args(["--file", "-"]).without_project();
        format!("echo '{{{field}}}' | {}", self.fix_anywhere(update))
    }
}
