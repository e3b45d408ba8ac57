//! What the typed methods answer where there is just one of a thing, so that it needs no id: a schedule, a policy.
//!
//! Everything in it may be absent; nothing is checked beyond its being a document.

use std::{fmt, ops::Deref, sync::Arc};

use atlas_backup_runtime::NoContent;
use serde::{Serialize, Serializer, de::DeserializeOwned};

use crate::model::{
    entity::FromDocument,
    error::Result,
    meta::Meta,
    sealed::{self, Sealed},
};

/// A document that has no id of its own. It dereferences to the generated document.
#[derive(Clone)]
pub struct Document<T> {
    document: T,
    meta: Arc<Meta>,
}

/// What a deletion or a cancellation answers: nothing but what came [beside](Document::meta) it. What the service says all
/// the same is in `extra`.
pub type Acknowledged = Document<NoContent>;

impl<T> Document<T> {
    /// Makes it from a generated document, for tests of programs that use this crate. Nothing came beside it.
    #[must_use]
    pub fn new(document: T) -> Self {
        Document { document, meta: Arc::default() }
    }

    /// The generated document.
    #[must_use]
    pub fn document(&self) -> &T {
        &self.document
    }

    /// The generated document, owned.
    #[must_use]
    pub fn into_document(self) -> T {
        self.document
    }

    /// What came beside the document.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl<T> Deref for Document<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.document
    }
}

impl<T: fmt::Debug> fmt::Debug for Document<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document").field(&self.document).finish()
    }
}

impl<T: PartialEq> PartialEq for Document<T> {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
    }
}

/// Written as the document is, undocumented fields included.
impl<T: Serialize> Serialize for Document<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

impl<T> Sealed<sealed::FromDocument> for Document<T> {}

impl<T: DeserializeOwned + Serialize + Send + 'static> FromDocument for Document<T> {
    type Document = T;

    fn from_document(document: T, meta: &Arc<Meta>) -> Result<Self> {
        Ok(Document { document, meta: meta.clone() })
    }
}
