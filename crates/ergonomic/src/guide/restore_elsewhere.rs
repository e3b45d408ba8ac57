//! Restore a snapshot into a cluster of another project.
//!
//! ```no_run
#![doc = include_str!("programs/restore_elsewhere.rs")]
//! ```
//!
//! Make both handles from one client:
//!
//! ```no_run
//! # fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
//! let source = atlas.project("32b6e34b3d91647abb20e7b8")?.cluster("Cluster0")?;
//! let target = atlas.project("5e2211c17a3e5a48f5497de3")?.cluster("Staging")?;
//! # Ok(())
//! # }
//! ```
//!
//! - The credentials need the role Project Owner in **both** projects. A missing one is
//!   [`Forbidden`](crate::ErrorKind::Forbidden), and the error names the role.
//! - The target must exist, have as many shards as the snapshot, and run the same or a newer version of MongoDB. The service
//!   refuses others with [`BadRequest`](crate::ErrorKind::BadRequest) or [`Conflict`](crate::ErrorKind::Conflict), and
//!   [`Error::code`](crate::Error::code) says which condition failed.
//! - After a connection that broke during the request the job may exist although the call failed. Look at
//!   [`Restores::list`](crate::Restores::list) before you start another.
//!
//! Operations: `listGroupClusterBackupSnapshots`, `createGroupClusterBackupRestoreJob`, `getGroupClusterBackupRestoreJob`.
