//! Restore drills: a drill restores a snapshot, verifies the data, measures how long it took, deletes what it created, and
//! writes a record.

mod archive;
mod choice;
mod contents;
mod current;
mod evidence;
mod log;
pub(crate) mod options;
mod plan;
mod program;
mod record;
pub(crate) mod run;
mod scratch;
mod started;
mod steps;
mod summary;
mod teardown;
mod verify;
mod watch;
