//! Reads OpenAPI documents and walks them: the only reader, walker, JSON pointer and versioned media type of the
//! pipeline.
//!
//! It knows OpenAPI and Atlas's media types, and nothing about its callers.

mod chains;
pub(crate) mod document;
mod download;
mod limits;
pub(crate) mod media_type;
pub(crate) mod pointer;
pub(crate) mod references;
pub(crate) mod source;
pub(crate) mod walk;
