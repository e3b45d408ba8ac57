//! Restore a cluster to a point in time.
//!
//! Continuous backup must be on for the source (`pit_enabled` of the cluster). The moment must lie within the restore window of
//! its schedule.
//!
//! ```no_run
#![doc = include_str!("programs/point_in_time.rs")]
//! ```
//!
//! A moment is a time or a position in the oplog. Use the position of the last good write to stop just before a bad one:
//!
//! ```no_run
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use atlas_backup::PointInTime;
//!
//! let by_time = PointInTime::time("2026-11-30T03:00:00Z".parse()?);
//! let by_oplog = PointInTime::oplog(1_796_007_600, 7); // seconds since 1970, and the operation within that second
//! # let _ = (by_time, by_oplog);
//! # Ok(())
//! # }
//! ```
//!
//! The service refuses a moment outside the window with [`BadRequest`](crate::ErrorKind::BadRequest).
//!
//! Operations: `getGroupClusterBackupSchedule`, `createGroupClusterBackupRestoreJob`, `getGroupClusterBackupRestoreJob`.
