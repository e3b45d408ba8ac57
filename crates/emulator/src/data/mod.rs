//! Data of clusters: databases, collections and documents as values, their changes, and dumps of them.

pub(crate) mod archive;
pub(crate) mod changes;
pub(crate) mod documents;
pub(crate) mod dump;
pub(crate) mod extended_json;
pub(crate) mod file_names;
pub(crate) mod set;
pub(crate) mod templates;
