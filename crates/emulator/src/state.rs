//! Everything the emulator remembers.
//!
//! All of it lives in [`State`] behind one [`Store`]; handlers see it only inside `read` and `write`, so that a durable
//! store can take the place of memory without touching them. Records hold what was asked and when; what a client sees
//! of them at a moment is computed from the clock, never stored.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    str::FromStr,
    sync::{PoisonError, RwLock},
};

use chrono::{DateTime, Utc};

use crate::data::DataChange;
use crate::records::{
    Cluster, CompliancePolicy, ExportBucket, ExportJob, FlexRestore, FlexSnapshot, Organization, Project, RestoreJob,
    Snapshot,
};
use crate::schedule::Schedule;

/// An identifier as Atlas writes it: 24 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct ObjectId(pub(crate) [u8; 12]);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>().ok_or(())?;
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        if digits.len() == 24 { bytes.try_into().map(Self).map_err(drop) } else { Err(()) }
    }
}

/// What is kept under an id below a parent, in the order it was added.
#[derive(Debug)]
pub(crate) struct Collection<T> {
    rows: BTreeMap<(ObjectId, u64), T>,
    places: HashMap<ObjectId, (ObjectId, u64)>,
    next: u64,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), places: HashMap::new(), next: 0 }
    }
}

impl<T> Collection<T> {
    pub(crate) fn insert(&mut self, parent: ObjectId, id: ObjectId, row: T) {
        self.remove(id);
        let place = (parent, self.next);
        self.next += 1;
        self.places.insert(id, place);
        self.rows.insert(place, row);
    }

    /// The row with this id, wherever it is.
    pub(crate) fn get(&self, id: ObjectId) -> Option<&T> {
        self.rows.get(self.places.get(&id)?)
    }

    /// The row with this id, if it is below `parent`.
    pub(crate) fn get_below(&self, parent: ObjectId, id: ObjectId) -> Option<&T> {
        let place = self.places.get(&id).filter(|place| place.0 == parent)?;
        self.rows.get(place)
    }

    pub(crate) fn get_mut(&mut self, id: ObjectId) -> Option<&mut T> {
        self.rows.get_mut(self.places.get(&id)?)
    }

    pub(crate) fn remove(&mut self, id: ObjectId) -> Option<T> {
        self.rows.remove(&self.places.remove(&id)?)
    }

    /// The rows below `parent`, oldest first.
    pub(crate) fn below(&self, parent: ObjectId) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.range((parent, 0)..=(parent, u64::MAX)).map(|(_, row)| row)
    }

    /// All rows, by parent.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }
}

/// The whole state. The comment on each collection says what its parent is.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Below the zero id.
    pub(crate) organizations: Collection<Organization>,
    /// Below their organization.
    pub(crate) projects: Collection<Project>,
    /// Dedicated, sharded and flex alike, below their project.
    pub(crate) clusters: Collection<Cluster>,
    /// Below their cluster.
    pub(crate) snapshots: Collection<Snapshot>,
    /// Below their cluster.
    pub(crate) restore_jobs: Collection<RestoreJob>,
    /// Below their project.
    pub(crate) export_buckets: Collection<ExportBucket>,
    /// Below their cluster.
    pub(crate) export_jobs: Collection<ExportJob>,
    /// Below their cluster.
    pub(crate) flex_snapshots: Collection<FlexSnapshot>,
    /// Below their cluster.
    pub(crate) flex_restores: Collection<FlexRestore>,
    /// Below their cluster and under its id: there is one at most.
    pub(crate) schedules: Collection<Schedule>,
    /// Below their project and under its id: there is one at most.
    pub(crate) compliance_policies: Collection<CompliancePolicy>,
    /// Below their cluster.
    pub(crate) data_changes: Collection<DataChange>,
    issued: u32,
}

impl State {
    /// A new id that starts with the time, as Atlas's do.
    pub(crate) fn new_id(&mut self, now: DateTime<Utc>) -> ObjectId {
        self.issued = self.issued.wrapping_add(1);
        let mut bytes = *b"\0\0\0\0atlas\0\0\0";
        bytes[..4].copy_from_slice(&(now.timestamp() as u32).to_be_bytes());
        bytes[9..].copy_from_slice(&self.issued.to_be_bytes()[1..]);
        ObjectId(bytes)
    }
}

/// The one place that holds the state.
#[derive(Debug, Default)]
pub(crate) struct Store {
    state: RwLock<State>,
}

impl Store {
    pub(crate) fn new(state: State) -> Self {
        Self { state: RwLock::new(state) }
    }

    pub(crate) fn read<R>(&self, f: impl FnOnce(&State) -> R) -> R {
        f(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}
