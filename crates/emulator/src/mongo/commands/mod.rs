//! The commands that are served. Any other is unknown, as in the server.

pub(crate) mod command;
pub(crate) mod handshake;
pub(crate) mod indexes;
pub(crate) mod lists;
pub(crate) mod reads;
pub(crate) mod statistics;
pub(crate) mod table;
pub(crate) mod writes;
