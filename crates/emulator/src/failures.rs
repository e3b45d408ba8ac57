//! Jobs that are to fail, so that a failed backup or restore can be rehearsed.
//!
//! An operator orders a failure for a kind of job; the next job of that kind which is started, by a request or by a
//! schedule, runs its usual time and ends badly. Nothing fails that was not ordered.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    records::{Timeline, pace},
    state::State,
};

/// What can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum JobKind {
    /// A snapshot of a dedicated cluster, on demand or scheduled.
    Snapshot,
    /// A restore or a download of a dedicated cluster's snapshot, and a point-in-time restore.
    Restore,
    /// An export, asked for or automatic.
    Export,
    /// A daily snapshot of a flex cluster.
    FlexSnapshot,
    /// A restore or a download of a flex cluster's snapshot.
    FlexRestore,
    /// A restore of single databases and collections.
    CollectionRestore,
    /// The setting up of a private endpoint for backups.
    PrivateEndpoint,
}

impl JobKind {
    /// All of them, with the names by which an operator calls them.
    pub const ALL: [(JobKind, &'static str); 7] = [
        (JobKind::Snapshot, "snapshot"),
        (JobKind::Restore, "restore"),
        (JobKind::Export, "export"),
        (JobKind::FlexSnapshot, "flexSnapshot"),
        (JobKind::FlexRestore, "flexRestore"),
        (JobKind::CollectionRestore, "collectionRestore"),
        (JobKind::PrivateEndpoint, "privateEndpoint"),
    ];

    /// How long it waits, and how long it then takes.
    fn pace(self) -> (TimeDelta, TimeDelta) {
        match self {
            JobKind::Snapshot => (pace::SNAPSHOT_QUEUED, pace::SNAPSHOT_RUNNING),
            JobKind::Restore => (TimeDelta::zero(), pace::RESTORE_RUNNING),
            JobKind::Export => (pace::EXPORT_QUEUED, pace::EXPORT_RUNNING),
            JobKind::FlexSnapshot => (pace::FLEX_SNAPSHOT_QUEUED, pace::FLEX_SNAPSHOT_RUNNING),
            JobKind::FlexRestore => (pace::FLEX_RESTORE_PENDING, pace::FLEX_RESTORE_RUNNING),
            JobKind::CollectionRestore => (pace::COLLECTION_RESTORE_INITIALIZING, pace::COLLECTION_RESTORE_RUNNING),
            JobKind::PrivateEndpoint => (pace::PRIVATE_ENDPOINT_INITIATING, pace::PRIVATE_ENDPOINT_PENDING),
        }
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(JobKind::ALL.iter().find(|(kind, _)| kind == self).map_or("job", |(_, name)| name))
    }
}

impl FromStr for JobKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = JobKind::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind);
        known.ok_or_else(|| {
            let names: Vec<_> = JobKind::ALL.iter().map(|(_, name)| *name).collect();
            format!("{text} is none of {}", names.join(", "))
        })
    }
}

impl State {
    /// Orders that the next job of this kind fails; ordered twice, the next two do.
    pub(crate) fn fail_next(&mut self, kind: JobKind) {
        self.meta.ordered_failures.push(kind);
    }

    /// The life of a job that is asked for at `asked`, with the failure that was ordered for it.
    pub(crate) fn timeline(&mut self, kind: JobKind, asked: DateTime<Utc>) -> Timeline {
        let (queued, running) = kind.pace();
        let mut timeline = Timeline::new(asked, queued, running);
        if let Some(place) = self.meta.ordered_failures.iter().position(|ordered| *ordered == kind) {
            self.meta.ordered_failures.remove(place);
            timeline.fails = true;
        }
        timeline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_job_of_the_ordered_kind_fails() {
        let mut state = State::default();
        state.fail_next(JobKind::Export);
        let fails = |state: &mut State, kind| state.timeline(kind, Utc::now()).fails;
        assert!(!fails(&mut state, JobKind::Snapshot));
        assert!(fails(&mut state, JobKind::Export));
        assert!(!fails(&mut state, JobKind::Export));
    }

    #[test]
    fn every_kind_is_read_by_the_name_it_is_shown_with() {
        for (kind, name) in JobKind::ALL {
            assert_eq!((kind.to_string().as_str(), name.parse()), (name, Ok(kind)));
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
        assert!("backup".parse::<JobKind>().unwrap_err().contains("flexRestore"));
    }
}
