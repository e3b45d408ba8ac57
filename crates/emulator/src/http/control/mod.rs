//! The control API.

pub(crate) mod data;
pub(crate) mod routes;
