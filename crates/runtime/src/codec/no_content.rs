//! The response without content.

use serde::{de::MapAccess, ser::SerializeMap};

use super::record::{Extra, Fields, Record};

/// The answer of an operation that promises no content. Some send a document all the same; its fields are kept.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct NoContent {
    /// What came.
    pub extra: Extra,
}

impl Record for NoContent {
    const NAME: &'static str = "NoContent";

    fn index(_key: &str) -> Option<usize> {
        None
    }

    fn read<'de, A: MapAccess<'de>>(mut fields: Fields<A>) -> Result<Self, A::Error> {
        while fields.next()?.is_some() {
            fields.keep()?;
        }
        Ok(Self { extra: fields.extra })
    }

    fn write<M: SerializeMap>(&self, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    fn extra(&self) -> &Extra {
        &self.extra
    }
}

crate::records! { NoContent }
