//! The response without content.

use super::record::Extra;

/// The response of an operation without documented content. Some services send a document anyway, whose fields are
/// kept.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct NoContent {
    /// The fields that the service sent.
    pub extra: Extra,
}

crate::record!(NoContent {});
