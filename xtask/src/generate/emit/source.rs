//! Inputs of the emitter.

use crate::{generate::bindings::Bindings, openapi::document::Document};

/// Inputs of the emitter.
pub(crate) struct Source<'a> {
    /// The curated document: media types, sunsets, roles, descriptions.
    pub(crate) curated: &'a Document,
    /// The document after the passes: the types.
    pub(crate) normal: &'a Document,
    /// The output of progenitor.
    pub(crate) bindings: &'a Bindings,
}
