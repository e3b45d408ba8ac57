//! `cargo xtask diff`: the changes from one specification to another, for a user of the bindings.
//!
//! The two documents may be official or curated, in any combination. Operations are matched by method and path, schemas
//! by their use. The messages quote names and values only: official prose is neither compared nor shown. The result
//! depends only on the two documents and their dates, never on a clock.

mod bodies;
mod command;
mod kinds;
mod label;
pub(crate) mod markdown;
pub(crate) mod operations;
mod parameters;
pub(crate) mod report;
mod schemas;
#[cfg(test)]
mod tests;
mod values;
mod view;

pub(crate) use command::{Arguments, run};
