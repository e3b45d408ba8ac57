//! Restore drills: a drill restores a snapshot, verifies the data, measures how long it took, deletes what it created, and
//! writes a record.

mod archive;
mod choice;
mod contents;
mod evidence;
mod log;
mod made;
pub(crate) mod options;
mod plan;
mod program;
mod record;
pub(crate) mod run;
mod scratch;
mod steps;
mod summary;
mod teardown;
mod verify;
mod watch;
