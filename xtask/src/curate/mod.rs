//! `cargo xtask curate`: from the official specification to the curated document in `spec/`.
//!
//! The only place where the official document enters the project. It keeps the selected operations and their stable
//! versions, removes the prose, applies corrections and descriptions, and writes the result. Official prose must never
//! pass, and no file may be written partially.

mod alternatives;
mod command;
mod components;
pub(crate) mod curation;
pub(crate) mod described;
pub(crate) mod lock;
pub(crate) mod names;
pub(crate) mod originality;
mod overlay;
mod prose;
mod report;
mod retired;
pub(crate) mod spec;
mod stubs;
mod subset;
pub(crate) mod trailer;

pub(crate) use command::{Arguments, run};
