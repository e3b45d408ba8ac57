//! `cargo xtask regenerate --upstream FILE|URL`: takes a new revision of the official specification in, as one step.
//!
//! Curate, compare with the committed document, generate, renew the snapshots, add a changelog entry: all of it in a
//! staging copy under `target/`, then swapped in under a journal, so that the tree is the old one or the new one. What
//! would break the users of the bindings is refused unless it is asked for. A second run changes nothing.

pub(crate) mod changelog;
mod command;
mod follow;
pub(crate) mod staging;

pub(crate) use command::{Arguments, recover, run};
