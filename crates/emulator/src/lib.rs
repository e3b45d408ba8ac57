//! MongoDB Atlas's backup API on localhost, for tests and rehearsals.
//!
//! It is driven by the curated document embedded in it and shares no type with the bindings, so that it can't share
//! their mistakes. The way of a request through the modules:
//!
//! - `server` accepts connections, `connection` is one of them, `app` takes each request through the
//!   rest and `executing` one operation through its part of that;
//! - `auth` signs in (digest, bearer) and knows who may do what, `token_endpoint` hands out tokens;
//! - `faults` makes requests go wrong on purpose, `control` is how that and the rest is told over HTTP;
//! - `router` and `document` find the operation, `versions` its resource version, `limits` its rate limit;
//! - `validation` and `schema` hold it to the document, `resources` has what each operation does, on the `state` of
//!   `records` and `schedule`, at the time of `clock`; `store` keeps that state, in memory or on disk;
//! - `data` is what the emulated clusters hold, and what restores do to it; `dump` writes it as an
//!   archive that `downloads` serves, `exporting` as the files of an export;
//! - `settle` is what happens by itself, `taking` how a snapshot comes into being, `compliance` what a policy forbids,
//!   `failures` the jobs that are to fail;
//! - `call`, `paging` and `errors` are what handlers speak in, `render` puts that on the wire; `seed` is what there is
//!   at the start;
//! - `operations` tells what of the document is modelled, `served_document` serves it with that;
//! - `conformance` holds an answer to the document, for tests and for strict emulators; `recorder` lets a test see what
//!   was asked;
//! - `program` is the command line, for binaries.

mod app;
mod auth;
mod call;
mod clock;
mod compliance;
mod conformance;
mod connection;
mod control;
mod data;
mod document;
mod downloads;
mod dump;
mod emulator;
mod errors;
mod executing;
mod exporting;
mod failures;
mod faults;
mod limits;
mod operations;
mod paging;
#[cfg(feature = "binary")]
pub mod program;
mod recorder;
mod records;
mod render;
mod resources;
mod router;
mod schedule;
mod schema;
mod seed;
mod served_document;
mod server;
mod settle;
mod state;
mod store;
mod taking;
mod token_endpoint;
mod validation;
mod versions;

pub use auth::roles::{Access, Role};
pub use clock::Clock;
pub use conformance::check_answer;
pub use data::{ClusterData, DataError};
pub use emulator::{Builder, Emulator, Error};
pub use failures::JobKind;
pub use faults::{ActiveFault, Effect, Fault};
pub use limits::RateLimit;
pub use operations::{OperationSummary, VersionSummary, operations};
pub use recorder::{Recorded, Recorder};
pub use schema::Violation;
pub use seed::{DEMO_PROJECT, DEMO_SNAPSHOT, Fleet, ORGANIZATION, Seed};
pub use store::ImportError;
