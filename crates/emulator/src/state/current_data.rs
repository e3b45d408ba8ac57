//! The data of clusters as of the last look, so that a look costs no more than what has changed since.
//!
//! Not saved: it follows from the changes, and a replaced state starts without it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    data::{changes::DataChange, set::DataSet},
    domain::ids::ObjectId,
    state::collection::Collection,
};

#[derive(Debug, Default)]
pub(crate) struct CurrentData(Mutex<HashMap<ObjectId, Current>>);

#[derive(Debug)]
struct Current {
    data: DataSet,
    moment: DateTime<Utc>,
    /// Order number after the last known change.
    next: u64,
    /// Known changes after `moment`, with their order numbers.
    later: Vec<(DateTime<Utc>, u64)>,
}

impl CurrentData {
    /// The data of `cluster` at `moment`. `None` if it is before the last look.
    pub(crate) fn at(
        &self,
        cluster: ObjectId,
        moment: DateTime<Utc>,
        changes: &Collection<DataChange>,
    ) -> Option<DataSet> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Current {
            data: DataSet::initial(cluster),
            moment: DateTime::<Utc>::MIN_UTC,
            next: 0,
            later: Vec::new(),
        };
        let current = known.entry(cluster).or_insert_with(fresh);
        if moment < current.moment {
            return None;
        }
        for (order, change) in changes.below_from(cluster, current.next) {
            current.next = order + 1;
            current.later.push((change.at, order));
        }
        // A change that takes effect before the last look is not in its place: begin again.
        if current.later.iter().any(|(at, _)| *at < current.moment) {
            known.remove(&cluster);
            drop(known);
            return self.at(cluster, moment, changes);
        }
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut current.later).into_iter().partition(|(at, _)| *at <= moment);
        due.sort_unstable();
        let mut data = std::mem::take(&mut current.data);
        for (_, order) in due {
            if let Some(change) = changes.at((cluster, order)) {
                data = change.change.apply(data);
            }
        }
        (current.moment, current.later) = (moment, later);
        current.data = data.clone();
        Some(data)
    }

    pub(crate) fn forget(&self, cluster: ObjectId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&cluster);
    }
}
