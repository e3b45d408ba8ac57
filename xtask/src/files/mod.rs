//! Writes the project's files: one or several at once, sets under a journal, generated files, JSON with sorted keys.

pub(crate) mod atomic;
pub(crate) mod generated;
pub(crate) mod json;
pub(crate) mod swap;
