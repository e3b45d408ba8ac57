//! The backup API of MongoDB Atlas on localhost, for tests and rehearsals.
//!
//! The emulator reads the embedded curated document and shares no type with the bindings, so that it cannot share their
//! mistakes. The folders are layers. Each uses only those before it in this list:
//!
//! - `domain`: ids, records, durations, schedules, errors, roles;
//! - `openapi`: the curated document, its versions and schemas, and the validation of requests and responses;
//! - `query`: the query language of the server, on BSON values;
//! - `data`: cluster data as values, and dumps of it;
//! - `state`: the collections of records;
//! - `engine`: the behaviour of the service, as functions of a state and a time;
//! - `store`: the state in memory or on disk, and the running clock;
//! - `files`: exports and downloads; beside it `seed`, the initial states;
//! - `api`: one handler per operation; beside it `mongo`, the clusters for MongoDB drivers;
//! - `http`: requests from the socket to the handler and back, and the control API;
//! - `app`: the emulator as a value and as a program; beside it `fuzzing`, the entry points of the fuzz targets.

mod api;
mod app;
mod data;
mod domain;
mod engine;
mod files;
#[cfg(feature = "mongo")]
#[doc(hidden)]
pub mod fuzzing;
mod http;
#[cfg(feature = "mongo")]
mod mongo;
mod openapi;
mod query;
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
