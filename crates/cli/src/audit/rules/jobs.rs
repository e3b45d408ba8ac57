//! Rules about snapshots and jobs: whether snapshots are taken, and whether snapshots, restores and exports succeed in
//! time.

use atlas_backup::{ClusterKind, JobState};
use chrono::{DateTime, TimeDelta, Utc};

use super::problem::{Problem, counted, one};
use crate::{
    audit::{
        backups::{ClusterBackups, JobSummary, SnapshotSummary, length},
        criteria::Criteria,
        schedule::ScheduleSummary,
    },
    ui::hints::Command,
};

/// An unfinished job counts as stuck after this time.
pub(super) const STUCK: TimeDelta = TimeDelta::hours(24);
/// Period in which failures and gaps are reported.
pub(super) const WINDOW: TimeDelta = TimeDelta::days(7);

pub(super) fn age(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    let rpo = length(criteria.rpo);
    let young = backups.created.is_some_and(|created| criteria.now - created < criteria.rpo);
    if backups.snapshots.is_none() || backups.paused || backups.backup == Some(false) {
        return Vec::new();
    }
    let fix = match backups.kind {
        ClusterKind::Flex => criteria.run(backups, "flex snapshots list", ""),
        _ => criteria.run(backups, "snapshots take", "--wait"),
    };
    match backups.completed().last() {
        Some(last) if criteria.now - *last > criteria.rpo => {
            one(format!("the last completed snapshot is {} old, the RPO is {rpo}", length(criteria.now - *last)), fix)
        }
        None if !young => one(format!("no completed snapshot exists, the RPO is {rpo}"), fix),
        _ => Vec::new(),
    }
}

/// Fallback snapshots hide that the regular method fails.
pub(super) fn fallback(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    let completed = backups.snapshots.iter().flatten().filter(|snapshot| snapshot.state == JobState::Succeeded);
    let (fallback, regular): (Vec<_>, Vec<_>) = completed.partition(|snapshot| snapshot.fallback);
    let last = regular.iter().filter_map(|snapshot| snapshot.at).max();
    let newer = fallback.iter().filter(|snapshot| snapshot.at > last);
    let recent = |at: DateTime<Utc>| criteria.now - at <= criteria.rpo;
    if last.is_some_and(recent) || !fallback.iter().filter_map(|snapshot| snapshot.at).any(recent) {
        return Vec::new();
    }
    let message = match last {
        Some(last) => format!(
            "the last regular snapshot is {} old; {} since then are fallback snapshots",
            length(criteria.now - last),
            counted(newer.count(), "completed snapshot"),
        ),
        None => format!("all {} are fallback snapshots", counted(fallback.len(), "completed snapshot")),
    };
    one(message, criteria.run(backups, "snapshots take", "--wait"))
}

pub(super) fn backup_off(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    if backups.backup != Some(false) {
        return Vec::new();
    }
    let fix = match backups.kind {
        ClusterKind::Flex => criteria.run(backups, "flex snapshots list", ""),
        _ => criteria.set(backups, "\"backupEnabled\":true"),
    };
    one("backups are off", fix)
}

pub(super) fn no_schedule(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    match &backups.schedule {
        Some(schedule) if schedule.items.is_empty() && backups.backup != Some(false) => one(
            "the schedule has no policy items",
            criteria.run(backups, "schedule set", "--hourly 6:7d --daily 1:30d"),
        ),
        _ => Vec::new(),
    }
}

pub(super) fn gaps(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    // Before the retention of the most frequent snapshots, gaps are by design.
    let dense =
        backups.schedule.as_ref().and_then(ScheduleSummary::most_frequent_retention_days).and_then(TimeDelta::try_days);
    let since = criteria.now - dense.unwrap_or(WINDOW).min(WINDOW);
    // Snapshots vary in duration; a schedule with the interval of the RPO must not report gaps.
    let grace = (criteria.rpo / 10).min(TimeDelta::hours(1));
    let moments: Vec<_> = backups.completed().into_iter().filter(|moment| *moment >= since).collect();
    let pairs = moments.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
    let gaps: Vec<_> = pairs.filter(|(from, to)| *to - *from > criteria.rpo + grace).collect();
    let Some((from, to)) = gaps.iter().max_by_key(|(from, to)| *to - *from) else { return Vec::new() };
    let message = format!(
        "{} longer than the RPO of {} since {}; the longest is {}, from {} to {}",
        counted(gaps.len(), "gap"),
        length(criteria.rpo),
        since.format("%F"),
        length(*to - *from),
        from.format("%FT%RZ"),
        to.format("%FT%RZ")
    );
    let fix = match backups.kind {
        ClusterKind::Flex => criteria.run(backups, "flex snapshots list", ""),
        _ => criteria.run(backups, "schedule set", &format!("--hourly {}:7d", interval(criteria.rpo))),
    };
    one(message, fix)
}

/// The longest interval of hourly snapshots within an RPO.
pub(super) fn interval(rpo: TimeDelta) -> i64 {
    [12, 8, 6, 4, 2].into_iter().find(|hours| *hours <= rpo.num_hours()).unwrap_or(1)
}

/// A kind of job: snapshots, restores or exports.
pub(super) struct Jobs {
    noun: &'static str,
    of: fn(&ClusterBackups) -> Vec<JobSummary>,
    /// The command for a failed job, for dedicated and flex clusters.
    failed: [&'static str; 2],
    /// The command for a stuck job, for dedicated and flex clusters.
    stuck: [&'static str; 2],
}

pub(super) static SNAPSHOTS: Jobs = Jobs {
    noun: "snapshot",
    of: |backups| backups.snapshots.iter().flatten().map(SnapshotSummary::job).collect(),
    failed: ["snapshots get", "flex snapshots get"],
    stuck: ["snapshots get", "flex snapshots get"],
};
pub(super) static RESTORES: Jobs = Jobs {
    noun: "restore",
    of: |backups| backups.restores.clone(),
    failed: ["restores get", "flex restores get"],
    stuck: ["restores cancel", "flex restores get"],
};
pub(super) static EXPORTS: Jobs = Jobs {
    noun: "export",
    of: |backups| backups.exports.clone(),
    failed: ["exports get"; 2],
    stuck: ["exports get"; 2],
};

impl Jobs {
    pub(super) fn failed(&self, backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
        let failed = |job: &JobSummary| {
            let is_recent = |at| criteria.now - at <= WINDOW && at <= criteria.now;
            job.state == JobState::Failed && job.at.is_none_or(is_recent)
        };
        self.latest(failed, "failed in the last 7 days", self.failed, backups, criteria)
    }

    pub(super) fn stuck(&self, backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
        let created = backups.created.unwrap_or(DateTime::UNIX_EPOCH);
        let stuck = |job: &JobSummary| {
            job.state == JobState::InProgress && job.at.is_some_and(|at| at >= created && criteria.now - at > STUCK)
        };
        self.latest(stuck, "not done after 24 hours", self.stuck, backups, criteria)
    }

    /// One problem for all jobs that match `is_problem`, naming the latest.
    fn latest(
        &self,
        is_problem: impl Fn(&JobSummary) -> bool,
        what: &str,
        [dedicated, flex]: [&str; 2],
        backups: &ClusterBackups,
        criteria: &Criteria,
    ) -> Vec<Problem> {
        let jobs: Vec<_> = (self.of)(backups).into_iter().filter(is_problem).collect();
        let Some(JobSummary { id, at, .. }) = jobs.iter().max_by_key(|job| job.at) else { return Vec::new() };
        let ago = at.map_or_else(String::new, |at| format!(" ({} ago)", length(criteria.now - at)));
        let message = format!("{} {what}; the latest is {id}{ago}", counted(jobs.len(), self.noun));
        one(message, criteria.run(backups, if backups.kind == ClusterKind::Flex { flex } else { dedicated }, id))
    }
}

pub(super) fn unread(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    let unread = backups.unread.iter().map(|(what, why)| Problem {
        message: format!("cannot read {what}: {why}"),
        fix: criteria.fix(&backups.project, Command::new("audit")),
    });
    unread.collect()
}
