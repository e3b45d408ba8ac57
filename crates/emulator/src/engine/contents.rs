//! Changes of a cluster's data, and the data that results at a point in time.
//!
//! A change is recorded when it is requested, with the time at which it takes effect. For a restore that is its end, in
//! the future. So no job has to execute a restore, and any point in time can be computed. A change is never altered: a
//! restore that writes to a cluster cannot be cancelled.

use chrono::{DateTime, Utc};

use crate::{
    data::{
        changes::{Change, DataChange},
        set::{Collection, DataSet, Namespace, Selection},
    },
    domain::ids::ObjectId,
    state::tables::State,
};

/// The data of `cluster` at `moment`.
pub(crate) fn at(state: &State, cluster: ObjectId, moment: DateTime<Utc>) -> DataSet {
    with_changes(state, cluster, |change| change.at <= moment)
}

/// The data of `cluster` now. Costs no more than the changes since the last call.
pub(crate) fn current(state: &State, cluster: ObjectId, now: DateTime<Utc>) -> DataSet {
    let current = state.current_data.at(cluster, now, &state.data_changes);
    current.unwrap_or_else(|| at(state, cluster, now))
}

/// The data of a snapshot of `cluster` that started at `begins`. Changes at exactly that time are not included.
pub(crate) fn of_snapshot(state: &State, cluster: ObjectId, begins: DateTime<Utc>) -> DataSet {
    with_changes(state, cluster, |change| change.at < begins)
}

fn with_changes(state: &State, cluster: ObjectId, counts: impl Fn(&DataChange) -> bool) -> DataSet {
    let mut changes: Vec<&DataChange> = state.data_changes.below(cluster).filter(|c| counts(c)).collect();
    // Changes at the same time keep the order of their requests.
    changes.sort_by_key(|c| c.at);
    let whole = changes.iter().rposition(|c| matches!(c.change, Change::Replace(_)));
    let initial = if whole.is_some() { DataSet::default() } else { DataSet::initial(cluster) };
    changes.into_iter().skip(whole.unwrap_or_default()).fold(initial, |set, change| change.change.apply(set))
}

/// Records a change.
pub(crate) fn change(state: &mut State, cluster: ObjectId, now: DateTime<Utc>, change: Change) {
    plan_change(state, cluster, now, now, None, change);
}

/// Makes the restore `job` replace all data of `target` when it ends.
pub(crate) fn plan_restore(
    state: &mut State,
    target: ObjectId,
    (now, ends): (DateTime<Utc>, DateTime<Utc>),
    job: ObjectId,
    data: DataSet,
) {
    plan_change(state, target, now, ends, Some(job), Change::Replace(data));
}

/// Makes the restore `job` write single collections of `data` to `target` when it ends. Returns each with its name in
/// `data` and its new name, and the names of `selection` that are not in `data`. Without `overwrite`, a name that is in
/// use gets a number as suffix.
pub(crate) fn plan_collection_restore(
    state: &mut State,
    target: ObjectId,
    (now, ends): (DateTime<Utc>, DateTime<Utc>),
    job: ObjectId,
    (data, selection, overwrite): (&DataSet, &Selection, bool),
) -> (Vec<(Namespace, Collection)>, Vec<String>) {
    let (mut found, missing) = data.select(selection);
    if !overwrite {
        let mut there = at(state, target, ends);
        for (_, collection) in &mut found {
            let wanted = collection.name.clone();
            let mut number = 0;
            while there.get(&collection.name).is_some() {
                number += 1;
                let name = Namespace::new(&wanted.database, format!("{}_{number}", wanted.collection));
                *collection = collection.renamed(name);
            }
            there.put(collection.clone());
        }
    }
    let collections = found.iter().map(|(_, collection)| collection.clone()).collect();
    plan_change(state, target, now, ends, Some(job), Change::Put(collections));
    (found, missing)
}

fn plan_change(
    state: &mut State,
    cluster: ObjectId,
    now: DateTime<Utc>,
    at: DateTime<Utc>,
    job: Option<ObjectId>,
    change: Change,
) {
    let id = state.new_id(now);
    state.data_changes.insert(cluster, id, DataChange { id, at, job, change });
}
