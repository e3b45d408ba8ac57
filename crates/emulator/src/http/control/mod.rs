//! The control API.

pub(crate) mod data;
pub(crate) mod error;
pub(crate) mod routes;
