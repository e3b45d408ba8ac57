//! Documents that were written to a collection, beside those generated from a template.
//!
//! A value is cheap to copy: copies share their documents until one of them changes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use bson::{Bson, RawDocumentBuf};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{data::extended_json, query::key::key};

/// A document as it was written. Stored as BSON and serialized as a string of canonical extended JSON, which keeps all
/// types and the order of fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredDocument(Arc<RawDocumentBuf>);

impl StoredDocument {
    pub(crate) fn new(document: RawDocumentBuf) -> Self {
        Self(Arc::new(document))
    }

    pub(crate) fn to_raw(&self) -> RawDocumentBuf {
        RawDocumentBuf::clone(&self.0)
    }

    /// Its `_id`. Null if it has none.
    pub(crate) fn id(&self) -> Bson {
        let id = self.0.get("_id").ok().flatten();
        id.and_then(|id| Bson::try_from(id).ok()).unwrap_or(Bson::Null)
    }
}

impl Serialize for StoredDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        extended_json::text(&self.0).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        extended_json::read(&text).map(Self::new).map_err(serde::de::Error::custom)
    }
}

/// Added documents in order, and changes of generated ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "SavedDocuments", into = "SavedDocuments")]
pub(crate) struct Documents(Arc<Inner>);

#[derive(Debug, Clone, Default)]
struct Inner {
    /// `None` where one was removed.
    added: Vec<Option<StoredDocument>>,
    /// The places of the added documents by the keys of their `_id`.
    places: HashMap<Vec<u8>, usize>,
    /// Generated documents by their number: replaced, or `None` if removed.
    generated: BTreeMap<u32, Option<StoredDocument>>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct SavedDocuments {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    inserted: Vec<StoredDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<(u32, Option<StoredDocument>)>,
}

impl From<SavedDocuments> for Documents {
    fn from(saved: SavedDocuments) -> Self {
        let mut documents = Self::default();
        for document in saved.inserted {
            documents.put(key(&document.id()), None, document);
        }
        Arc::make_mut(&mut documents.0).generated = saved.replaced.into_iter().collect();
        documents
    }
}

impl From<Documents> for SavedDocuments {
    fn from(documents: Documents) -> Self {
        let Inner { added, generated, .. } = &*documents.0;
        let replaced = generated.iter().map(|(n, document)| (*n, document.clone())).collect();
        Self { inserted: added.iter().flatten().cloned().collect(), replaced }
    }
}

impl PartialEq for Documents {
    fn eq(&self, other: &Self) -> bool {
        SavedDocuments::from(self.clone()) == SavedDocuments::from(other.clone())
    }
}

impl Documents {
    /// Number of added documents.
    pub(crate) fn added(&self) -> u64 {
        self.0.places.len() as u64
    }

    /// Number of removed generated documents.
    pub(crate) fn removed(&self) -> u64 {
        self.0.generated.values().filter(|document| document.is_none()).count() as u64
    }

    /// Number of places of added documents, including empty ones.
    pub(crate) fn places(&self) -> u64 {
        self.0.added.len() as u64
    }

    /// The added document at this place.
    pub(crate) fn get(&self, place: u64) -> Option<&StoredDocument> {
        self.0.added.get(usize::try_from(place).ok()?)?.as_ref()
    }

    /// The place of the added document with this key.
    pub(crate) fn position(&self, key: &[u8]) -> Option<u64> {
        self.0.places.get(key).map(|place| *place as u64)
    }

    /// The change of a generated document: `Some(None)` if it was removed.
    pub(crate) fn generated(&self, n: u32) -> Option<Option<&StoredDocument>> {
        self.0.generated.get(&n).map(Option::as_ref)
    }

    /// Replaces the generated document with this number, or the added one with this key, or adds the document.
    pub(crate) fn put(&mut self, key: Vec<u8>, generated: Option<u32>, document: StoredDocument) {
        let inner = Arc::make_mut(&mut self.0);
        match (generated, inner.places.get(&key)) {
            (Some(n), _) => drop(inner.generated.insert(n, Some(document))),
            (None, Some(place)) => inner.added[*place] = Some(document),
            (None, None) => {
                inner.places.insert(key, inner.added.len());
                inner.added.push(Some(document));
            }
        }
    }

    pub(crate) fn remove_generated(&mut self, n: u32) {
        Arc::make_mut(&mut self.0).generated.insert(n, None);
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        let inner = Arc::make_mut(&mut self.0);
        if let Some(place) = inner.places.remove(key) {
            inner.added[place] = None;
        }
        // Most removed documents are not followed by others for ever.
        while inner.added.last().is_some_and(Option::is_none) {
            inner.added.pop();
        }
    }
}
