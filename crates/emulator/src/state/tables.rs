//! Everything the emulator remembers.
//!
//! All of it lives in [`State`] behind one [`Store`](crate::store::Store); handlers see it only inside `read` and `write`.
//! Records hold what was asked and when; what a client sees of them at a moment is computed from the clock, never stored.
//! What is not in here does not survive a restart.

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
    state::collection::{Change, Collection, RawRow, Rows},
};

/// The schema of the records, here and in a data folder. A change that older records do not fit raises it; until the first
/// release nothing reads an older one.
pub(crate) const SCHEMA: u64 = 1;

/// The one list of collections: field, what it holds, and which collection its rows' parents are in. A collection that is
/// added here is saved, loaded, exported, imported, checked and cleaned up like the others.
macro_rules! collections {
    ($($(#[$about:meta])* $name:ident: $record:ty, below $parent:literal;)*) => {
        /// The whole state.
        #[derive(Debug, Default)]
        pub(crate) struct State {
            $($(#[$about])* pub(crate) $name: Collection<$record>,)*
            /// What is not in a collection.
            pub(crate) meta: Meta,
            /// When the next thing happens by itself; `None` while that has to be found out. Not saved.
            pub(crate) next_event: Option<DateTime<Utc>>,
            /// `meta` as it was last saved.
            saved: Meta,
        }

        impl State {
            /// The names of all collections, parents before what is below them.
            pub(crate) const COLLECTIONS: &'static [&'static str] = &[$(stringify!($name)),*];
            /// For each collection, the name of the one its parents are in; empty where the parent is the zero id.
            pub(crate) const PARENTS: &'static [&'static str] = &[$($parent),*];

            /// All collections in the order of [`COLLECTIONS`](Self::COLLECTIONS).
            pub(crate) fn collections(&self) -> [&dyn Rows; Self::COLLECTIONS.len()] {
                [$(&self.$name),*]
            }

            /// The same, to be changed.
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
    /// Below their cluster and under its id: there is one at most.
    schedules: Schedule, below "clusters";
    /// Below their project and under its id: there is one at most.
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
    /// Below their cluster and under its id: there is one at most.
    followed: ScheduleProgress, below "clusters";
}

/// What the state holds beside its collections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Meta {
    /// How many ids were given out.
    #[serde(default)]
    pub(crate) issued: u32,
    /// Where the clock stands; absent until an emulator has run on this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clock: Option<ClockRecord>,
    /// Failures that were ordered and have not happened yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ordered_failures: Vec<JobKind>,
}

/// Everything that one write changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// By the collection's place in [`State::COLLECTIONS`].
    pub(crate) rows: Vec<(usize, Change)>,
    pub(crate) meta: Option<Meta>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.meta.is_none()
    }
}

impl State {
    /// A new id that starts with the time, as Atlas's do.
    pub(crate) fn new_id(&mut self, now: DateTime<Utc>) -> ObjectId {
        self.meta.issued = self.meta.issued.wrapping_add(1);
        let mut bytes = *b"\0\0\0\0atlas\0\0\0";
        bytes[..4].copy_from_slice(&(now.timestamp() as u32).to_be_bytes());
        bytes[9..].copy_from_slice(&self.meta.issued.to_be_bytes()[1..]);
        ObjectId(bytes)
    }

    /// Removes what has this id, and everything below it. Whoever removes a project or a cluster does it with this, so that
    /// nothing is left without its parent.
    pub(crate) fn forget(&mut self, id: ObjectId) {
        let mut forgotten = vec![id];
        while let Some(id) = forgotten.pop() {
            for rows in self.collections_mut() {
                // A schedule has its cluster's id and stands below it: it must not lead back to itself.
                forgotten.extend(rows.ids_below(id).into_iter().filter(|child| *child != id));
                rows.remove_row(id);
            }
        }
    }

    /// Everything becomes as in `other`, which counts as one change.
    pub(crate) fn replace(&mut self, other: State) {
        let before = self.collections().map(Rows::row_keys);
        let saved = std::mem::take(&mut self.saved);
        *self = State { saved, ..other };
        for (rows, before) in self.collections_mut().into_iter().zip(before) {
            rows.touch_all(&before);
        }
    }

    /// Adds a row that was saved or exported to the collection named `collection`.
    ///
    /// # Errors
    /// The place inside the row, and what is wrong there.
    pub(crate) fn load(&mut self, collection: &str, row: RawRow<&[u8]>) -> Result<(), (String, String)> {
        let index = Self::COLLECTIONS.iter().position(|name| *name == collection);
        let index = index.ok_or_else(|| (String::new(), "is in a collection that is not known".to_owned()))?;
        self.collections_mut()[index].load(row)
    }

    /// Checks what no row can know by itself: that every row has its parent, and that the clock has room.
    ///
    /// # Errors
    /// Names the first row without one.
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

    /// Counts everything as changed.
    pub(crate) fn touch_all(&mut self) {
        self.collections_mut().into_iter().for_each(|rows| rows.touch_all(&[]));
    }

    /// What was changed since this was last called.
    ///
    /// # Errors
    /// A record can't be written as JSON.
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

    /// What is here counts as saved.
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
    /// Where it is, by the order in which rows were added: the place in the list of an imported document.
    pub(crate) fn path(&self) -> String {
        format!("{}[{}].parent", self.collection, self.order)
    }

    /// What is wrong there.
    pub(crate) fn reason(&self) -> String {
        format!("there is no {}", self.parent)
    }
}
