//! What a report knows of a fleet: of each cluster what its snapshots add up to, never the snapshots themselves.

use std::collections::{BTreeMap, BTreeSet};

use atlas_backup::{ClusterKind, JobState};
use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{
    backups::{ClusterBackups, SnapshotSummary},
    finding::Finding,
    schedule::ScheduleSummary,
};

/// So many days are shown, today the last.
pub(crate) const DAYS: usize = 30;

/// A fleet in few words.
#[derive(Debug)]
pub(crate) struct Model {
    /// What days and ages are counted to.
    pub(crate) now: DateTime<Utc>,
    /// By project and name.
    pub(crate) clusters: BTreeMap<(String, String), Cluster>,
    pub(crate) findings: Vec<Finding>,
    /// Where it comes from, and what that means for the findings.
    pub(crate) source: Source,
}

/// Where a report comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Read from the service for this page, and audited.
    Service,
    /// Saved lines.
    Lines {
        /// The first and the last moment at which they were read, where all of them say it.
        read_at: Option<(DateTime<Utc>, DateTime<Utc>)>,
        findings: Findings,
    },
}

/// Where the findings of saved lines come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Findings {
    /// They were among the lines.
    Given,
    /// The rules were held against the lines, but for these, which need more than the lines tell.
    Evaluated { except: Vec<&'static str> },
    /// Without a moment to go by, no rule was.
    NotEvaluated,
}

/// What a cluster's snapshots add up to.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    /// Completed and failed snapshots of each day.
    pub(crate) days: [(u32, u32); DAYS],
    /// When the completed ones of these days were, in hours ago.
    pub(crate) hours_ago: BTreeSet<u16>,
    /// Count, and the days for which the newest is kept, by frequency.
    pub(crate) by_frequency: BTreeMap<String, (u64, Option<i64>)>,
    pub(crate) regions: BTreeSet<String>,
    pub(crate) last: Option<DateTime<Utc>>,
    pub(crate) oldest: Option<DateTime<Utc>>,
    /// Of the last completed snapshot, which is what a restore brings.
    pub(crate) bytes: i64,
    pub(crate) snapshots: u64,
    pub(crate) exports: u64,
    pub(crate) window_days: Option<i64>,
    /// Whether points in time can be restored, where that is known.
    pub(crate) point_in_time: Option<bool>,
    pub(crate) planned: BTreeMap<String, i64>,
}

impl Model {
    pub(crate) fn new(now: DateTime<Utc>, source: Source) -> Self {
        Model { now, clusters: BTreeMap::new(), findings: Vec::new(), source }
    }

    pub(crate) fn add(&mut self, backups: &ClusterBackups) {
        let now = self.now;
        let cluster = self.clusters.entry((backups.project.clone(), backups.cluster.clone())).or_default();
        backups.snapshots.iter().flatten().for_each(|snapshot| cluster.add(snapshot, now));
        backups.schedule.iter().for_each(|schedule| cluster.add_schedule(schedule));
        cluster.exports += backups.exports.len() as u64;
        // A flex cluster has none.
        cluster.point_in_time = if backups.kind == ClusterKind::Flex { Some(false) } else { backups.point_in_time };
    }
}

impl Cluster {
    fn add(&mut self, snapshot: &SnapshotSummary, now: DateTime<Utc>) {
        let Some(at) = snapshot.at.filter(|at| *at <= now) else { return };
        let day = usize::try_from((now.date_naive() - at.date_naive()).num_days()).ok();
        let day = day.and_then(|ago| (DAYS - 1).checked_sub(ago)).and_then(|day| self.days.get_mut(day));
        match snapshot.state {
            JobState::Succeeded => {
                if let Some(day) = day {
                    day.0 += 1;
                    self.hours_ago.extend(u16::try_from((now - at).num_hours()));
                }
            }
            JobState::Failed => return day.into_iter().for_each(|day| day.1 += 1),
            _ => return,
        }
        self.snapshots += 1;
        let kept = snapshot.expires.map(|expires| ((expires - at) + TimeDelta::hours(12)).num_days());
        let entry = self.by_frequency.entry(snapshot.frequency.clone()).or_default();
        *entry = (entry.0 + 1, entry.1.max(kept));
        self.regions.extend(snapshot.regions.iter().cloned());
        if self.last.is_none_or(|last| last < at) {
            (self.last, self.bytes) = (Some(at), snapshot.bytes);
        }
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
    }

    fn add_schedule(&mut self, schedule: &ScheduleSummary) {
        self.window_days = schedule.window_days.filter(|days| *days > 0);
        self.regions.extend(schedule.copy_regions_of().into_iter().map(str::to_owned));
        for item in &schedule.items {
            let days = self.planned.entry(item.frequency.clone()).or_default();
            *days = (*days).max(item.days);
        }
    }
}
