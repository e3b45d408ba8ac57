//! The table of rules: description, severity and required data of each.

use std::collections::BTreeSet;

use super::{
    compliance, copies,
    jobs::{self, EXPORTS, Jobs, RESTORES, SNAPSHOTS},
    problem::Problem,
    retention, versions,
};
use crate::audit::{
    backups::{ClusterBackups, VersionNotice},
    criteria::Criteria,
    finding::Severity::{self, Critical, Info, Warning},
    schedule::ComplianceSummary,
};

use self::Need::{Cluster, Exports, PolicyFile, Restores, Schedule, Snapshots};

/// Data that a rule needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    Cluster,
    Snapshots,
    Schedule,
    Restores,
    Exports,
    Compliance,
    PolicyFile,
}

impl Need {
    const fn as_str(self) -> &'static str {
        match self {
            Need::Cluster => "the cluster",
            Need::Snapshots => "snapshots",
            Need::Schedule => "the schedule",
            Need::Restores => "restores",
            Need::Exports => "exports",
            Need::Compliance => "the compliance policy",
            Need::PolicyFile => "a policy file",
        }
    }
}

/// A rule.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(super) check: Check,
    /// The data it needs.
    needs: &'static [Need],
    /// Its description.
    pub(crate) description: &'static str,
}

/// The scope and function of a rule.
#[derive(Clone, Copy)]
pub(super) enum Check {
    Cluster(fn(&ClusterBackups, &Criteria) -> Vec<Problem>),
    /// A cluster in a project with a compliance policy.
    Protected(fn(&ClusterBackups, &ComplianceSummary, &Criteria) -> Vec<Problem>),
    /// Failed jobs of a cluster.
    Failed(&'static Jobs),
    /// Stuck jobs of a cluster.
    Stuck(&'static Jobs),
    Project(fn(&str, Option<&ComplianceSummary>, &Criteria) -> Vec<Problem>),
    Fleet(fn(&[VersionNotice], &Criteria) -> Vec<Problem>),
}

/// All rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[Rule::new("snapshot-age", Critical, Check::Cluster(jobs::age), &[Cluster, Snapshots], "The last completed snapshot is older than the RPO, or there is none."),
    Rule::new("snapshot-fallback", Critical, Check::Cluster(jobs::fallback), &[Snapshots], "Only fallback snapshots, which may be inconsistent, were completed within the RPO."),
    Rule::new("backup-off", Critical, Check::Cluster(jobs::backup_off), &[Cluster], "Backups are off."),
    Rule::new("schedule-absent", Critical, Check::Cluster(jobs::no_schedule), &[Schedule], "The schedule takes no snapshots."),
    Rule::new("snapshot-gap", Warning, Check::Cluster(jobs::gaps), &[Snapshots, Schedule], "Completed snapshots of the last 7 days are further apart than the RPO."),
    Rule::new("snapshot-failed", Warning, Check::Failed(&SNAPSHOTS), &[Snapshots], "A snapshot of the last 7 days failed."),
    Rule::new("snapshot-stuck", Warning, Check::Stuck(&SNAPSHOTS), &[Snapshots], "A snapshot was started more than 24 hours ago and has not finished."),
    Rule::new("restore-failed", Warning, Check::Failed(&RESTORES), &[Restores], "A restore of the last 7 days failed."),
    Rule::new("restore-stuck", Warning, Check::Stuck(&RESTORES), &[Restores], "A restore was started more than 24 hours ago and has not finished."),
    Rule::new("export-failed", Warning, Check::Failed(&EXPORTS), &[Exports], "An export of the last 7 days failed."),
    Rule::new("export-stuck", Warning, Check::Stuck(&EXPORTS), &[Exports], "An export was started more than 24 hours ago and has not finished."),
    Rule::new("retention-short", Warning, Check::Cluster(retention::retention), &[Schedule, PolicyFile], "Snapshots of a frequency are kept for less time than the policy file requires."),
    Rule::new("copy-region-missing", Warning, Check::Cluster(copies::copies), &[Snapshots, Schedule], "Snapshots are not copied to a region that the policy file requires, or do not arrive in a region of the schedule."),
    Rule::new("point-in-time-off", Warning, Check::Cluster(retention::point_in_time), &[Cluster], "Continuous backup is off: only snapshots can be restored."),
    Rule::new("restore-window-short", Warning, Check::Cluster(retention::restore_window), &[Cluster, Schedule, PolicyFile], "The restore window is shorter than the policy file requires."),
    Rule::new("flex-horizon", Warning, Check::Cluster(retention::flex_horizon), &[Snapshots], "Snapshots of a flex cluster are kept for less time than the policy file requires, or the last one expires soon."),
    Rule::new("cluster-paused", Info, Check::Cluster(retention::paused), &[Cluster], "The cluster is paused: no snapshots are taken."),
    Rule::new("compliance-below-schedule", Info, Check::Protected(compliance::compliance_below), &[Schedule, Need::Compliance], "The project's compliance policy protects snapshots for less time than the schedule keeps them."),
    Rule::new("compliance-absent", Info, Check::Project(compliance::compliance_absent), &[Need::Compliance], "The project has no compliance policy: every user who can change backups can delete them."),
    Rule::new("compliance-weak", Warning, Check::Project(compliance::compliance_weak), &[Need::Compliance, PolicyFile], "The compliance policy requires less than the policy file."),
    Rule::new("version-sunset", Info, Check::Fleet(versions::sunset), &[], "A resource version that this program calls is sunset within a year, or is deprecated without a sunset date."),
    Rule::new("exception-ended", Warning, Check::Fleet(versions::exception_ended), &[PolicyFile], "An exception of the policy file has expired and no longer applies."),
    Rule::new("unread", Warning, Check::Cluster(jobs::unread), &[], "A resource could not be read, so its rules were not checked."),
];

impl Rule {
    const fn new(
        id: &'static str,
        severity: Severity,
        check: Check,
        needs: &'static [Need],
        description: &'static str,
    ) -> Self {
        Rule { id, severity, check, needs, description }
    }

    /// The data it needs, as text.
    pub(crate) fn needs(&self) -> String {
        let needs: Vec<_> = self.needs.iter().map(|need| need.as_str()).collect();
        if needs.is_empty() { "nothing".to_owned() } else { needs.join(", ") }
    }

    /// Whether `known` is sufficient to evaluate it for a cluster.
    pub(crate) fn can_be_evaluated_with(&self, known: &BTreeSet<Need>) -> bool {
        self.is_of_clusters() && self.needs.iter().all(|need| *need == Need::PolicyFile || known.contains(need))
    }

    /// Whether it is evaluated per cluster.
    pub(crate) fn is_of_clusters(&self) -> bool {
        !matches!(self.check, Check::Project(_) | Check::Fleet(_))
    }
}

/// Whether a rule with this ID exists.
pub(crate) fn is_rule(id: &str) -> bool {
    RULES.iter().any(|rule| rule.id == id)
}
