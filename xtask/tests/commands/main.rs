//! The commands as they are run: what they write, what they refuse, and what they leave when they are killed.
#![allow(clippy::unwrap_used, reason = "a test that can't set itself up should fail where it stands")]

mod curate;
mod hostile;
mod mutations;
mod project;
mod regenerate;
mod revisions;
mod tags;
