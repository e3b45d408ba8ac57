//! Serves the data of clusters to MongoDB drivers: one listener per cluster, the wire protocol, logins and commands.

pub(crate) mod access;
pub(crate) mod commands;
pub(crate) mod connection;
pub(crate) mod cursors;
pub(crate) mod endpoint;
pub(crate) mod endpoints;
pub(crate) mod login;
pub(crate) mod message;
pub(crate) mod retries;
