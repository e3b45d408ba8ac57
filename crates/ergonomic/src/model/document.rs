//! Responses that contain a single object without an ID: a schedule, a policy.
//!
//! Every field may be absent. Only the type of the document is checked.

use std::{fmt, ops::Deref, sync::Arc};

use atlas_backup_runtime::NoContent;
use serde::{Serialize, Serializer, de::DeserializeOwned};

use crate::model::{
    entity::FromDocument,
    error::Result,
    meta::Meta,
    sealed::{self, Sealed},
};

/// A document without an ID. It dereferences to the generated document.
#[derive(Clone)]
pub struct Document<T> {
    document: T,
    meta: Arc<Meta>,
}

/// The response of a deletion or a cancellation: only [metadata](Document::meta). Fields that the service sends anyway
/// are in `extra`.
pub type Acknowledged = Document<NoContent>;

impl<T> Document<T> {
    /// Creates it from a generated document, for tests of programs that use this crate. It has no metadata.
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

    /// Metadata of the response.
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

/// Serialized like the document, including undocumented fields.
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
