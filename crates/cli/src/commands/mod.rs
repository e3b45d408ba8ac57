//! The commands, a module for each noun. A command calls the library and passes the result to the printer. It holds no rule
//! of the service that the library could hold, and it imports no other command.

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
