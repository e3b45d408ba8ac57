//! Download a sharded cluster.
//!
//! A download of a sharded cluster has an archive for each shard. [`Download::save_into`](crate::Download::save_into) saves
//! all of them; the service names the replica set of each. Unpacking needs the feature `verify`.
//!
//! ```no_run
#![doc = include_str!("programs/download_sharded.rs")]
//! ```
//!
//! - **Interrupted?** Call it again with the same job ([`Restores::resume_download`](crate::Restores::resume_download)) and folder.
//!   Complete archives are skipped and a partial one is resumed. URLs expire after about an hour; a fresh one is asked for.
//! - **One shard**: [`Download::shard`](crate::Download::shard). To download shards in parallel, make one
//!   [`Download`](crate::Download) for each.
//! - **Private endpoints**: [`Download::private_endpoint`](crate::Download::private_endpoint) uses the URLs for a private endpoint.
//! - **Elsewhere than a file**: [`Download::open`](crate::Download::open) is a stream of bytes.
//! - Only the owner can read the files. Only regular files are replaced, and with
//!   [`Download::keep_existing`](crate::Download::keep_existing) none.
//! - Dropping the future keeps what has arrived. Await [`Download::finished`](crate::Download::finished) before the process ends, so
//!   that nothing half unpacked is left.
//!
//! Operations: `createGroupClusterBackupRestoreJob`, `getGroupClusterBackupRestoreJob`.
