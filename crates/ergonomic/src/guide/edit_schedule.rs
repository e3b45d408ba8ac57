//! Edit the schedule of a cluster.
//!
//! [`Schedule::update`](crate::Schedule::update) gets the current schedule, passes it to your closure, and sends the top-level
//! fields that the closure has changed, each of them complete. If nothing has changed, it sends nothing.
//!
//! ```no_run
#![doc = include_str!("programs/edit_schedule.rs")]
//! ```
//!
//! - Snapshots that exist keep their retention unless `update_snapshots` is `Some(true)`. With it, **a shorter retention
//!   deletes snapshots**. Show what would be sent first: [`dry_runs`](super::dry_runs).
//! - Items keep their IDs. A new item has none.
//! - An update by another user between reading and writing is lost only in the fields that you change too.
//! - A [compliance policy](super::compliance_policy) sets minimums; the service refuses a schedule below them.
//!
//! Operations: `getGroupClusterBackupSchedule`, `updateGroupClusterBackupSchedule`.
