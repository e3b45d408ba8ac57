//! The real binary, run as its users run it: against its own emulator, against one that asks for credentials, and
//! against a service that misbehaves.

mod api;
mod audit;
mod auth;
mod collections;
mod damaged;
mod demo;
mod drill;
#[cfg(unix)]
mod drill_stops;

mod dry_run;
mod endpoints;
mod exits;
mod fetching;
mod fleet;
mod flex;
mod formats;
mod goldens;
mod help;
mod hostile;
mod lists;
mod official;
#[cfg(unix)]
mod outputs;
mod policies;
mod profiles;
#[cfg(unix)]
mod pty;
mod report;
mod restores;
mod stub;
mod support;
mod take;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod waits;
