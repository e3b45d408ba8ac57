//! The control API.

pub(crate) mod data;
pub(crate) mod refusal;
pub(crate) mod routes;
