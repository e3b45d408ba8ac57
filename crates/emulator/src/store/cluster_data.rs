//! Cluster data for test programs and the control API.
//!
//! Documents are MongoDB extended JSON in both directions, so that callers need no particular BSON library. Names
//! follow the rules of the server, because an invalid name could not be in a dump either.

use std::{error::Error as StdError, fmt};

use bson::{Bson, Document, RawDocumentBuf};
use serde::Serialize;
use serde_json::Value;

use crate::{
    data::{
        changes::Change,
        documents::StoredDocument,
        extended_json,
        set::{Collection, DataSet, GeneratedDocuments, Namespace},
        templates::Template,
    },
    domain::ids::ObjectId,
    engine::contents,
    state::tables::State,
    store::{clock::Clock, shared_state::Store},
};

/// The current data of one cluster, including changes made through this value.
#[derive(Debug)]
pub struct ClusterData<'e> {
    store: &'e Store,
    clock: &'e Clock,
    cluster: ObjectId,
}

impl<'e> ClusterData<'e> {
    pub(crate) fn find(store: &'e Store, clock: &'e Clock, project: &str, name: &str) -> Result<Self, DataError> {
        let now = clock.now();
        let found = store.read(|state| {
            let project = project.parse().ok()?;
            let cluster = state.clusters.below(project).rfind(|c| c.name == name && c.state_name(now).is_some());
            cluster.map(|cluster| cluster.id)
        });
        let cluster = found.ok_or_else(|| DataError(format!("project {project} has no cluster {name}")))?;
        Ok(Self { store, clock, cluster })
    }

    /// The names of its databases.
    #[must_use]
    pub fn databases(&self) -> Vec<String> {
        self.now().databases().into_iter().map(ToOwned::to_owned).collect()
    }

    /// The names of the collections of one database.
    #[must_use]
    pub fn collections(&self, database: &str) -> Vec<String> {
        self.now().database(database).map(|c| c.name.collection.clone()).collect()
    }

    /// All documents of a collection as canonical extended JSON. Empty if the collection does not exist.
    #[must_use]
    pub fn documents(&self, database: &str, collection: &str) -> Vec<Value> {
        let set = self.now();
        let collection = set.get(&Namespace::new(database, collection));
        let documents = collection.into_iter().flat_map(|collection| collection.documents(None));
        let documents = documents.filter_map(|document| Document::try_from(&document).ok());
        documents.map(|document| Bson::Document(document).into_canonical_extjson()).collect()
    }

    /// Everything but the documents: databases with their collections, each with its number of documents, options,
    /// indexes and UUID.
    #[must_use]
    pub fn describe(&self) -> Value {
        serde_json::to_value(self.described()).unwrap_or_default()
    }

    /// The same with fields in order.
    pub(crate) fn described(&self) -> impl Serialize + use<> {
        let set = self.now();
        let databases = set.databases().into_iter().map(|name| DescribedDatabase {
            name: name.to_owned(),
            collections: set.database(name).map(describe).collect(),
        });
        Described { databases: databases.collect() }
    }

    /// The documents of a page, each as a string with its fields in order.
    pub(crate) fn page_of_texts(
        &self,
        database: &str,
        collection: &str,
        skip: u64,
        limit: usize,
    ) -> Result<Vec<String>, DataError> {
        let (set, name) = (self.now(), Namespace::new(database, collection));
        let found = set.get(&name).ok_or_else(|| DataError(format!("the cluster has no collection {name}")))?;
        let documents = found.documents_after(skip).take(limit);
        documents.map(|d| extended_json::text(&d).map_err(|error| DataError(error.to_string()))).collect()
    }

    /// Appends documents, as extended JSON, to a collection, which is created if it does not exist. A document without
    /// `_id` gets one.
    ///
    /// # Errors
    /// Returns an error if a name is not valid in MongoDB, or a document is not extended JSON.
    pub fn insert(&self, database: &str, collection: &str, documents: Vec<Value>) -> Result<(), DataError> {
        let documents = documents.into_iter().map(|document| match Bson::try_from(document) {
            Ok(Bson::Document(document)) => Ok(document),
            Ok(_) => Err(DataError("a document must be an object".to_owned())),
            Err(error) => Err(DataError(error.to_string())),
        });
        self.insert_documents(database, collection, documents.collect::<Result<_, _>>()?)
    }

    /// The same for documents with ordered fields.
    pub(crate) fn insert_documents(
        &self,
        database: &str,
        collection: &str,
        documents: Vec<Document>,
    ) -> Result<(), DataError> {
        let name = checked(database, collection)?;
        self.change(|state, now| {
            let documents = documents.into_iter().map(|mut document| {
                let id = document
                    .remove("_id")
                    .unwrap_or_else(|| bson::oid::ObjectId::from_bytes(state.new_id(now).0).into());
                // The server puts `_id` first.
                let document: Document = std::iter::once(("_id".to_owned(), id)).chain(document).collect();
                RawDocumentBuf::try_from(&document)
                    .map(StoredDocument::new)
                    .map_err(|error| DataError(error.to_string()))
            });
            Ok(Change::Insert(name, documents.collect::<Result<_, _>>()?))
        })
    }

    /// Fills a collection with `count` documents generated from `seed` and replaces its content. Documents are
    /// generated when they are read, so millions of them cost nothing before that.
    ///
    /// # Errors
    /// Returns an error if a name is not valid in MongoDB, or the count exceeds ten million.
    pub fn fill(&self, database: &str, collection: &str, count: u32, seed: u64) -> Result<(), DataError> {
        let name = checked(database, collection)?;
        if count > GeneratedDocuments::MAX_DOCUMENTS {
            return Err(DataError(format!(
                "a collection can be filled with at most {} documents",
                GeneratedDocuments::MAX_DOCUMENTS
            )));
        }
        self.change(|_, _| Ok(Change::Make(name, GeneratedDocuments { template: Template::Events, seed, count })))
    }

    /// Drops a collection, if it exists.
    ///
    /// # Errors
    /// Currently none.
    pub fn drop_collection(&self, database: &str, collection: &str) -> Result<(), DataError> {
        self.change(|_, _| Ok(Change::Drop(Namespace::new(database, collection))))
    }

    fn now(&self) -> DataSet {
        let now = self.clock.now();
        self.store.read(|state| contents::current(state, self.cluster, now))
    }

    fn change(
        &self,
        change: impl FnOnce(&mut State, chrono::DateTime<chrono::Utc>) -> Result<Change, DataError>,
    ) -> Result<(), DataError> {
        // The change is saved in the background. Callers that need it saved wait for the store.
        let (changed, _saved_later) = self.store.write(|state| {
            let now = self.clock.now();
            let change = change(state, now)?;
            contents::change(state, self.cluster, now, change);
            Ok(())
        });
        changed
    }
}

#[derive(Serialize)]
struct Described {
    databases: Vec<DescribedDatabase>,
}

#[derive(Serialize)]
struct DescribedDatabase {
    name: String,
    collections: Vec<DescribedCollection>,
}

#[derive(Serialize)]
struct DescribedCollection {
    name: String,
    documents: u64,
    options: Document,
    indexes: Vec<Document>,
    uuid: String,
}

fn describe(collection: &Collection) -> DescribedCollection {
    DescribedCollection {
        name: collection.name.collection.clone(),
        documents: collection.count(),
        options: collection.options(),
        indexes: collection.indexes(),
        uuid: collection.uuid.to_string(),
    }
}

/// The names, if MongoDB accepts them.
fn checked(database: &str, collection: &str) -> Result<Namespace, DataError> {
    Namespace::checked(database, collection)
        .ok_or_else(|| DataError(format!("invalid namespace {database:?}.{collection:?}")))
}

/// Why data could not be read or changed.
#[derive(Debug)]
pub struct DataError(String);

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for DataError {}
