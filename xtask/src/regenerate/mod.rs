//! `cargo xtask regenerate --upstream FILE|URL`: updates the project to a new revision of the official specification,
//! as one step.
//!
//! Curates, compares with the committed document, generates, renews the snapshots and adds a changelog entry: all in a
//! staging copy under `target/`, then swapped in with a journal, so that the tree is the old one or the new one.
//! Breaking changes are refused unless allowed. A second run changes nothing.

pub(crate) mod changelog;
mod command;
mod edits;
mod follow;
mod review;
pub(crate) mod staging;

pub(crate) use command::{Arguments, recover, run};
