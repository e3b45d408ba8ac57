//! The rules: one table, and a pure function for each, beside others of its kind.
//!
//! A rule looks at what is known of one cluster, of a project, or at the versions that this program speaks, and says
//! what is wrong with exact figures and what to run. What is not known is no finding of a rule: that it could not be read
//! is one already. `docs/audit.md` has a section for each row, and a test holds the two together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

mod compliance;
mod copies;
mod reach;
mod taking;

use self::{compliance::*, copies::copies, reach::*, taking::*};
use super::{
    facts::{Facts, Heard},
    finding::{Finding, Severity, Severity::*},
    plan::Compliance,
    policy::Policy,
};

/// Something begun and not done is stuck after this long.
const STUCK: TimeDelta = TimeDelta::hours(24);
/// How far back failures and gaps are looked for.
const WINDOW: TimeDelta = TimeDelta::days(7);
/// A version that ends within this time is told of.
const SUNSET: TimeDelta = TimeDelta::days(365);

/// What rules are held against.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) rpo: TimeDelta,
    pub(crate) policy: &'a Policy,
    /// How this program is called, with what every call of it needs.
    pub(crate) program: &'static str,
}

/// What is wrong, and what to run.
pub(crate) struct Problem {
    message: String,
    mend: String,
}

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
    /// What it says.
    pub(crate) says: &'static str,
    /// What it has to know.
    needs: &'static [Need],
    check: Check,
}

#[derive(Clone, Copy)]
enum Check {
    Cluster(fn(&Facts, Option<&Compliance>, &Context<'_>) -> Vec<Problem>),
    Project(fn(&str, Option<&Compliance>, &Context<'_>) -> Vec<Problem>),
    Fleet(fn(&[Heard], &Context<'_>) -> Vec<Problem>),
}

macro_rules! rules {
    ($($id:literal $severity:ident $scope:ident $check:ident $says:literal needs [$($need:ident)*])*) => {
        /// All rules.
        pub(crate) const RULES: &[Rule] = &[$(Rule {
            id: $id, severity: $severity, says: $says, needs: &[$(Need::$need),*], check: Check::$scope($check),
        }),*];
    };
}

rules! {
    "snapshot-age" Critical Cluster age "The last completed snapshot is older than the RPO, or there is none." needs [Cluster Snapshots]
    "backup-off" Critical Cluster backup_off "Backups are off." needs [Cluster]
    "schedule-absent" Critical Cluster no_schedule "The schedule takes no snapshots." needs [Schedule]
    "snapshot-gap" Warning Cluster gaps "Completed snapshots of the last 7 days are further apart than the RPO." needs [Snapshots Schedule]
    "snapshot-failed" Warning Cluster snapshot_failed "A snapshot of the last 7 days failed." needs [Snapshots]
    "snapshot-stuck" Warning Cluster snapshot_stuck "A snapshot was begun more than 24 hours ago and is not done." needs [Snapshots]
    "restore-failed" Warning Cluster restore_failed "A restore of the last 7 days failed." needs [Restores]
    "restore-stuck" Warning Cluster restore_stuck "A restore was begun more than 24 hours ago and is not done." needs [Restores]
    "export-failed" Warning Cluster export_failed "An export of the last 7 days failed." needs [Exports]
    "export-stuck" Warning Cluster export_stuck "An export was begun more than 24 hours ago and is not done." needs [Exports]
    "retention-short" Warning Cluster retention "Snapshots of a frequency are kept for less than the policy file demands." needs [Schedule PolicyFile]
    "copy-region-missing" Warning Cluster copies "Snapshots are not copied to a region that the policy file demands, or do not arrive in one that the schedule names." needs [Snapshots Schedule]
    "point-in-time-off" Warning Cluster point_in_time "Continuous backup is off: only snapshots can be restored." needs [Cluster]
    "restore-window-short" Warning Cluster restore_window "Points in time reach less far back than the policy file demands." needs [Cluster Schedule PolicyFile]
    "flex-horizon" Warning Cluster flex_horizon "A flex cluster's snapshots are kept for less than the policy file demands, or they have begun to run out." needs [Snapshots]
    "cluster-paused" Info Cluster paused "The cluster is paused: no snapshots are taken." needs [Cluster]
    "compliance-below-schedule" Info Cluster compliance_below "The project's compliance policy protects less than the schedule keeps." needs [Schedule Compliance]
    "compliance-absent" Info Project compliance_absent "The project has no compliance policy: whoever may change backups may delete them." needs [Compliance]
    "compliance-weak" Warning Project compliance_weak "The compliance policy demands less than the policy file." needs [Compliance PolicyFile]
    "version-sunset" Info Fleet sunset "A version of an operation that this program speaks ends within a year, or is deprecated and no end is announced." needs []
    "exception-ended" Warning Fleet exception_ended "An exception of the policy file has ended and no longer counts." needs [PolicyFile]
    "unread" Warning Cluster unread "Something could not be read, so that its rules could not be checked." needs []
}

impl Rule {
    /// What it has to know, in words.
    pub(crate) fn needs(&self) -> String {
        let needs: Vec<_> = self.needs.iter().map(|need| need.as_str()).collect();
        if needs.is_empty() { "nothing".to_owned() } else { needs.join(", ") }
    }

    /// Whether it can be checked of clusters of which no more is known than `known`.
    pub(crate) fn is_judged_by(&self, known: &BTreeSet<Need>) -> bool {
        self.is_of_clusters() && self.needs.iter().all(|need| *need == Need::PolicyFile || known.contains(need))
    }

    /// Whether it is checked of each cluster.
    pub(crate) fn is_of_clusters(&self) -> bool {
        matches!(self.check, Check::Cluster(_))
    }
}

/// What is wrong with a cluster.
pub(crate) fn of_cluster(facts: &Facts, compliance: Option<&Compliance>, context: &Context<'_>) -> Vec<Finding> {
    collect(context, Some(&facts.project), Some(&facts.cluster), |check| match check {
        Check::Cluster(check) => check(facts, compliance, context),
        _ => Vec::new(),
    })
}

/// What is wrong with a cluster of which no more is known than `known`: only what follows from that.
pub(crate) fn of_known(facts: &Facts, known: &BTreeSet<Need>, context: &Context<'_>) -> Vec<Finding> {
    let mut findings = of_cluster(facts, None, context);
    findings.retain(|finding| RULES.iter().any(|rule| rule.id == finding.rule && rule.is_judged_by(known)));
    findings
}

/// What is wrong with a project, whose compliance policy has been asked for.
pub(crate) fn of_project(project: &str, compliance: Option<&Compliance>, context: &Context<'_>) -> Vec<Finding> {
    collect(context, Some(project), None, |check| match check {
        Check::Project(check) => check(project, compliance, context),
        _ => Vec::new(),
    })
}

/// What is wrong with the whole, once the service has answered all that was asked.
pub(crate) fn of_fleet(heard: &[Heard], context: &Context<'_>) -> Vec<Finding> {
    collect(context, None, None, |check| match check {
        Check::Fleet(check) => check(heard, context),
        _ => Vec::new(),
    })
}

/// That something could not be read, of a project or of a cluster.
pub(crate) fn missed(project: &str, cluster: Option<&str>, why: &str, context: &Context<'_>) -> Finding {
    Finding {
        severity: Warning,
        rule: "unread".to_owned(),
        project: Some(project.to_owned()),
        cluster: cluster.map(str::to_owned),
        message: format!("not read: {why}"),
        mend: format!("{} --project {project} audit", context.program),
        read_at: Some(context.now),
    }
}

fn collect(
    context: &Context<'_>,
    project: Option<&str>,
    cluster: Option<&str>,
    check: impl Fn(Check) -> Vec<Problem>,
) -> Vec<Finding> {
    let found = RULES.iter().flat_map(|rule| {
        check(rule.check).into_iter().map(|problem| Finding {
            severity: rule.severity,
            rule: rule.id.to_owned(),
            project: project.map(str::to_owned),
            cluster: cluster.map(str::to_owned),
            message: problem.message,
            mend: problem.mend,
            read_at: Some(context.now),
        })
    });
    found.filter(|finding| context.policy.tells(finding, context.now)).collect()
}

impl Context<'_> {
    /// A command about a cluster: its name stands after `verb`.
    fn run(&self, facts: &Facts, verb: &str, rest: &str) -> String {
        format!("{} --project {} {verb} {} {rest}", self.program, facts.project, facts.cluster).trim_end().to_owned()
    }

    /// Sets one field of a cluster.
    fn set(&self, facts: &Facts, field: &str) -> String {
        format!(
            "echo '{{{field}}}' | {} api clusters updateGroupCluster --groupId {} --clusterName {} --file -",
            self.program, facts.project, facts.cluster
        )
    }
}

fn one(message: String, mend: String) -> Vec<Problem> {
    vec![Problem { message, mend }]
}

/// The flag that raises a frequency's retention and leaves its interval as it is.
fn flag(frequency: &str, interval: Option<i64>, days: i64) -> String {
    let usual = match frequency {
        "hourly" | "weekly" => 6,
        "monthly" => 40,
        "yearly" => 12,
        _ => 1,
    };
    format!("--{frequency} {}:{days}d", interval.unwrap_or(usual))
}

/// By the table for all that this program can call, and by what the service has answered for what it did call: a version
/// is told of once, and the answer is the fresher word on it.
fn sunset(heard: &[Heard], context: &Context<'_>) -> Vec<Problem> {
    let today = context.now.date_naive();
    let live = atlas_backup::operations::ALL.iter().filter(|operation| !operation.retired);
    let known = live.map(|operation| {
        let version = operation.newest();
        ((operation.id, version.date), (day(version.sunset), None))
    });
    let mut versions: BTreeMap<_, _> = known.collect();
    for told in heard {
        let version = versions.entry((told.operation, &told.version)).or_default();
        *version = (told.ends.or(version.0), told.deprecated);
    }
    let told = versions.into_iter().filter_map(|((operation, version), (ends, deprecated))| {
        let end = match (ends, deprecated) {
            (Some(day), _) if day < today => format!("has ended on {day}"),
            (Some(day), _) if day - today <= SUNSET => format!("ends on {day}"),
            (None, Some(since)) => format!("has been deprecated since {since}; no end is announced"),
            _ => return None,
        };
        Some(Problem {
            message: format!("{operation} in its version of {version} {end}"),
            mend: format!("{} api describe {operation}", context.program),
        })
    });
    told.collect()
}

/// The day of a sunset as the table has it.
fn day(sunset: Option<&str>) -> Option<NaiveDate> {
    sunset?.get(..10)?.parse().ok()
}

fn exception_ended(_: &[Heard], context: &Context<'_>) -> Vec<Problem> {
    let ended = context.policy.exceptions.iter().filter(|exception| exception.until < context.now.date_naive());
    let told = ended.map(|exception| Problem {
        message: format!("an exception ended on {}: {}", exception.until, exception.reason),
        mend: format!("{} audit --rules", context.program),
    });
    told.collect()
}

fn unread(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let unread = facts.unread.iter().map(|(what, why)| Problem {
        message: format!("{what} not read: {why}"),
        mend: format!("{} --project {} audit", context.program, facts.project),
    });
    unread.collect()
}

#[cfg(test)]
mod tests;
