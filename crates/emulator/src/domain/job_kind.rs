//! The kinds of jobs, by the names with which an operator orders their failure.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

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
