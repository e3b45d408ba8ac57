//! `cargo xtask generate`: generates `crates/generated/src/` from the curated document.
//!
//! Offline and deterministic: the document passes the passes, progenitor names types and methods, the emitter writes
//! the files, prettyplease formats them. The same document gives the same bytes. No construct is dropped silently: one
//! that no pass maps fails the run with its JSON pointer, unless `subset.toml` accepts it with a reason.

pub(crate) mod bindings;
pub(crate) mod command;
pub(crate) mod emit;
pub(crate) mod fallback;
pub(crate) mod manifest;
pub(crate) mod naming;
pub(crate) mod passes;
mod pipeline;
pub(crate) mod separate;
mod surface;
#[cfg(test)]
mod tests;

pub(crate) use command::{Arguments, run};
