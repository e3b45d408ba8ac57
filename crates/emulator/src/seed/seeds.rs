//! Initial states of an emulator.
//!
//! A seed is the same on every start: ids come from fixed sequences and counts do not depend on the day, so that the id
//! of a document is the same in every run. Only times depend on the start of the clock.

use std::sync::Arc;

use chrono::{DateTime, Timelike, Utc};
use serde_json::Value;

use crate::{
    domain::{ids::ObjectId, projects::Organization},
    seed::{
        demo,
        fixtures::{ORGANIZATION, fixed},
        fleet::Fleet,
    },
    state::tables::State,
    store::{document, error::ImportError},
};

/// The initial state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Seed {
    /// One empty organization.
    #[default]
    Empty,
    /// The project [`DEMO_PROJECT`](crate::DEMO_PROJECT) with the replica set `Cluster0`, the sharded cluster `Sharded0`
    /// and the flex cluster `Flex0`, their snapshots, exports and restores.
    Demo,
    /// Many projects, clusters and snapshots.
    Fleet(Fleet),
    /// The result of [`Emulator::export_state`](crate::Emulator::export_state), including the clock's time.
    Exported(Arc<Value>),
}

impl Seed {
    /// An exported state. It is checked when an emulator starts with it.
    #[must_use]
    pub fn from_export(document: Value) -> Self {
        Self::Exported(Arc::new(document))
    }

    /// The state at `now`.
    ///
    /// # Errors
    /// Returns an error that names the path of the first invalid value of an exported state.
    pub(crate) fn state(&self, now: DateTime<Utc>) -> Result<State, ImportError> {
        let now = now.with_nanosecond(0).unwrap_or(now);
        let mut state = State::default();
        let organization = Organization { id: fixed(ORGANIZATION), name: "Demo Organization".to_owned() };
        state.organizations.insert(ObjectId::default(), organization.id, organization);
        match self {
            Self::Empty => {}
            Self::Demo => demo::add(&mut state, now),
            Self::Fleet(fleet) => fleet.add(&mut state, now),
            Self::Exported(document) => return document::read(Value::clone(document)),
        }
        Ok(state)
    }
}
