//! MongoDB Atlas's backup API on localhost, for tests and rehearsals.
//!
//! It is driven by the curated document embedded in it and shares no type with the bindings, so that it can't share
//! their mistakes. The way of a request through the modules:
//!
//! - `server` accepts connections, `app` takes each request through the rest;
//! - `auth` signs in (digest, bearer), `token_endpoint` hands out tokens;
//! - `router` and `document` find the operation, `versions` its resource version, `limits` its rate limit;
//! - `validation` and `schema` hold it to the document, `resources` has what each operation does, on the `state` of
//!   `records` and `schedule`, at the time of `clock`; `store` keeps that state, in memory or on disk;
//! - `data` is what the emulated clusters hold, and what restores do to it; `dump` writes it as an
//!   archive that `downloads` serves;
//! - `call`, `paging` and `errors` are what handlers speak in; `seed` is what there is at the start;
//! - `conformance` holds an answer to the document, for tests; `recorder` lets a test see what was asked.

mod app;
mod auth;
mod call;
mod clock;
mod conformance;
mod data;
mod document;
mod downloads;
mod dump;
mod emulator;
mod errors;
mod limits;
mod paging;
mod recorder;
mod records;
mod resources;
mod router;
mod schedule;
mod schema;
mod seed;
mod server;
mod state;
mod store;
mod token_endpoint;
mod validation;
mod versions;

pub use clock::Clock;
pub use conformance::check_answer;
pub use data::{ClusterData, DataError};
pub use emulator::{Builder, Emulator, Error};
pub use limits::RateLimit;
pub use recorder::{Recorded, Recorder};
pub use schema::Violation;
pub use seed::{DEMO_PROJECT, DEMO_SNAPSHOT, ORGANIZATION, Seed};
pub use store::ImportError;
