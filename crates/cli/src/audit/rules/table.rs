//! The table of rules: what each reports, how severe it is, and what it needs to know.

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

/// What a rule has to know.
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

/// A row of the table.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(super) check: Check,
    /// What it needs to know.
    needs: &'static [Need],
    /// What it reports.
    pub(crate) says: &'static str,
}

/// How a rule is checked.
#[derive(Clone, Copy)]
pub(super) enum Check {
    Cluster(fn(&ClusterBackups, &Criteria) -> Vec<Problem>),
    /// Of a cluster in a project with a compliance policy.
    Protected(fn(&ClusterBackups, &ComplianceSummary, &Criteria) -> Vec<Problem>),
    /// Whether such jobs of a cluster have failed.
    Failed(&'static Jobs),
    /// Whether such jobs of a cluster do not end.
    Stuck(&'static Jobs),
    Project(fn(&str, Option<&ComplianceSummary>, &Criteria) -> Vec<Problem>),
    Fleet(fn(&[VersionNotice], &Criteria) -> Vec<Problem>),
}

/// All rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[Rule::new("snapshot-age", Critical, Check::Cluster(jobs::age), &[Cluster, Snapshots], "The last completed snapshot is older than the RPO, or there is none."),
    Rule::new("backup-off", Critical, Check::Cluster(jobs::backup_off), &[Cluster], "Backups are off."),
    Rule::new("schedule-absent", Critical, Check::Cluster(jobs::no_schedule), &[Schedule], "The schedule takes no snapshots."),
    Rule::new("snapshot-gap", Warning, Check::Cluster(jobs::gaps), &[Snapshots, Schedule], "Completed snapshots of the last 7 days are further apart than the RPO."),
    Rule::new("snapshot-failed", Warning, Check::Failed(&SNAPSHOTS), &[Snapshots], "A snapshot of the last 7 days failed."),
    Rule::new("snapshot-stuck", Warning, Check::Stuck(&SNAPSHOTS), &[Snapshots], "A snapshot was begun more than 24 hours ago and is not done."),
    Rule::new("restore-failed", Warning, Check::Failed(&RESTORES), &[Restores], "A restore of the last 7 days failed."),
    Rule::new("restore-stuck", Warning, Check::Stuck(&RESTORES), &[Restores], "A restore was begun more than 24 hours ago and is not done."),
    Rule::new("export-failed", Warning, Check::Failed(&EXPORTS), &[Exports], "An export of the last 7 days failed."),
    Rule::new("export-stuck", Warning, Check::Stuck(&EXPORTS), &[Exports], "An export was begun more than 24 hours ago and is not done."),
    Rule::new("retention-short", Warning, Check::Cluster(retention::retention), &[Schedule, PolicyFile], "Snapshots of a frequency are kept for less than the policy file demands."),
    Rule::new("copy-region-missing", Warning, Check::Cluster(copies::copies), &[Snapshots, Schedule], "Snapshots are not copied to a region that the policy file demands, or do not arrive in one that the schedule names."),
    Rule::new("point-in-time-off", Warning, Check::Cluster(retention::point_in_time), &[Cluster], "Continuous backup is off: only snapshots can be restored."),
    Rule::new("restore-window-short", Warning, Check::Cluster(retention::restore_window), &[Cluster, Schedule, PolicyFile], "Points in time reach less far back than the policy file demands."),
    Rule::new("flex-horizon", Warning, Check::Cluster(retention::flex_horizon), &[Snapshots], "A flex cluster's snapshots are kept for less than the policy file demands, or they have begun to run out."),
    Rule::new("cluster-paused", Info, Check::Cluster(retention::paused), &[Cluster], "The cluster is paused: no snapshots are taken."),
    Rule::new("compliance-below-schedule", Info, Check::Protected(compliance::compliance_below), &[Schedule, Need::Compliance], "The project's compliance policy protects less than the schedule keeps."),
    Rule::new("compliance-absent", Info, Check::Project(compliance::compliance_absent), &[Need::Compliance], "The project has no compliance policy: whoever may change backups may delete them."),
    Rule::new("compliance-weak", Warning, Check::Project(compliance::compliance_weak), &[Need::Compliance, PolicyFile], "The compliance policy demands less than the policy file."),
    Rule::new("version-sunset", Info, Check::Fleet(versions::sunset), &[], "A version of an operation that this program speaks ends within a year, or is deprecated and no end is announced."),
    Rule::new("exception-ended", Warning, Check::Fleet(versions::exception_ended), &[PolicyFile], "An exception of the policy file has ended and no longer counts."),
    Rule::new("unread", Warning, Check::Cluster(jobs::unread), &[], "Something could not be read, so that its rules could not be checked."),
];

impl Rule {
    const fn new(
        id: &'static str,
        severity: Severity,
        check: Check,
        needs: &'static [Need],
        says: &'static str,
    ) -> Self {
        Rule { id, severity, check, needs, says }
    }

    /// What it has to know, in words.
    pub(crate) fn needs(&self) -> String {
        let needs: Vec<_> = self.needs.iter().map(|need| need.as_str()).collect();
        if needs.is_empty() { "nothing".to_owned() } else { needs.join(", ") }
    }

    /// Whether it can be checked of clusters of which no more is known than `known`.
    pub(crate) fn can_be_evaluated_with(&self, known: &BTreeSet<Need>) -> bool {
        self.is_of_clusters() && self.needs.iter().all(|need| *need == Need::PolicyFile || known.contains(need))
    }

    /// Whether it is checked of each cluster.
    pub(crate) fn is_of_clusters(&self) -> bool {
        !matches!(self.check, Check::Project(_) | Check::Fleet(_))
    }
}

/// Whether there is a rule of this name.
pub(crate) fn is_rule(id: &str) -> bool {
    RULES.iter().any(|rule| rule.id == id)
}
