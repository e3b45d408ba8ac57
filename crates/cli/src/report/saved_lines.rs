//! Saved output as input of a report: lines of `fleet clusters|snapshots|schedules|exports` and of `audit` with `-o
//! ndjson`, in any order, from any number of parts and days. Any other line is an error with file and line number.
//!
//! The data is as old as the lines. Each line has its reading time. If a project was read several times, only the
//! latest reading counts, so deleted objects disappear.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead,
};

use atlas_backup::{
    AnySnapshot, ClusterKind,
    types::{DiskBackupExportJob, DiskBackupSnapshotSchedule},
};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    audit::{
        backups::{ClusterBackups, JobSummary, SnapshotSummary},
        finding::Finding,
        rules::table::Need,
        schedule::ScheduleSummary,
    },
    ui::exit::{Failure, Outcome},
};

/// The content of saved lines.
#[derive(Debug, Default)]
pub(crate) struct SavedLines {
    clusters: BTreeMap<(String, String), ClusterLines>,
    findings: Vec<Finding>,
    /// Time of the last reading by project and kind.
    readings: BTreeMap<(String, LineKind), Option<DateTime<Utc>>>,
    /// The newest time in any line.
    newest: Option<DateTime<Utc>>,
}

/// Kinds of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LineKind {
    Clusters,
    Snapshots,
    Schedules,
    Exports,
    Findings,
}

/// The lines of a cluster.
#[derive(Debug, Default)]
struct ClusterLines {
    cluster: Option<ClusterBackups>,
    snapshots: Vec<SnapshotSummary>,
    kind: Option<ClusterKind>,
    schedule: Option<ScheduleSummary>,
    exports: Vec<JobSummary>,
}

impl SavedLines {
    /// Adds all lines of a file.
    ///
    /// # Errors
    /// The file cannot be read, or a line is invalid; the error names file and line.
    pub(crate) fn read(&mut self, name: &str, file: impl BufRead) -> Outcome {
        for (number, line) in file.lines().enumerate() {
            let line = line.map_err(|source| Failure::local(format!("cannot read {name}"), source))?;
            if line.trim().is_empty() {
                continue;
            }
            self.add(&line).map_err(|problem| {
                Failure::usage(
                    format!("{name}: line {}: {problem}", number + 1),
                    "pass lines of `fleet clusters|snapshots|schedules|exports` or `audit` with `-o ndjson`",
                )
            })?;
        }
        Ok(())
    }

    /// Whether the input had no lines.
    pub(crate) fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// The first and last reading time. `None` if a line has none.
    pub(crate) fn read_at(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let moments: Option<Vec<_>> = self.readings.values().copied().collect();
        let moments = moments?;
        Some((moments.iter().min().copied()?, moments.iter().max().copied()?))
    }

    /// The newest time in any line.
    pub(crate) fn newest(&self) -> Option<DateTime<Utc>> {
        self.newest
    }

    /// Whether the lines include findings of an audit.
    pub(crate) fn has_findings(&self) -> bool {
        self.has(LineKind::Findings)
    }

    /// The kinds of data in the lines.
    pub(crate) fn known(&self) -> BTreeSet<Need> {
        let needs = [
            (LineKind::Clusters, Need::Cluster),
            (LineKind::Snapshots, Need::Snapshots),
            (LineKind::Schedules, Need::Schedule),
            (LineKind::Exports, Need::Exports),
        ];
        needs.into_iter().filter(|(sort, _)| self.has(*sort)).map(|(_, need)| need).collect()
    }

    fn has(&self, sort: LineKind) -> bool {
        self.readings.keys().any(|(_, read)| *read == sort)
    }

    /// The clusters, as if read from the service, and the findings.
    pub(crate) fn into_backups(self) -> (Vec<ClusterBackups>, Vec<Finding>) {
        let snapshots = self.has(LineKind::Snapshots);
        let clusters =
            self.clusters.into_iter().filter(|(_, known)| known.has_backups()).map(|((project, name), known)| {
                let kind = known.kind.unwrap_or(ClusterKind::ReplicaSet);
                ClusterBackups {
                    snapshots: snapshots.then_some(known.snapshots),
                    schedule: known.schedule,
                    exports: known.exports,
                    ..known.cluster.unwrap_or_else(|| ClusterBackups::new(&project, &name, kind))
                }
            });
        (clusters.collect(), self.findings)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("invalid JSON: {error}"))?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let has = |key: &str| value.get(key).is_some();
        let read_at =
            text("readAt").map(|at| at.parse::<DateTime<Utc>>().map_err(|_| "invalid time in readAt".to_owned()));
        let read_at = read_at.transpose()?;
        if has("rule") && has("fix") {
            if self.is_latest_reading(text("project").unwrap_or_default(), LineKind::Findings, read_at) {
                self.findings.push(from_json(value)?);
            }
            return Ok(());
        }
        let (Some(project), Some(cluster)) = (text("project"), text("cluster")) else {
            return Err("missing project or cluster".to_owned());
        };
        let sort = match () {
            () if has("policies") || has("referenceHourOfDay") => LineKind::Schedules,
            () if has("exportBucketId") => LineKind::Exports,
            () if has("clusterType") => LineKind::Clusters,
            () if has("status") && has("id") => LineKind::Snapshots,
            () => return Err("expected a cluster, snapshot, schedule, export or finding".to_owned()),
        };
        if !self.is_latest_reading(project.clone(), sort, read_at) {
            return Ok(());
        }
        let known = self.clusters.entry((project.clone(), cluster)).or_default();
        let mut moment = None;
        match sort {
            LineKind::Clusters => {
                let now = read_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
                known.cluster = ClusterBackups::of_cluster(&project, &from_json(value)?, now);
            }
            LineKind::Schedules => {
                known.schedule = Some(ScheduleSummary::of(&from_json::<DiskBackupSnapshotSchedule>(value)?))
            }
            LineKind::Exports => {
                let job =
                    JobSummary::of_export(&text("id").unwrap_or_default(), &from_json::<DiskBackupExportJob>(value)?);
                moment = job.at;
                known.exports.push(job);
            }
            _ => {
                let document: AnySnapshot = from_json(value)?;
                let snapshot = SnapshotSummary::of(&document);
                moment = snapshot.at;
                known.kind = Some(document.kind());
                known.snapshots.push(snapshot);
            }
        }
        self.newest = self.newest.max(moment);
        Ok(())
    }

    /// Whether a line belongs to the latest reading of its project. A later reading replaces an earlier one.
    fn is_latest_reading(&mut self, project: String, sort: LineKind, read_at: Option<DateTime<Utc>>) -> bool {
        let before = self.readings.entry((project.clone(), sort)).or_insert(read_at);
        if *before >= read_at {
            return *before == read_at;
        }
        *before = read_at;
        if sort == LineKind::Findings {
            self.findings.retain(|finding| finding.project.as_deref().unwrap_or_default() != project);
        }
        let of_project = self.clusters.range_mut((project.clone(), String::new())..);
        for (_, known) in of_project.take_while(|((other, _), _)| *other == project) {
            match sort {
                LineKind::Clusters => known.cluster = None,
                LineKind::Snapshots => known.snapshots.clear(),
                LineKind::Schedules => known.schedule = None,
                LineKind::Exports => known.exports.clear(),
                LineKind::Findings => {}
            }
        }
        true
    }
}

impl ClusterLines {
    /// Whether the latest readings contain data about its backups.
    fn has_backups(&self) -> bool {
        self.cluster.is_some() || self.schedule.is_some() || !self.snapshots.is_empty() || !self.exports.is_empty()
    }
}

fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
