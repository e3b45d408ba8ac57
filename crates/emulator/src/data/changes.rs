//! Changes of a cluster's data, each with the time at which it takes effect.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    data::{
        documents::StoredDocument,
        set::{Collection, DataSet, GeneratedDocuments, Namespace},
    },
    domain::{
        ids::ObjectId,
        record::{Checks, Record},
    },
};

/// One change of the data of one cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DataChange {
    pub(crate) id: ObjectId,
    /// When it takes effect.
    pub(crate) at: DateTime<Utc>,
    /// The restore job that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) job: Option<ObjectId>,
    pub(crate) change: Change,
}

impl Record for DataChange {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.moment("at", self.at);
        let bounded =
            self.change.generated_collections().iter().all(|made| made.count <= GeneratedDocuments::MAX_DOCUMENTS);
        checks.require(bounded, "change", "creates more documents than a collection may have");
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Change {
    /// Replaces all data.
    Replace(DataSet),
    /// Adds collections. A collection of the same name is replaced.
    Put(Vec<Collection>),
    /// A collection of documents from a template.
    Make(Namespace, GeneratedDocuments),
    /// Documents added to a collection, which is created if it does not exist. One with the same `_id` is replaced.
    Insert(Namespace, Vec<StoredDocument>),
    /// Documents removed from a collection, each named by a document with its `_id`.
    Remove(Namespace, Vec<StoredDocument>),
    /// All indexes of a collection, which is created if it does not exist.
    Indexes(Namespace, Vec<StoredDocument>),
    Drop(Namespace),
}

impl Change {
    /// Descriptions of the generated collections that it adds.
    pub(crate) fn generated_collections(&self) -> Vec<GeneratedDocuments> {
        let collections = match self {
            Self::Replace(data) => &data.collections,
            Self::Put(collections) => collections,
            Self::Make(_, made) => return vec![*made],
            Self::Insert(..) | Self::Remove(..) | Self::Indexes(..) | Self::Drop(_) => return Vec::new(),
        };
        collections.iter().filter_map(|collection| collection.made).collect()
    }

    pub(crate) fn apply(&self, mut set: DataSet) -> DataSet {
        match self {
            Self::Replace(data) => data.clone(),
            Self::Put(collections) => {
                collections.iter().for_each(|c| set.put(c.clone()));
                set
            }
            Self::Make(name, made) => {
                set.put(Collection::from_template(name.clone(), *made));
                set
            }
            Self::Insert(name, documents) => {
                let collection = set.entry(name);
                documents.iter().for_each(|document| collection.put(document.clone()));
                set
            }
            Self::Remove(name, documents) => {
                let collection = set.entry(name);
                documents.iter().for_each(|document| collection.remove(&document.id()));
                set
            }
            Self::Indexes(name, indexes) => {
                set.entry(name).own_indexes = Some(indexes.clone());
                set
            }
            Self::Drop(name) => {
                set.remove(name);
                set
            }
        }
    }
}
