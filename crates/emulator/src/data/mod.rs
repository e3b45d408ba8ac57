//! What is in the emulated clusters: databases, collections, indexes, documents.
//!
//! A cluster's data is described, not stored: a collection is a template, a seed and a count, and its documents are made
//! when somebody reads them, always the same ones. Only what a test puts in is kept as it is. What a cluster holds at a
//! moment follows from the changes made to it up to then, so a snapshot needs no copy, and it costs nothing to have
//! fifty thousand of them. Nothing here may depend on a clock or a random number.

mod changes;
pub(crate) mod extended_json;
mod handle;
mod set;
mod templates;

pub use handle::{ClusterData, DataError};

pub(crate) use changes::DataChange;
pub(crate) use set::{Collection, DataSet, IndexStrategy, Made, Selection};
#[cfg(test)]
pub(crate) use templates::Template;
