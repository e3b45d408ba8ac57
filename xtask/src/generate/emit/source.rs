//! What the emitter reads.

use crate::{generate::bindings::Bindings, openapi::document::Document};

/// Everything the emitter reads.
pub(crate) struct Source<'a> {
    /// The curated document: media types, sunsets, roles, words.
    pub(crate) curated: &'a Document,
    /// The document after the passes: what the types are.
    pub(crate) normal: &'a Document,
    /// What progenitor made of it.
    pub(crate) bindings: &'a Bindings,
}
