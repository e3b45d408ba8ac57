//! The model of a report: totals per cluster, never single snapshots.

use std::collections::{BTreeMap, BTreeSet};

use atlas_backup::{ClusterKind, JobState};
use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{
    backups::{ClusterBackups, SnapshotSummary},
    finding::Finding,
    schedule::ScheduleSummary,
};

/// Number of days shown, including today.
pub(crate) const DAYS: usize = 30;

/// The model of a fleet.
#[derive(Debug)]
pub(crate) struct Model {
    /// Reference time of days and ages.
    pub(crate) now: DateTime<Utc>,
    /// By project and name.
    pub(crate) clusters: BTreeMap<(String, String), Cluster>,
    pub(crate) findings: Vec<Finding>,
    /// The source of the data and findings.
    pub(crate) source: Source,
    /// What the findings depend on, as names and values.
    pub(crate) basis: Vec<(&'static str, String)>,
}

/// The source of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Read from the service for this page, and audited.
    Service,
    /// Saved lines.
    Lines {
        /// First and last reading time, if all lines have one.
        read_at: Option<(DateTime<Utc>, DateTime<Utc>)>,
        findings: Findings,
    },
}

/// The source of findings for saved lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Findings {
    /// The lines include them.
    Given,
    /// Evaluated from the lines, except for these rules, which need more data.
    Evaluated { except: Vec<&'static str> },
    /// Not evaluated: the reading time is unknown.
    NotEvaluated,
}

/// Totals of a cluster.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    /// Completed and failed snapshots of each day.
    pub(crate) days: [(u32, u32); DAYS],
    /// Ages of completed snapshots of these days, in hours.
    pub(crate) hours_ago: BTreeSet<u16>,
    /// Count and longest retention in days, by frequency.
    pub(crate) by_frequency: BTreeMap<String, (u64, Option<i64>)>,
    pub(crate) regions: BTreeSet<String>,
    pub(crate) last: Option<DateTime<Utc>>,
    pub(crate) oldest: Option<DateTime<Utc>>,
    /// Size of the last completed snapshot.
    pub(crate) bytes: i64,
    pub(crate) snapshots: u64,
    pub(crate) exports: u64,
    pub(crate) window_days: Option<i64>,
    /// Whether point-in-time restore is on, if known.
    pub(crate) point_in_time: Option<bool>,
    pub(crate) planned: BTreeMap<String, i64>,
}

impl Model {
    pub(crate) fn new(now: DateTime<Utc>, source: Source) -> Self {
        Model { now, clusters: BTreeMap::new(), findings: Vec::new(), source, basis: Vec::new() }
    }

    pub(crate) fn add(&mut self, backups: &ClusterBackups) {
        let now = self.now;
        let cluster = self.clusters.entry((backups.project.clone(), backups.cluster.clone())).or_default();
        backups.snapshots.iter().flatten().for_each(|snapshot| cluster.add(snapshot, now));
        backups.schedule.iter().for_each(|schedule| cluster.add_schedule(schedule));
        cluster.exports += backups.exports.len() as u64;
        // Flex clusters have no point-in-time restore.
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
