//! Tests of the binary: against its temporary emulator, an emulator with authentication, and a misbehaving service.

mod api;
mod audit;
mod auth;
mod collections;
#[cfg(unix)]
mod crashes;
mod damaged;
mod demo;
mod drill;
#[cfg(unix)]
mod drill_stops;

mod dry_run;
mod endpoints;
mod exits;
mod exports;
mod faults;
mod faulty_service;
mod fetching;
#[cfg(target_os = "linux")]
mod first_day;
mod fleet;
mod flex;
mod formats;
mod goldens;
mod help;
mod hostile;
mod hostile_service;
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
