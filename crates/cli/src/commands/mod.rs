//! The commands, one module per noun. A command calls the library and passes the result to the printer. Rules of the
//! service belong to the library, and a command imports no other command.

pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod buckets;
pub(crate) mod clusters;
pub(crate) mod collections;
pub(crate) mod compliance;
pub(crate) mod emulator;
pub(crate) mod endpoints;
pub(crate) mod exports;
pub(crate) mod fleet;
pub(crate) mod flex;
pub(crate) mod projects;
pub(crate) mod report;
pub(crate) mod restores;
pub(crate) mod schedule;
pub(crate) mod snapshots;
