//! What happens to a cluster's data, and what it therefore holds at a moment.
//!
//! A change is written down when it is asked for, with the moment it takes effect: a restore's lies in the future, at
//! its end. So a restore needs nobody to carry it out, and a point in time is a question like any other. A change that
//! has taken effect is never altered; one whose job is cancelled before is taken back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::set::{Collection, DataSet, Made, Namespace, Selection, Stored};
use crate::state::{ObjectId, State};

/// One change of one cluster's data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DataChange {
    pub(crate) id: ObjectId,
    /// When it takes effect.
    pub(crate) at: DateTime<Utc>,
    /// The restore job it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) job: Option<ObjectId>,
    pub(crate) change: Change,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Change {
    /// All that there was gives way to this.
    Replace(DataSet),
    /// These come beside what there is, in place of those of the same name.
    Put(Vec<Collection>),
    /// A collection of documents from a template.
    Make(Namespace, Made),
    /// Documents at the end of a collection, which is created if it is not there.
    Insert(Namespace, Vec<Stored>),
    Drop(Namespace),
}

impl State {
    /// What `cluster` holds at `moment`.
    pub(crate) fn data_at(&self, cluster: ObjectId, moment: DateTime<Utc>) -> DataSet {
        self.data_with(cluster, |change| change.at <= moment)
    }

    /// What a snapshot of `cluster` holds that began to be taken at `begins`. What changes at that very moment comes too
    /// late for it.
    pub(crate) fn data_of_snapshot(&self, cluster: ObjectId, begins: DateTime<Utc>) -> DataSet {
        self.data_with(cluster, |change| change.at < begins)
    }

    fn data_with(&self, cluster: ObjectId, counts: impl Fn(&DataChange) -> bool) -> DataSet {
        let mut changes: Vec<&DataChange> = self.data_changes.below(cluster).filter(|c| counts(c)).collect();
        // Those of one moment stay in the order they were asked for.
        changes.sort_by_key(|c| c.at);
        let whole = changes.iter().rposition(|c| matches!(c.change, Change::Replace(_)));
        let initial = if whole.is_some() { DataSet::default() } else { DataSet::initial(cluster) };
        changes.into_iter().skip(whole.unwrap_or_default()).fold(initial, |set, change| change.change.apply(set))
    }

    /// Writes a change down.
    pub(crate) fn change_data(&mut self, cluster: ObjectId, now: DateTime<Utc>, change: Change) {
        self.plan_change(cluster, now, now, None, change);
    }

    /// Lets the restore `job` replace all data of `target` when it ends.
    pub(crate) fn plan_restore(
        &mut self,
        target: ObjectId,
        (now, ends): (DateTime<Utc>, DateTime<Utc>),
        job: ObjectId,
        data: DataSet,
    ) {
        self.plan_change(target, now, ends, Some(job), Change::Replace(data));
    }

    /// Lets the restore `job` put single collections of `data` into `target` when it ends. Gives each with the name it
    /// has in `data` and the one it gets, and what `selection` names but `data` does not have. Without `overwrite`, a
    /// name that is taken gets a number behind it.
    pub(crate) fn plan_collection_restore(
        &mut self,
        target: ObjectId,
        (now, ends): (DateTime<Utc>, DateTime<Utc>),
        job: ObjectId,
        (data, selection, overwrite): (&DataSet, &Selection, bool),
    ) -> (Vec<(Namespace, Collection)>, Vec<String>) {
        let (mut found, missing) = data.select(selection);
        if !overwrite {
            let mut there = self.data_at(target, ends);
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
        self.plan_change(target, now, ends, Some(job), Change::Put(collections));
        (found, missing)
    }

    /// Takes back what a restore would have done.
    pub(crate) fn withdraw_restore(&mut self, target: ObjectId, job: ObjectId) {
        let planned: Vec<_> = self.data_changes.below(target).filter(|c| c.job == Some(job)).map(|c| c.id).collect();
        for id in planned {
            self.data_changes.remove(id);
        }
    }

    fn plan_change(
        &mut self,
        cluster: ObjectId,
        now: DateTime<Utc>,
        at: DateTime<Utc>,
        job: Option<ObjectId>,
        change: Change,
    ) {
        let id = self.new_id(now);
        self.data_changes.insert(cluster, id, DataChange { id, at, job, change });
    }
}

impl Change {
    /// The collections that it brings as they are described.
    pub(crate) fn made(&self) -> Vec<Made> {
        let collections = match self {
            Self::Replace(data) => &data.collections,
            Self::Put(collections) => collections,
            Self::Make(_, made) => return vec![*made],
            Self::Insert(..) | Self::Drop(_) => return Vec::new(),
        };
        collections.iter().filter_map(|collection| collection.made).collect()
    }

    fn apply(&self, mut set: DataSet) -> DataSet {
        match self {
            Self::Replace(data) => data.clone(),
            Self::Put(collections) => {
                collections.iter().for_each(|c| set.put(c.clone()));
                set
            }
            Self::Make(name, made) => {
                set.put(Collection::made(name.clone(), *made));
                set
            }
            Self::Insert(name, documents) => {
                set.entry(name).inserted.extend(documents.iter().cloned());
                set
            }
            Self::Drop(name) => {
                set.remove(name);
                set
            }
        }
    }
}
