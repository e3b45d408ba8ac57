//! The columns of snapshots. Replica sets and sharded clusters have snapshots of two types with nearly the same fields;
//! whoever reads a table need not know.

use atlas_backup::{ShardedSnapshot, Snapshot};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ui::output::{
    cell::Cell,
    document::{Column, Document},
};

/// A snapshot of a dedicated cluster.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum AnySnapshot {
    ReplicaSet(Box<Snapshot>),
    Sharded(Box<ShardedSnapshot>),
}

impl From<Snapshot> for AnySnapshot {
    fn from(snapshot: Snapshot) -> Self {
        AnySnapshot::ReplicaSet(Box::new(snapshot))
    }
}

impl From<ShardedSnapshot> for AnySnapshot {
    fn from(snapshot: ShardedSnapshot) -> Self {
        AnySnapshot::Sharded(Box::new(snapshot))
    }
}

impl AnySnapshot {
    /// When it was completed and when it expires.
    pub(super) fn life(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        match self {
            AnySnapshot::ReplicaSet(snapshot) => snapshot.created_at.zip(snapshot.expires_at),
            AnySnapshot::Sharded(snapshot) => snapshot.created_at.zip(snapshot.expires_at),
        }
    }
}

/// The same field of whichever type it is.
macro_rules! either {
    ($snapshot:expr, $document:ident => $value:expr) => {
        match $snapshot {
            AnySnapshot::ReplicaSet($document) => $value,
            AnySnapshot::Sharded($document) => $value,
        }
    };
}

impl Document for AnySnapshot {
    const PLURAL: &'static str = "snapshots";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |snapshot, _| either!(snapshot, s => Cell::text(Some(&s.id)))),
        Column::new("STATUS", |snapshot, _| either!(snapshot, s => Cell::state(s.status.as_ref()))),
        Column::new("TYPE", |snapshot, _| either!(snapshot, s => Cell::text(s.snapshot_type.as_ref()))),
        Column::new("FREQUENCY", |snapshot, _| either!(snapshot, s => Cell::text(s.frequency_type.as_ref()))),
        Column::new("CREATED", |snapshot, now| either!(snapshot, s => Cell::time(s.created_at, now))),
        Column::new("EXPIRES", |snapshot, now| either!(snapshot, s => Cell::time(s.expires_at, now))),
        Column::new("SIZE", |snapshot, _| either!(snapshot, s => Cell::bytes(s.storage_size_bytes))),
        Column::detail("DESCRIPTION", |snapshot, _| either!(snapshot, s => Cell::text(s.description.as_ref()))),
        Column::detail("CLUSTER TYPE", |snapshot, _| either!(snapshot, s => Cell::text(s.type_.as_ref()))),
        Column::detail("MONGODB", |snapshot, _| either!(snapshot, s => Cell::text(s.mongod_version.as_ref()))),
        Column::detail("PROVIDER", |snapshot, _| match snapshot {
            AnySnapshot::ReplicaSet(s) => Cell::text(s.cloud_provider.as_ref()),
            AnySnapshot::Sharded(s) => {
                let members = s.members.iter().flatten().filter_map(|member| member.cloud_provider.as_ref());
                let mut providers: Vec<String> = members.map(ToString::to_string).collect();
                providers.sort();
                providers.dedup();
                Cell::list(Some(providers))
            }
        }),
        Column::detail("REPLICA SETS", |snapshot, _| match snapshot {
            AnySnapshot::ReplicaSet(s) => Cell::text(s.replica_set_name.as_ref()),
            AnySnapshot::Sharded(s) => {
                Cell::list(s.members.as_ref().map(|m| m.iter().filter_map(|member| member.replica_set_name.as_ref())))
            }
        }),
        Column::detail("COPY REGIONS", |snapshot, _| match snapshot {
            AnySnapshot::ReplicaSet(s) => Cell::list(s.copy_regions.as_ref()),
            AnySnapshot::Sharded(_) => Cell::text(None::<&str>),
        }),
    ];
}
