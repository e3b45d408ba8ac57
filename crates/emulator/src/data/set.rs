//! The data of one cluster at one point in time.
//!
//! A set is a value: later changes of the cluster do not affect it. It lists its collections in order and iterates over
//! their documents, of all shards or of one.

use std::fmt;

use bson::{Bson, Document, RawDocumentBuf, doc};
use serde::{Deserialize, Serialize};

use crate::{
    data::{
        documents::{Documents, StoredDocument},
        templates::Template,
    },
    domain::ids::ObjectId,
    query::key::key,
};

/// The data of a cluster, ordered by database and collection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct DataSet {
    pub(crate) collections: Vec<Collection>,
}

/// One collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Collection {
    pub(crate) name: Namespace,
    /// UUID of the collection. A restore changes it, a rename keeps it.
    pub(crate) uuid: bson::Uuid,
    /// Template of its options, indexes and first documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) made: Option<GeneratedDocuments>,
    #[serde(default)]
    pub(crate) indexes: IndexStrategy,
    /// All indexes, in the form of `listIndexes`, if they differ from those of the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) own_indexes: Option<Vec<StoredDocument>>,
    /// Documents added or changed later.
    #[serde(flatten)]
    pub(crate) changed: Documents,
}

/// Documents generated from a template.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct GeneratedDocuments {
    pub(crate) template: Template,
    pub(crate) seed: u64,
    pub(crate) count: u32,
}

impl GeneratedDocuments {
    /// Maximum number of documents of a generated collection. The time to write a dump is proportional to it.
    pub(crate) const MAX_DOCUMENTS: u32 = 10_000_000;
}

/// Name of a database and a collection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Namespace {
    pub(crate) database: String,
    pub(crate) collection: String,
}

impl Namespace {
    pub(crate) fn new(database: impl Into<String>, collection: impl Into<String>) -> Self {
        Self { database: database.into(), collection: collection.into() }
    }

    /// The name, if MongoDB accepts it.
    pub(crate) fn checked(database: &str, collection: &str) -> Option<Self> {
        const NOT_IN_DATABASES: &str = "/\\. \"$*<>:|?\0";
        let database_fits = (1..64).contains(&database.len()) && !database.contains(|c| NOT_IN_DATABASES.contains(c));
        let collection_fits = !collection.is_empty()
            && !collection.contains(['$', '\0'])
            && !collection.starts_with("system.")
            && !collection.starts_with('.')
            && !collection.ends_with('.')
            && database.len() + collection.len() < 255;
        (database_fits && collection_fits).then(|| Self::new(database, collection))
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.database, self.collection)
    }
}

/// Which indexes a restored collection gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum IndexStrategy {
    #[default]
    All,
    None,
    AllExceptTtl,
}

/// The collections to take out of a set, and their new names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// A database or `database.collection`, and its new name if it differs.
    pub(crate) namespaces: Vec<(String, Option<String>)>,
    pub(crate) database_suffix: String,
    pub(crate) collection_suffix: String,
    pub(crate) indexes: IndexStrategy,
}

impl DataSet {
    /// The data of a cluster without changes.
    pub(crate) fn initial(cluster: ObjectId) -> Self {
        let collections = Template::ALL.into_iter().map(|template| {
            let (database, collection, count) = template.home();
            let name = Namespace::new(database, collection);
            Collection::from_template(name, GeneratedDocuments { template, seed: seed(&cluster.0), count })
        });
        let mut set = Self { collections: collections.collect() };
        set.sort();
        set
    }

    fn sort(&mut self) {
        self.collections.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// The databases, each once.
    pub(crate) fn databases(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.collections.iter().map(|c| c.name.database.as_str()).collect();
        names.dedup();
        names
    }

    /// The collections of one database.
    pub(crate) fn database<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Collection> {
        self.collections.iter().filter(move |c| c.name.database == name)
    }

    pub(crate) fn get(&self, name: &Namespace) -> Option<&Collection> {
        self.collections.binary_search_by(|c| c.name.cmp(name)).ok().map(|place| &self.collections[place])
    }

    /// The collection, created if it does not exist.
    pub(crate) fn entry(&mut self, name: &Namespace) -> &mut Collection {
        let place = match self.collections.binary_search_by(|c| c.name.cmp(name)) {
            Ok(place) => place,
            Err(place) => {
                self.collections.insert(place, Collection::empty(name.clone()));
                place
            }
        };
        &mut self.collections[place]
    }

    /// Adds a collection. A collection of the same name is replaced.
    pub(crate) fn put(&mut self, collection: Collection) {
        self.remove(&collection.name);
        self.collections.push(collection);
        self.sort();
    }

    pub(crate) fn remove(&mut self, name: &Namespace) {
        self.collections.retain(|c| c.name != *name);
    }

    /// The collections that `selection` names, each with its new name. The second list contains the names that were not
    /// found.
    pub(crate) fn select(&self, selection: &Selection) -> (Vec<(Namespace, Collection)>, Vec<String>) {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (source, target) in &selection.namespaces {
            let before = found.len();
            for collection in &self.collections {
                let name = &collection.name;
                let (database, wanted) = match target.as_deref().filter(|t| !t.is_empty()) {
                    _ if *source != name.database && *source != name.to_string() => continue,
                    Some(target) if *source == name.database => (target, name.collection.as_str()),
                    Some(target) => target.split_once('.').unwrap_or((&name.database, target)),
                    None => (name.database.as_str(), name.collection.as_str()),
                };
                let target = Namespace::new(
                    format!("{database}{}", selection.database_suffix),
                    format!("{wanted}{}", selection.collection_suffix),
                );
                let indexes = selection.indexes;
                found.push((name.clone(), Collection { indexes, ..collection.renamed(target) }));
            }
            if found.len() == before {
                missing.push(source.clone());
            }
        }
        (found, missing)
    }
}

impl Collection {
    pub(crate) fn empty(name: Namespace) -> Self {
        let uuid = uuid(&[name.to_string().as_bytes()]);
        let (indexes, own_indexes, changed) = (IndexStrategy::All, None, Documents::default());
        Self { name, uuid, made: None, indexes, own_indexes, changed }
    }

    /// A collection of documents from a template.
    pub(crate) fn from_template(name: Namespace, made: GeneratedDocuments) -> Self {
        let uuid = uuid(&[name.to_string().as_bytes(), &made.seed.to_be_bytes()]);
        Self { uuid, made: Some(made), ..Self::empty(name) }
    }

    /// The same data under another name, as a new collection.
    pub(crate) fn renamed(&self, name: Namespace) -> Self {
        let uuid = if name == self.name { self.uuid } else { uuid(&[name.to_string().as_bytes(), &self.uuid.bytes()]) };
        Self { name, uuid, ..self.clone() }
    }

    /// Number of documents over all shards.
    pub(crate) fn count(&self) -> u64 {
        self.generated() - self.changed.removed() + self.changed.added()
    }

    fn generated(&self) -> u64 {
        self.made.map_or(0, |m| u64::from(m.count))
    }

    /// Every document, in a fixed order. With `shard` (an index and the number of shards), only the documents of that
    /// shard.
    pub(crate) fn documents(&self, shard: Option<(usize, usize)>) -> impl Iterator<Item = RawDocumentBuf> + use<'_> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let (after, document) = self.document_from(next, shard)?;
            next = after;
            Some(document)
        })
    }

    /// The documents after the first `skip` ones.
    pub(crate) fn documents_after(&self, skip: u64) -> impl Iterator<Item = RawDocumentBuf> + use<'_> {
        let end = self.generated() + self.changed.places();
        let is_full = |place: &u64| match u32::try_from(*place).ok().filter(|_| *place < self.generated()) {
            Some(n) => self.changed.generated(n).is_none_or(|changed| changed.is_some()),
            None => self.changed.get(place - self.generated()).is_some(),
        };
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        (0..end).filter(is_full).skip(skip).filter_map(|place| self.document(place))
    }

    /// The first document at or after this place that belongs to the shard, with the next place.
    pub(crate) fn document_from(&self, place: u64, shard: Option<(usize, usize)>) -> Option<(u64, RawDocumentBuf)> {
        let end = self.generated() + self.changed.places();
        let mut documents = (place..end).filter_map(|n| Some((n + 1, self.document(n)?)));
        documents.find(|(_, document)| shard.is_none_or(|shard| is_on_shard(document, shard)))
    }

    /// The document at this place. A place stays empty when its document is removed.
    pub(crate) fn document(&self, place: u64) -> Option<RawDocumentBuf> {
        match self.made.filter(|_| place < self.generated()) {
            Some(made) => {
                let n = u32::try_from(place).ok()?;
                match self.changed.generated(n) {
                    Some(changed) => changed.map(StoredDocument::to_raw),
                    None => RawDocumentBuf::try_from(&made.template.document(made.seed, n)).ok(),
                }
            }
            None => self.changed.get(place - self.generated()).map(StoredDocument::to_raw),
        }
    }

    /// The place of the document with this `_id`.
    pub(crate) fn position(&self, id: &Bson) -> Option<u64> {
        let key = key(id);
        if let Some(place) = self.changed.position(&key) {
            return Some(self.generated() + place);
        }
        let n = self.generated_place(&key)?;
        self.changed.generated(n).is_none_or(|changed| changed.is_some()).then_some(u64::from(n))
    }

    fn generated_place(&self, id: &[u8]) -> Option<u32> {
        let made = self.made?;
        (0..made.count).find(|n| key(&made.template.id(made.seed, *n)) == id)
    }

    /// Adds a document, or replaces the one with the same `_id`.
    pub(crate) fn put(&mut self, document: StoredDocument) {
        let id = document.id();
        let generated = match self.position(&id) {
            Some(place) if place < self.generated() => u32::try_from(place).ok(),
            _ => None,
        };
        self.changed.put(key(&id), generated, document);
    }

    /// Removes the document with this `_id`, if it exists.
    pub(crate) fn remove(&mut self, id: &Bson) {
        match self.position(id) {
            Some(place) if place < self.generated() => {
                self.changed.remove_generated(u32::try_from(place).unwrap_or_default())
            }
            Some(_) => self.changed.remove(&key(id)),
            None => {}
        }
    }

    /// Options with which it was created.
    pub(crate) fn options(&self) -> Document {
        self.made.map(|m| m.template.options()).unwrap_or_default()
    }

    /// Its indexes in the form of `listIndexes`, the index on `_id` first.
    pub(crate) fn indexes(&self) -> Vec<Document> {
        if let Some(own) = &self.own_indexes {
            return own.iter().filter_map(|index| Document::try_from(&index.to_raw()).ok()).collect();
        }
        let mut indexes = vec![doc! {"v": 2, "key": {"_id": 1}, "name": "_id_"}];
        let more = self.made.map(|m| m.template.indexes()).unwrap_or_default().into_iter();
        let kept = more.filter(|(_, _, rest)| match self.indexes {
            IndexStrategy::All => true,
            IndexStrategy::None => false,
            IndexStrategy::AllExceptTtl => !rest.contains_key("expireAfterSeconds"),
        });
        indexes.extend(kept.map(|(name, key, rest)| {
            let mut index = doc! {"v": 2, "key": key, "name": name};
            index.extend(rest);
            index
        }));
        indexes
    }
}

/// Whether a document belongs to shard `place` of `of`, by a hash of its `_id`.
fn is_on_shard(document: &RawDocumentBuf, (place, of): (usize, usize)) -> bool {
    let id = document.get("_id").ok().flatten().map(|id| format!("{id:?}")).unwrap_or_default();
    usize::try_from(seed(id.as_bytes()) >> 16).unwrap_or_default() % of.max(1) == place
}

/// FNV-1a.
fn seed(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A version 4 UUID derived from `parts`.
fn uuid(parts: &[&[u8]]) -> bson::Uuid {
    let whole = parts.concat();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&seed(&whole).to_be_bytes());
    bytes[8..].copy_from_slice(&seed(&[whole.as_slice(), b"+"].concat()).to_be_bytes());
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bson::Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::extended_json;

    fn set() -> DataSet {
        DataSet::initial(ObjectId::default())
    }

    fn selected(namespaces: &[(&str, Option<&str>)], suffixes: (&str, &str)) -> (Vec<String>, Vec<String>) {
        let namespaces = namespaces.iter().map(|(from, to)| ((*from).to_owned(), to.map(ToOwned::to_owned)));
        let selection = Selection {
            namespaces: namespaces.collect(),
            database_suffix: suffixes.0.to_owned(),
            collection_suffix: suffixes.1.to_owned(),
            indexes: IndexStrategy::All,
        };
        let (found, missing) = set().select(&selection);
        (found.into_iter().map(|(from, c)| format!("{from}>{}", c.name)).collect(), missing)
    }

    #[test]
    fn selection_renames_databases_and_collections() {
        let (found, missing) = selected(&[("telemetry", Some("t2")), ("shop.orders", Some("s2.o2"))], ("", ""));
        assert_eq!(found, ["telemetry.audit>t2.audit", "telemetry.events>t2.events", "shop.orders>s2.o2"]);
        assert!(missing.is_empty());
        let (found, missing) = selected(&[("shop.orders", None), ("shop.none", None)], ("_d", "_c"));
        assert_eq!((found, missing), (vec!["shop.orders>shop_d.orders_c".to_owned()], vec!["shop.none".to_owned()]));
    }

    #[test]
    fn document_is_stored_on_exactly_one_shard() {
        let set = set();
        let orders = set.get(&Namespace::new("shop", "orders")).unwrap();
        let shards: Vec<usize> = (0..3).map(|n| orders.documents(Some((n, 3))).count()).collect();
        assert_eq!(shards.iter().sum::<usize>(), 400);
        assert!(shards.iter().all(|n| (90..180).contains(n)), "{shards:?}");
        assert_eq!(orders.documents(None).count(), 400);
    }

    #[test]
    fn index_strategy_omits_the_indexes_it_names() {
        let events = |indexes| {
            let set = set();
            let events = set.get(&Namespace::new("telemetry", "events")).unwrap().clone();
            Collection { indexes, ..events }.indexes().len()
        };
        assert_eq!([IndexStrategy::All, IndexStrategy::AllExceptTtl, IndexStrategy::None].map(events), [2, 1, 1]);
    }

    #[test]
    fn data_set_round_trips_through_json() {
        let mut set = set();
        let document = extended_json::read(r#"{"_id": {"$numberLong": "1"}, "z": 1.0, "a": 1}"#).unwrap();
        set.entry(&Namespace::new("a", "b")).put(StoredDocument::new(document));
        let products = Namespace::new("shop", "products");
        for (id, text) in [(7, r#"{"_id": {"$numberInt": "7"}, "sku": "x"}"#), (61, r#"{"_id": 61}"#)] {
            let place = set.entry(&products).position(&Bson::Int32(id));
            assert_eq!(place, (id == 7).then_some(7));
            set.entry(&products).put(StoredDocument::new(extended_json::read(text).unwrap()));
        }
        set.entry(&products).remove(&Bson::Double(8.0));
        let found = set.get(&products).unwrap();
        assert_eq!((found.count(), found.documents(None).count()), (60, 60));
        assert_eq!((found.position(&Bson::Int32(8)), found.position(&Bson::Int64(61))), (None, Some(60)));
        // Through a value, as in an export of the whole state.
        let json = serde_json::to_value(&set).unwrap();
        assert_eq!(serde_json::from_value::<DataSet>(json).unwrap(), set);
    }
}
