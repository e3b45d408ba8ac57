//! `cargo xtask diff`: what changed from one specification to another, for a user of the bindings.
//!
//! Two documents, official or curated, in any mix; operations are matched by method and path, schemas by where they are
//! used. The messages are ours and quote names and values only: upstream's prose is neither compared nor shown. The
//! result depends on the two documents and their days alone, never on a clock.

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
