//! The kinds of jobs: the duration of each and its state names, in one table.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    durations,
    timeline::{Phase, Timeline},
};

/// Jobs that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum JobKind {
    /// A snapshot of a dedicated cluster, on demand or scheduled.
    Snapshot,
    /// A restore, download or point-in-time restore of a dedicated cluster.
    Restore,
    /// A requested or automatic export.
    Export,
    /// A daily snapshot of a flex cluster.
    FlexSnapshot,
    /// A restore or a download of a flex snapshot.
    FlexRestore,
    /// A restore of single databases and collections.
    CollectionRestore,
    /// The creation of a private endpoint for backups.
    PrivateEndpoint,
}

/// Properties of one kind of job.
struct Job {
    kind: JobKind,
    /// Its name for operators.
    name: &'static str,
    /// Queued time.
    queued: TimeDelta,
    /// Running time after that.
    running: TimeDelta,
    /// State names of the service, in the order of [`Phase`]. Empty if it has none.
    states: [&'static str; 4],
}

const fn job(
    kind: JobKind,
    name: &'static str,
    (queued, running): (TimeDelta, TimeDelta),
    states: [&'static str; 4],
) -> Job {
    Job { kind, name, queued, running, states }
}

/// In the order of the kinds.
static JOBS: [Job; 7] = [
    job(
        JobKind::Snapshot,
        "snapshot",
        (durations::SNAPSHOT_QUEUED, durations::SNAPSHOT_RUNNING),
        ["queued", "inProgress", "completed", "failed"],
    ),
    job(JobKind::Restore, "restore", (TimeDelta::zero(), durations::RESTORE_RUNNING), [""; 4]),
    job(
        JobKind::Export,
        "export",
        (durations::EXPORT_QUEUED, durations::EXPORT_RUNNING),
        ["Queued", "InProgress", "Successful", "Failed"],
    ),
    job(
        JobKind::FlexSnapshot,
        "flexSnapshot",
        (durations::FLEX_SNAPSHOT_QUEUED, durations::FLEX_SNAPSHOT_RUNNING),
        ["QUEUED", "RUNNING", "COMPLETED", "FAILED"],
    ),
    job(
        JobKind::FlexRestore,
        "flexRestore",
        (durations::FLEX_RESTORE_PENDING, durations::FLEX_RESTORE_RUNNING),
        ["PENDING", "RUNNING", "COMPLETED", "FAILED"],
    ),
    job(
        JobKind::CollectionRestore,
        "collectionRestore",
        (durations::COLLECTION_RESTORE_INITIALIZING, durations::COLLECTION_RESTORE_RUNNING),
        ["INITIALIZING", "IN_PROGRESS", "SUCCESSFUL", "FAILED"],
    ),
    job(
        JobKind::PrivateEndpoint,
        "privateEndpoint",
        (durations::PRIVATE_ENDPOINT_INITIATING, durations::PRIVATE_ENDPOINT_PENDING),
        ["INITIATING", "PENDING_ACCEPTANCE", "ACTIVE", "FAILED"],
    ),
];

impl JobKind {
    /// All kinds, with their names for operators.
    pub const ALL: [(JobKind, &'static str); 7] = {
        let mut all = [(JobKind::Snapshot, ""); JOBS.len()];
        let mut place = 0;
        while place < all.len() {
            all[place] = (JOBS[place].kind, JOBS[place].name);
            place += 1;
        }
        all
    };

    /// The timeline of a successful job requested at `asked`.
    pub(crate) fn timeline(self, asked: DateTime<Utc>) -> Timeline {
        let Job { queued, running, .. } = self.job();
        Timeline::new(asked, *queued, *running)
    }

    /// State name of a job in this phase.
    pub(crate) fn state(self, phase: Phase) -> &'static str {
        self.job().states[phase as usize]
    }

    fn job(self) -> &'static Job {
        &JOBS[self as usize]
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.job().name)
    }
}

impl FromStr for JobKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = JobKind::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind);
        known.ok_or_else(|| {
            let names: Vec<_> = JobKind::ALL.iter().map(|(_, name)| *name).collect();
            format!("invalid job kind {text}: expected one of {}", names.join(", "))
        })
    }
}
