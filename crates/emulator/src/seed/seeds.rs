//! What an emulator knows when it starts.
//!
//! A seed is the same on every start: ids are drawn from fixed sequences and counts do not depend on the day, so that a
//! document found in one run is found by its id in the next. Only times move with the clock, back from its start.

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

/// Which state to start with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Seed {
    /// One organization and nothing in it.
    #[default]
    Empty,
    /// The project [`DEMO_PROJECT`](crate::DEMO_PROJECT) with the replica set `Cluster0`, the sharded cluster `Sharded0`
    /// and the flex cluster `Flex0`, their snapshots, exports and restores.
    Demo,
    /// Many projects with many clusters with many snapshots.
    Fleet(Fleet),
    /// What [`Emulator::export_state`](crate::Emulator::export_state) gave, the clock's time included.
    Exported(Arc<Value>),
}

impl Seed {
    /// A state that was exported before. It is checked when an emulator starts with it.
    #[must_use]
    pub fn from_export(document: Value) -> Self {
        Self::Exported(Arc::new(document))
    }

    /// The state as it is at `now`.
    ///
    /// # Errors
    /// An exported state is wrong at the place that is named.
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
