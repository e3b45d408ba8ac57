//! A guide by task. Each program is compiled, and run against the emulator by the tests.
//!
//! Begin with [`first_call`]: from an empty program to a list of snapshots.
//!
//! | to do this | read |
//! |---|---|
//! | take a snapshot each night and verify it | [`nightly_snapshot`] |
//! | restore a snapshot into another project | [`restore_elsewhere`] |
//! | restore to a point in time | [`point_in_time`] |
//! | download a sharded cluster | [`download_sharded`] |
//! | edit a schedule | [`edit_schedule`] |
//! | protect a project with a compliance policy | [`compliance_policy`] |
//! | export a snapshot to your own bucket | [`export`] |
//! | walk over all clusters of all projects | [`fleet`] |
//! | use the client inside a web service | [`web_service`] |
//! | use the client in a program that is not asynchronous | [`synchronous`] |
//! | test your own program | [`testing`] |
//! | call other parts of the API | [`other_parts`] |
//!
//! | to know this | read |
//! |---|---|
//! | where credentials come from, and how programs share tokens | [`authentication`] |
//! | which version a call requests, and what a deprecation looks like | [`versions`] |
//! | how to call operations that were renamed or removed | [`former_names`] |
//! | how to read lists of any length | [`paging`] |
//! | how waits end, and which failures they continue after | [`waiting`] |
//! | which requests are retried, for how long and how fast | [`retries`] |
//! | how to handle a failed call | [`errors`] |
//! | which request a call would send | [`dry_runs`] |
//! | which spans and metrics exist | [`observing`] |

pub mod authentication;
pub mod compliance_policy;
pub mod download_sharded;
pub mod dry_runs;
pub mod edit_schedule;
pub mod errors;
pub mod export;
pub mod first_call;
pub mod fleet;
pub mod former_names;
pub mod nightly_snapshot;
pub mod observing;
pub mod other_parts;
pub mod paging;
pub mod point_in_time;
pub mod restore_elsewhere;
pub mod retries;
pub mod synchronous;
pub mod testing;
pub mod versions;
pub mod waiting;
pub mod web_service;
