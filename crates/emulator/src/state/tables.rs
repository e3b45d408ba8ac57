//! The state of the emulator.
//!
//! All of it is in [`State`] behind one [`Store`](crate::store::Store). Handlers access it only inside `read` and
//! `write`. Records contain requests and their times. The view of a client is computed from the clock and never stored.
//! Data outside of this does not survive a restart.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    data::changes::DataChange,
    domain::{
        access_list::AccessListEntry,
        clock_record::ClockRecord,
        cloud_roles::CloudRole,
        clusters::Cluster,
        compliance_policy::CompliancePolicy,
        database_users::DatabaseUser,
        ids::ObjectId,
        job_kind::JobKind,
        jobs::{CollectionRestore, ExportJob, FlexRestore, PrivateEndpoint, RestoreJob},
        projects::{ExportBucket, Organization, Project},
        schedule::{Schedule, ScheduleProgress},
        snapshots::{FlexSnapshot, Snapshot},
    },
    state::{
        collection::{Change, Collection, RawRow, Rows},
        current_data::CurrentData,
    },
};

/// Schema version of the records, in memory and in a data folder. Increase it with every incompatible change of a
/// record. Until the first release, older schemas are refused.
pub(crate) const SCHEMA: u64 = 1;

/// The list of collections: field, record type, and the collection of the parents. A collection listed here is saved,
/// loaded, exported, imported, checked and cleaned up like the others.
macro_rules! collections {
    ($($(#[$about:meta])* $name:ident: $record:ty, below $parent:literal;)*) => {
        /// The whole state.
        #[derive(Debug, Default)]
        pub(crate) struct State {
            $($(#[$about])* pub(crate) $name: Collection<$record>,)*
            /// Data outside of collections.
            pub(crate) meta: Meta,
            /// Time of the next scheduled event. `None` if it must be computed. Not saved.
            pub(crate) next_event: Option<DateTime<Utc>>,
            /// Not saved either.
            pub(crate) current_data: CurrentData,
            /// `meta` as last saved.
            saved: Meta,
        }

        impl State {
            /// The names of all collections, parents before children.
            pub(crate) const COLLECTIONS: &'static [&'static str] = &[$(stringify!($name)),*];
            /// For each collection, the collection of its parents. Empty if the parent is the zero id.
            pub(crate) const PARENTS: &'static [&'static str] = &[$($parent),*];

            /// All collections in the order of [`COLLECTIONS`](Self::COLLECTIONS).
            pub(crate) fn collections(&self) -> [&dyn Rows; Self::COLLECTIONS.len()] {
                [$(&self.$name),*]
            }

            /// The same, for changes.
            pub(crate) fn collections_mut(&mut self) -> [&mut dyn Rows; Self::COLLECTIONS.len()] {
                [$(&mut self.$name),*]
            }
        }
    };
}

collections! {
    /// Below the zero id.
    organizations: Organization, below "";
    /// Below their organization.
    projects: Project, below "organizations";
    /// Dedicated, sharded and flex alike, below their project.
    clusters: Cluster, below "projects";
    /// Below their cluster.
    snapshots: Snapshot, below "clusters";
    /// Below their cluster.
    restore_jobs: RestoreJob, below "clusters";
    /// Below their project.
    export_buckets: ExportBucket, below "projects";
    /// Below their cluster.
    export_jobs: ExportJob, below "clusters";
    /// Below their cluster.
    flex_snapshots: FlexSnapshot, below "clusters";
    /// Below their cluster.
    flex_restores: FlexRestore, below "clusters";
    /// Below their cluster and under its id: at most one.
    schedules: Schedule, below "clusters";
    /// Below their project and under its id: at most one.
    compliance_policies: CompliancePolicy, below "projects";
    /// Below their cluster.
    data_changes: DataChange, below "clusters";
    /// Below their cluster.
    collection_restores: CollectionRestore, below "clusters";
    /// Below their project.
    private_endpoints: PrivateEndpoint, below "projects";
    /// Below their project.
    access_list: AccessListEntry, below "projects";
    /// Below their project.
    database_users: DatabaseUser, below "projects";
    /// Below their project.
    cloud_roles: CloudRole, below "projects";
    /// Below their cluster and under its id: at most one.
    followed: ScheduleProgress, below "clusters";
}

/// State outside of the collections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Meta {
    /// Number of generated ids.
    #[serde(default)]
    pub(crate) issued: u32,
    /// Position of the clock. Absent until an emulator has run with this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clock: Option<ClockRecord>,
    /// Ordered failures that have not happened yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ordered_failures: Vec<JobKind>,
}

/// All changes of one write.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// By index in [`State::COLLECTIONS`].
    pub(crate) rows: Vec<(usize, Change)>,
    pub(crate) meta: Option<Meta>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.meta.is_none()
    }
}

impl State {
    /// A new id that starts with the time, as in Atlas.
    pub(crate) fn new_id(&mut self, now: DateTime<Utc>) -> ObjectId {
        self.meta.issued = self.meta.issued.wrapping_add(1);
        let mut bytes = *b"\0\0\0\0atlas\0\0\0";
        bytes[..4].copy_from_slice(&(now.timestamp() as u32).to_be_bytes());
        bytes[9..].copy_from_slice(&self.meta.issued.to_be_bytes()[1..]);
        ObjectId(bytes)
    }

    /// Removes the record with this id and everything below it. Projects and clusters must be removed with this
    /// function, so that no record loses its parent.
    pub(crate) fn forget(&mut self, id: ObjectId) {
        let mut forgotten = vec![id];
        while let Some(id) = forgotten.pop() {
            self.current_data.forget(id);
            for rows in self.collections_mut() {
                // A schedule has its cluster's id and is below it, which must not cause endless recursion.
                forgotten.extend(rows.ids_below(id).into_iter().filter(|child| *child != id));
                rows.remove_row(id);
            }
        }
    }

    /// Replaces everything by `other`, as one change.
    pub(crate) fn replace(&mut self, other: State) {
        let before = self.collections().map(Rows::row_keys);
        let saved = std::mem::take(&mut self.saved);
        *self = State { saved, ..other };
        for (rows, before) in self.collections_mut().into_iter().zip(before) {
            rows.touch_all(&before);
        }
    }

    /// Adds a saved or exported row to the collection named `collection`.
    ///
    /// # Errors
    /// Returns an error with the path inside the row and the reason.
    pub(crate) fn load(&mut self, collection: &str, row: RawRow<&[u8]>) -> Result<(), (String, String)> {
        let index = Self::COLLECTIONS.iter().position(|name| *name == collection);
        let index = index.ok_or_else(|| (String::new(), "is in an unknown collection".to_owned()))?;
        self.collections_mut()[index].load(row)
    }

    /// Checks across rows: every row has its parent, and the clock is in range.
    ///
    /// # Errors
    /// Returns an error that names the first row without a parent.
    pub(crate) fn check(&self) -> Result<(), Orphan> {
        let collections = self.collections();
        for (index, rows) in collections.iter().enumerate() {
            let parents = Self::COLLECTIONS.iter().position(|name| *name == Self::PARENTS[index]);
            for (parent, order) in rows.row_keys() {
                if !parents.map_or(parent == ObjectId::default(), |parents| collections[parents].contains(parent)) {
                    return Err(Orphan { collection: Self::COLLECTIONS[index], order, parent });
                }
            }
        }
        Ok(())
    }

    /// Marks everything as changed.
    pub(crate) fn touch_all(&mut self) {
        self.collections_mut().into_iter().for_each(|rows| rows.touch_all(&[]));
    }

    /// The changes since the last call.
    ///
    /// # Errors
    /// Returns an error if a record cannot be written as JSON.
    pub(crate) fn take_changes(&mut self) -> Result<Changes, serde_json::Error> {
        let mut changes = Changes::default();
        for (index, rows) in self.collections_mut().into_iter().enumerate() {
            changes.rows.extend(rows.take_changes()?.into_iter().map(|change| (index, change)));
        }
        if self.meta != self.saved {
            self.saved.clone_from(&self.meta);
            changes.meta = Some(self.meta.clone());
        }
        Ok(changes)
    }

    /// Marks everything as saved.
    pub(crate) fn forget_changes(&mut self) {
        self.collections_mut().into_iter().for_each(Rows::forget_changes);
        self.saved.clone_from(&self.meta);
    }
}

/// A row without its parent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Orphan {
    collection: &'static str,
    order: u64,
    parent: ObjectId,
}

impl Orphan {
    /// Its position in insertion order: the index in the list of an imported document.
    pub(crate) fn path(&self) -> String {
        format!("{}[{}].parent", self.collection, self.order)
    }

    /// The reason.
    pub(crate) fn reason(&self) -> String {
        format!("there is no {}", self.parent)
    }
}
