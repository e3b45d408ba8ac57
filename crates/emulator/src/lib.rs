//! MongoDB Atlas's backup API on localhost, for tests and rehearsals.
//!
//! It is driven by the curated document embedded in it and shares no type with the bindings, so that it can't share
//! their mistakes. The folders are layers. Each uses those before it in this list and none after it:
//!
//! - `domain`: ids, records, durations, schedules, errors, roles;
//! - `openapi`: the curated document, its versions and schemas, and whether requests and answers fit them;
//! - `data`: what clusters hold, as values, and dumps of that;
//! - `state`: the collections of records;
//! - `engine`: what the service does, as functions of a state and a moment;
//! - `store`: the state in memory or on disk, and the running clock;
//! - `files`: exports and downloads; beside it `seed`, the states to start with;
//! - `api`: one handler an operation;
//! - `http`: the way of a request from the socket to its handler and back, and the control API;
//! - `app`: the emulator as a value and as a program.

mod api;
mod app;
mod data;
mod domain;
mod engine;
mod files;
mod http;
mod openapi;
mod seed;
mod state;
mod store;

pub use crate::http::{
    faults::{
        effect::Effect,
        fault::{ActiveFault, Fault},
    },
    recorder::{Recorded, Recorder},
};
pub use api::operations::{OperationSummary, VersionSummary, operations};
pub use app::emulator::{Builder, Emulator, Error};
#[cfg(feature = "binary")]
pub use app::program;
pub use domain::{
    error::Violation,
    job_kind::JobKind,
    rate_limits::RateLimit,
    refusals::{Refusal, Source, refusals},
    roles::{Access, Role},
};
pub use openapi::conformance::check_response;
pub use seed::{
    fixtures::{DEMO_PROJECT, DEMO_SNAPSHOT, ORGANIZATION},
    fleet::Fleet,
    seeds::Seed,
};
pub use store::{
    clock::Clock,
    cluster_data::{ClusterData, DataError},
    error::ImportError,
};
