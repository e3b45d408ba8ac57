//! The response without content.

use super::record::Extra;

/// The response of an operation that promises no content. Some send a document all the same; its fields are kept.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct NoContent {
    /// The fields that the service sent.
    pub extra: Extra,
}

crate::record!(NoContent {});
