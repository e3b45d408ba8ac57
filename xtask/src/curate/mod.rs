//! `cargo xtask curate`: from the official specification to the curated document in `spec/`.
//!
//! The one place where upstream's document enters the project: keep the chosen operations and their stable versions,
//! take its prose out, put our corrections and our descriptions in, write it down. It must never let upstream's prose
//! through, and must never leave a half-written file behind.

mod alternatives;
mod command;
mod components;
pub(crate) mod curation;
mod described;
mod names;
mod overlay;
mod prose;
mod report;
mod retired;
pub(crate) mod spec;
mod stubs;
mod subset;
mod trailer;

pub(crate) use command::{Arguments, run};
