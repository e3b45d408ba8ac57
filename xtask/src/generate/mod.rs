//! `cargo xtask generate`: the curated document becomes `crates/generated/src/`.
//!
//! Offline and deterministic: the document goes through the passes, progenitor names types and methods, the emitter
//! writes the files, prettyplease formats them. The same document gives the same bytes. Nothing residual is dropped:
//! what no pass maps fails the run with its JSON pointer, unless `subset.toml` accepts it with a reason.

pub(crate) mod bindings;
pub(crate) mod command;
pub(crate) mod emit;
pub(crate) mod passes;
mod pipeline;
mod surface;
#[cfg(test)]
mod tests;

pub(crate) use command::{Arguments, run};
