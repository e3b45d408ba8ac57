//! What happens to a cluster's data, and what it therefore holds at a moment.
//!
//! A change is written down when it is asked for, with the moment it takes effect: a restore's lies in the future, at
//! its end. So a restore needs nobody to carry it out, and a point in time is a question like any other. A change that
//! has taken effect is never altered; one whose job is cancelled before is taken back.

use chrono::{DateTime, Utc};

use crate::{
    data::{
        changes::{Change, DataChange},
        set::{Collection, DataSet, Namespace, Selection},
    },
    domain::ids::ObjectId,
    state::tables::State,
};

/// What `cluster` holds at `moment`.
pub(crate) fn at(state: &State, cluster: ObjectId, moment: DateTime<Utc>) -> DataSet {
    with_changes(state, cluster, |change| change.at <= moment)
}

/// What a snapshot of `cluster` holds that began to be taken at `begins`. What changes at that very moment comes too
/// late for it.
pub(crate) fn of_snapshot(state: &State, cluster: ObjectId, begins: DateTime<Utc>) -> DataSet {
    with_changes(state, cluster, |change| change.at < begins)
}

fn with_changes(state: &State, cluster: ObjectId, counts: impl Fn(&DataChange) -> bool) -> DataSet {
    let mut changes: Vec<&DataChange> = state.data_changes.below(cluster).filter(|c| counts(c)).collect();
    // Those of one moment stay in the order they were asked for.
    changes.sort_by_key(|c| c.at);
    let whole = changes.iter().rposition(|c| matches!(c.change, Change::Replace(_)));
    let initial = if whole.is_some() { DataSet::default() } else { DataSet::initial(cluster) };
    changes.into_iter().skip(whole.unwrap_or_default()).fold(initial, |set, change| change.change.apply(set))
}

/// Writes a change down.
pub(crate) fn change(state: &mut State, cluster: ObjectId, now: DateTime<Utc>, change: Change) {
    plan_change(state, cluster, now, now, None, change);
}

/// Lets the restore `job` replace all data of `target` when it ends.
pub(crate) fn plan_restore(
    state: &mut State,
    target: ObjectId,
    (now, ends): (DateTime<Utc>, DateTime<Utc>),
    job: ObjectId,
    data: DataSet,
) {
    plan_change(state, target, now, ends, Some(job), Change::Replace(data));
}

/// Lets the restore `job` put single collections of `data` into `target` when it ends. Gives each with the name it
/// has in `data` and the one it gets, and what `selection` names but `data` does not have. Without `overwrite`, a
/// name that is taken gets a number behind it.
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

/// Takes back what a restore would have done.
pub(crate) fn cancel_restore(state: &mut State, target: ObjectId, job: ObjectId) {
    let planned: Vec<_> = state.data_changes.below(target).filter(|c| c.job == Some(job)).map(|c| c.id).collect();
    for id in planned {
        state.data_changes.remove(id);
    }
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
