//! The curated document: its operations, versions and schemas, and the validation of requests and responses.

pub(crate) mod conformance;
pub(crate) mod document;
pub(crate) mod media_type;
pub(crate) mod query;
pub(crate) mod router;
pub(crate) mod schema;
pub(crate) mod validation;
pub(crate) mod versions;
