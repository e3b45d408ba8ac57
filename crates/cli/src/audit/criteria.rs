//! What rules are held against: the moment, the recovery point objective and the policy file.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    audit::{backups::ClusterBackups, policy::Policy},
    ui::hints::{Command, Invocation},
};

/// What rules are held against.
#[derive(Debug)]
pub(crate) struct Criteria {
    pub(crate) now: DateTime<Utc>,
    pub(crate) rpo: TimeDelta,
    pub(crate) policy: Policy,
    /// The flags of every command that fixes a problem.
    pub(crate) invocation: Invocation,
}

impl Criteria {
    /// A command in a project.
    pub(super) fn fix(&self, project: &str, command: Command) -> String {
        command.render(&self.invocation.clone().for_project(project))
    }

    /// A command that needs no project.
    pub(super) fn fix_anywhere(&self, command: Command) -> String {
        command.render(&self.invocation)
    }

    /// A command about a cluster, whose name stands between `names` and `rest`.
    pub(super) fn run(&self, backups: &ClusterBackups, names: &str, rest: &str) -> String {
        self.fix(&backups.project, Command::new(names).arg(&backups.cluster).args(rest.split_whitespace()))
    }

    /// A command that sets one field of a cluster.
    pub(super) fn set(&self, backups: &ClusterBackups, field: &str) -> String {
        let update = Command::new("api clusters updateGroupCluster --groupId").arg(&backups.project);
        let update = update.arg("--clusterName").arg(&backups.cluster).args(["--file", "-"]).without_project();
        format!("echo '{{{field}}}' | {}", self.fix_anywhere(update))
    }
}
