//! Saved output as the source of a report: the lines of `fleet clusters|snapshots|schedules|exports` and of `audit` with
//! `-o ndjson`, in any order and from any number of parts and days. A line that is none of these is refused with its
//! place; nothing is skipped in silence.
//!
//! What the lines hold is as old as they are. Each says when it was read, and of a project that was read more than once the
//! latest reading counts, whole: what has been deleted since is not in it.

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

/// What saved lines hold.
#[derive(Debug, Default)]
pub(crate) struct SavedLines {
    clusters: BTreeMap<(String, String), ClusterLines>,
    findings: Vec<Finding>,
    /// When each project was last read, by what was read of it.
    readings: BTreeMap<(String, LineKind), Option<DateTime<Utc>>>,
    /// The newest moment that any line tells of.
    newest: Option<DateTime<Utc>>,
}

/// What lines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LineKind {
    Clusters,
    Snapshots,
    Schedules,
    Exports,
    Findings,
}

/// What the lines say of a cluster.
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
    /// The file can't be read, or a line is none of ours: file and line are named.
    pub(crate) fn read(&mut self, name: &str, file: impl BufRead) -> Outcome {
        for (number, line) in file.lines().enumerate() {
            let line = line.map_err(|source| Failure::local(format!("{name} could not be read"), source))?;
            if line.trim().is_empty() {
                continue;
            }
            self.add(&line).map_err(|problem| {
                Failure::usage(
                    format!("{name}: line {}: {problem}", number + 1),
                    "give lines of `fleet clusters|snapshots|schedules|exports` or `audit` with `-o ndjson`",
                )
            })?;
        }
        Ok(())
    }

    /// Whether there was no line at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// When the lines were read, the first and the last of them; none when a line does not say it.
    pub(crate) fn read_at(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let moments: Option<Vec<_>> = self.readings.values().copied().collect();
        let moments = moments?;
        Some((moments.iter().min().copied()?, moments.iter().max().copied()?))
    }

    /// The newest moment that any line tells of.
    pub(crate) fn newest(&self) -> Option<DateTime<Utc>> {
        self.newest
    }

    /// Whether findings of an audit are among the lines.
    pub(crate) fn has_findings(&self) -> bool {
        self.has(LineKind::Findings)
    }

    /// What the lines tell of clusters.
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

    /// The clusters, as a reading of the service would bring them, and the findings.
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
        let value: Value = serde_json::from_str(line).map_err(|error| format!("no JSON: {error}"))?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let has = |key: &str| value.get(key).is_some();
        let read_at = text("readAt").map(|at| at.parse::<DateTime<Utc>>().map_err(|_| "readAt is no time".to_owned()));
        let read_at = read_at.transpose()?;
        if has("rule") && has("fix") {
            if self.is_latest_reading(text("project").unwrap_or_default(), LineKind::Findings, read_at) {
                self.findings.push(from_json(value)?);
            }
            return Ok(());
        }
        let (Some(project), Some(cluster)) = (text("project"), text("cluster")) else {
            return Err("it names no project and cluster".to_owned());
        };
        let sort = match () {
            () if has("policies") || has("referenceHourOfDay") => LineKind::Schedules,
            () if has("exportBucketId") => LineKind::Exports,
            () if has("clusterType") => LineKind::Clusters,
            () if has("status") && has("id") => LineKind::Snapshots,
            () => return Err("it is no cluster, snapshot, schedule, export or finding".to_owned()),
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

    /// Whether lines of a reading count: not when a later one was seen. An earlier one is forgotten then.
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
    /// Whether the latest readings know of it, and of more than that it is free and has no backups.
    fn has_backups(&self) -> bool {
        self.cluster.is_some() || self.schedule.is_some() || !self.snapshots.is_empty() || !self.exports.is_empty()
    }
}

fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
