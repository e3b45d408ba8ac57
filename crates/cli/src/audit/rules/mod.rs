//! The rules: one table, and a pure function for each, beside others of its kind.
//!
//! A rule looks at what is known of one cluster, of a project, or at the versions that this program calls, and reports what
//! is wrong with exact figures and the command that fixes it. A rule reports nothing about what is not known: what could not
//! be read is a finding of its own. `docs/audit.md` has a section for each row, and a test compares the two.

mod compliance;
mod copies;
pub(crate) mod evaluate;
mod jobs;
mod problem;
mod retention;
pub(crate) mod table;
mod versions;

#[cfg(test)]
mod tests;
