//! Requests and responses on the wire, from the socket to the handler, with faults and recorder.

pub(crate) mod auth;
pub(crate) mod compression;
pub(crate) mod connection;
pub(crate) mod control;
pub(crate) mod execute;
pub(crate) mod faults;
pub(crate) mod instance;
pub(crate) mod limits;
pub(crate) mod messages;
pub(crate) mod recorder;
pub(crate) mod render;
pub(crate) mod served_document;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod token_endpoint;
