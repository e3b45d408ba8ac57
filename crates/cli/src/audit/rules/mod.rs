//! The rules: one table, and a pure function per rule.
//!
//! A rule checks a cluster, a project, or the called versions. It reports problems with exact figures and the command
//! that fixes them. A rule ignores unknown values; each resource that cannot be read has a separate finding.
//! `docs/audit.md` has a section per rule, and a test compares the two.

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
