//! Writes the project's files: single files, sets of files with a journal, generated files, JSON with sorted keys.

pub(crate) mod atomic;
pub(crate) mod generated;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod swap;
