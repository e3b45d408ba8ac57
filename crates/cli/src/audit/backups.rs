//! A summary of the backups of a cluster of any kind, as rules and reports need it.

use atlas_backup::{
    AnyCluster, AnyRestore, AnySnapshot, Client, ClusterKind, HasState, JobState, types::DiskBackupExportJob,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::{audit::schedule::ScheduleSummary, context::snapshots::is_fallback};

/// Summary of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SnapshotSummary {
    pub(crate) id: String,
    pub(crate) state: JobState,
    /// Completion time; for an incomplete snapshot, its start time if known.
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) frequency: String,
    pub(crate) bytes: i64,
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) regions: Vec<String>,
    /// Whether the service took it by its fallback method; it may be inconsistent.
    pub(crate) fallback: bool,
}

/// Summary of a restore or an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobSummary {
    pub(crate) id: String,
    pub(crate) state: JobState,
    pub(crate) at: Option<DateTime<Utc>>,
}

/// Summary of the backups of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClusterBackups {
    pub(crate) project: String,
    pub(crate) cluster: String,
    pub(crate) kind: ClusterKind,
    pub(crate) created: Option<DateTime<Utc>>,
    pub(crate) paused: bool,
    pub(crate) backup: Option<bool>,
    pub(crate) point_in_time: Option<bool>,
    /// `None` if they could not be read.
    pub(crate) snapshots: Option<Vec<SnapshotSummary>>,
    /// `None` if it could not be read, and for a flex cluster, which has no schedule.
    pub(crate) schedule: Option<ScheduleSummary>,
    pub(crate) restores: Vec<JobSummary>,
    pub(crate) exports: Vec<JobSummary>,
    /// Resources that could not be read, with the reason.
    pub(crate) unread: Vec<(&'static str, String)>,
}

/// Deprecation and sunset of a called version, from the response headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionNotice {
    pub(crate) operation: &'static str,
    pub(crate) version: String,
    pub(crate) deprecated: Option<NaiveDate>,
    pub(crate) ends: Option<NaiveDate>,
}

impl VersionNotice {
    /// All notices that a client has received.
    pub(crate) fn by(client: &Client) -> Vec<Self> {
        let notices = client.deprecations().into_iter().map(|notice| VersionNotice {
            operation: notice.operation,
            version: notice.version,
            deprecated: notice.since.map(|since| since.date_naive()),
            ends: notice.sunset.map(|sunset| sunset.date_naive()),
        });
        notices.collect()
    }
}

impl ClusterBackups {
    /// A cluster without other data.
    pub(crate) fn new(project: &str, cluster: &str, kind: ClusterKind) -> Self {
        ClusterBackups {
            project: project.to_owned(),
            cluster: cluster.to_owned(),
            kind,
            created: None,
            paused: false,
            backup: None,
            point_in_time: None,
            snapshots: None,
            schedule: None,
            restores: Vec::new(),
            exports: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// The summary of a cluster document. `None` for a free cluster, which has no backups.
    pub(crate) fn of_cluster(project: &str, document: &AnyCluster, now: DateTime<Utc>) -> Option<Self> {
        document.can_have_backups().then(|| ClusterBackups {
            // Ignore a creation time in the future: the local clock may be slow.
            created: document.created_at().filter(|created| *created <= now),
            paused: document.is_paused(),
            backup: document.backup_enabled(),
            point_in_time: document.point_in_time_enabled(),
            ..ClusterBackups::new(project, document.name().as_str(), document.kind())
        })
    }

    /// The times of the completed snapshots, oldest first.
    pub(crate) fn completed(&self) -> Vec<DateTime<Utc>> {
        let done = self.snapshots.iter().flatten().filter(|snapshot| snapshot.state == JobState::Succeeded);
        let mut moments: Vec<_> = done.filter_map(|snapshot| snapshot.at).collect();
        moments.sort_unstable();
        moments
    }
}

impl SnapshotSummary {
    pub(crate) fn of(snapshot: &AnySnapshot) -> Self {
        SnapshotSummary {
            id: snapshot.id().to_string(),
            state: snapshot.state(),
            at: snapshot.completed_at().or(snapshot.started_at()),
            frequency: snapshot.frequency().unwrap_or_default().to_owned(),
            bytes: snapshot.size_bytes().unwrap_or(0),
            expires: snapshot.expires_at(),
            regions: snapshot.copy_regions().to_vec(),
            fallback: is_fallback(snapshot),
        }
    }

    /// The snapshot as a job.
    pub(crate) fn job(&self) -> JobSummary {
        JobSummary { id: self.id.clone(), state: self.state, at: self.at }
    }
}

impl JobSummary {
    pub(crate) fn of_restore(job: &AnyRestore) -> Self {
        JobSummary { id: job.id().to_string(), state: job.state(), at: job.finished_at().or(job.started_at()) }
    }

    pub(crate) fn of_export(id: &str, job: &DiskBackupExportJob) -> Self {
        JobSummary { id: id.to_owned(), state: job.job_state(), at: job.finished_at.or(job.created_at) }
    }
}

/// Formats a duration in a large unit to one decimal: `26.5 hours`, `9.0 days`.
pub(crate) fn length(length: TimeDelta) -> String {
    #[allow(clippy::cast_precision_loss)] // The output has one decimal.
    let hours = length.num_seconds() as f64 / 3_600.0;
    match hours.abs() {
        hours if hours >= 48.0 => format!("{:.1} days", hours / 24.0),
        hours if hours >= 2.0 => format!("{hours:.1} hours"),
        hours => format!("{:.0} minutes", hours * 60.0),
    }
}
