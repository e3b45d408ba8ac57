//! The emulator from a client's view, over HTTP. One program for all tests, because linking is most of their build
//! time.

// A test may unwrap, in its helpers too.
#![allow(clippy::unwrap_used)]

mod support;
mod surroundings;

mod collections;
mod compliance;
mod connections;
mod control;
mod data;
mod digest;
mod downloads;
#[cfg(feature = "mongo")]
mod drivers;
mod durable;
mod envelopes;
mod errors;
mod exports;
mod faults;
mod hostile;
mod jobs;
mod legacy;
mod lifecycles;
mod lifetime;
mod lists;
mod model;
mod oauth;
mod policies;
mod projects_and_clusters;
mod rate_limits;
mod recorder;
mod recordings;
mod refusals;
mod restores;
mod retired;
mod roles;
mod rule_table;
mod rules;
mod scheduled;
mod snapshots;
mod standalone;
mod unknown;
mod v1;
mod versions;
