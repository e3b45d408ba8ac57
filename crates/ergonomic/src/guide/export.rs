//! Export a snapshot to your own bucket.
//!
//! ```no_run
#![doc = include_str!("programs/export.rs")]
//! ```
//!
//! - The role is a cloud provider access role of the project that the bucket's provider trusts:
//!   [`Project::cloud_roles`](crate::Project::cloud_roles) creates and authorizes it. For the other providers see
//!   [`NewExportBucket`](crate::NewExportBucket).
//! - The service exports one snapshot of a cluster at a time.
//! - To export every snapshot of some frequency automatically, set `auto_export_enabled` and `export` of the
//!   [schedule](super::edit_schedule).
//!
//! Operations: `listGroupBackupExportBuckets`, `createGroupBackupExportBucket`, `createGroupClusterBackupExport`,
//! `getGroupClusterBackupExport`.
