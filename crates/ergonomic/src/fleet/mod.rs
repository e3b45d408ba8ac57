//! Everything of one type, of all clusters of all projects, as one stream.

pub(crate) mod handle;
pub(crate) mod items;
mod walk;
