//! Take a snapshot each night and verify it.
//!
//! A completed snapshot says that the service has stored something. Only reading the data shows that it can be used. This
//! program takes a snapshot, waits for it, downloads its archives and checks them. It needs the feature `verify`.
//!
//! ```no_run
#![doc = include_str!("programs/nightly_snapshot.rs")]
//! ```
//!
//! Run it from a scheduler and report every `Err`: a wait does not succeed if the snapshot fails, and a download does not
//! succeed if an archive is damaged. Each call retries what is safe to retry ([`retries`](super::retries)), and each wait
//! survives an outage that ends before its deadline ([`waiting`](super::waiting)).
//!
//! A second run with the same folder skips archives that are complete, and resumes a partial one.
//!
//! Snapshots of flex clusters cannot be taken by hand: the service takes one a day. Wait for the newest one of
//! [`AnyClusterHandle::snapshots`](crate::AnyClusterHandle::snapshots) instead.
//!
//! Operations: `takeGroupClusterBackupSnapshots`, `getGroupClusterBackupSnapshot`, `createGroupClusterBackupRestoreJob`.
