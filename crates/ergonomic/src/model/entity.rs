//! Responses of typed methods: a generated document with its checked ID.
//!
//! Every field of a generated document is optional, because the service omits fields. An ID is the exception: a
//! document without one cannot be used, so it is an error here instead of an `Option` at every use.

use std::{fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, de::DeserializeOwned};
use serde_json::Value;

use crate::model::{
    error::{Error, Result},
    error_kind::ErrorKind,
    ids::FromServer,
    meta::Meta,
    sealed::{self, Sealed},
};

/// A document identified by its ID.
///
/// It dereferences to the generated document, whose fields are all optional:
///
/// ```no_run
/// # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
/// let snapshot = cluster.snapshots().get("5f3e8e7d9b1c2a0012345678").await?;
/// println!("{} {:?}", snapshot.id, snapshot.status);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Entity<I, T> {
    /// The id.
    pub id: I,
    document: T,
    meta: Arc<Meta>,
}

/// A document identified by its name, such as a cluster. It dereferences to the generated document.
#[derive(Clone)]
pub struct Named<N, T> {
    /// The name.
    pub name: N,
    document: T,
    meta: Arc<Meta>,
}

/// Conversion of a response's document. Implemented by the response types of this crate.
pub trait FromDocument: Sealed<sealed::FromDocument> + Sized + Send + 'static {
    /// The generated document.
    type Document: DeserializeOwned + Serialize + Send + 'static;

    /// The response, from its document and metadata.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the document lacks its key.
    fn from_document(document: Self::Document, meta: &Arc<Meta>) -> Result<Self>;
}

macro_rules! wrapper {
    ($wrapper:ident, $key:ident, $trait:ident) => {
        impl<K, T> $wrapper<K, T> {
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

            /// Creates it from a generated document, for tests of programs that use this crate. It has no metadata.
            ///
            /// # Errors
            /// [`ErrorKind::Decode`] if the document lacks its key.
            pub fn new(document: T) -> Result<Self>
            where
                Self: FromDocument<Document = T>,
            {
                Self::from_document(document, &Arc::default())
            }

            pub(crate) fn shared_meta(&self) -> &Arc<Meta> {
                &self.meta
            }

            /// Metadata of the response. Documents of one page share it.
            #[must_use]
            pub fn meta(&self) -> &Meta {
                &self.meta
            }
        }

        impl<K, T> Deref for $wrapper<K, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.document
            }
        }

        impl<K: fmt::Debug, T: fmt::Debug> fmt::Debug for $wrapper<K, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($wrapper)).field(&self.$key).field(&self.document).finish()
            }
        }

        impl<K, T: PartialEq> PartialEq for $wrapper<K, T> {
            fn eq(&self, other: &Self) -> bool {
                self.document == other.document
            }
        }

        /// Serialized like the document, including undocumented fields.
        impl<K, T: Serialize> Serialize for $wrapper<K, T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.document.serialize(serializer)
            }
        }

        impl<K, T> Sealed<sealed::FromDocument> for $wrapper<K, T> {}

        impl<K, T> FromDocument for $wrapper<K, T>
        where
            K: FromServer + Send + 'static,
            T: $trait + DeserializeOwned + Serialize + Send + 'static,
        {
            type Document = T;

            fn from_document(document: T, meta: &Arc<Meta>) -> Result<Self> {
                match document.key().cloned().and_then(K::from_server) {
                    Some($key) => Ok($wrapper { $key, document, meta: meta.clone() }),
                    None => {
                        let message = format!("the document has no usable {}", K::NAME);
                        Err(Error::new(ErrorKind::Decode, message).with_item(value_of(&document)))
                    }
                }
            }
        }

        /// Reads a document that was saved as JSON. The metadata is not included.
        impl<'de, K: FromServer, T: $trait + Deserialize<'de>> Deserialize<'de> for $wrapper<K, T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let document = T::deserialize(deserializer)?;
                let $key = document.key().cloned().and_then(K::from_server);
                let $key = $key.ok_or_else(|| de::Error::custom(format!("the document has no usable {}", K::NAME)))?;
                Ok($wrapper { $key, document, meta: Arc::default() })
            }
        }
    };
}

/// A document with an id.
pub trait HasId: Sealed<sealed::HasKey> {
    /// The id, as the service sent it.
    fn key(&self) -> Option<&String>;
}

/// A document with a name.
pub trait HasName: Sealed<sealed::HasKey> {
    /// The name, as the service sent it.
    fn key(&self) -> Option<&String>;
}

wrapper!(Entity, id, HasId);
wrapper!(Named, name, HasName);

/// Defines which field is the key of which documents.
macro_rules! keyed {
    ($trait:ident, $field:ident, $($document:ident),* $(,)?) => {
        $(impl crate::model::sealed::Sealed<crate::model::sealed::HasKey> for atlas_backup_generated::types::$document {}

        impl crate::model::entity::$trait for atlas_backup_generated::types::$document {
            fn key(&self) -> Option<&String> {
                self.$field.as_ref()
            }
        })*
    };
}

pub(crate) use keyed;

/// A document as JSON. `null` if it cannot be written, which never happens for generated documents.
pub(crate) fn value_of(document: &impl Serialize) -> Value {
    serde_json::to_value(document).unwrap_or_default()
}

/// Converts a document to another type of the same shape. Undefined fields are kept in its `extra`.
pub(crate) fn convert_document<T: DeserializeOwned>(document: &impl Serialize) -> Result<T> {
    let value = value_of(document);
    serde_json::from_value(value.clone()).map_err(|source| {
        Error::new(ErrorKind::Decode, "the document has another form than expected")
            .with_source(source)
            .with_item(value)
    })
}
