//! Writes the pipeline's files: one at once or several, JSON with sorted keys, sets of generated files.

pub(crate) mod atomic;
pub(crate) mod generated;
pub(crate) mod json;
