//! Restore drills: a drill restores a snapshot, verifies the data, measures the duration, deletes the resources it
//! created, and writes a record.

mod archive;
mod contents;
mod context;
mod evidence;
mod log;
mod login;
pub(crate) mod options;
mod origin;
mod plan;
mod program;
mod record;
mod requests;
pub(crate) mod run;
mod scratch;
mod snapshot;
mod steps;
mod summary;
mod teardown;
mod verification;
mod verify;
mod watch;
