//! Call operations that were renamed or removed.
//!
//! A **renamed** operation remains callable by every former name: with [`Client::operation`](crate::Client::operation), and
//! as a deprecated function in [`compat::former`](crate::compat::former) whose note names the current method.
//!
//! Calls to operations that were **removed** with shared-tier clusters and serverless instances are forwarded to flex
//! clusters, which replaced them. [`compat::shared_tier`](crate::compat::shared_tier) and
//! [`compat::serverless`](crate::compat::serverless) have the old functions with the old types. Functions and values without
//! a counterpart are absent, never invented; [`compat`](crate::compat) has the table.
//!
//! ```no_run
//! # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
//! # #![allow(deprecated)]
//! use atlas_backup::{RetiredPolicy, compat};
//!
//! let project = "32b6e34b3d91647abb20e7b8";
//! for snapshot in compat::shared_tier::list_shared_cluster_backups(&atlas, project, "Flex0")?.all().await? {
//!     println!("{} by {:?}", snapshot.id, snapshot.meta().served_by());
//! }
//!
//! // To find the callers of old names, refuse them.
//! let strict = atlas.with_retired(RetiredPolicy::Refuse);
//! # let _ = strict;
//! # Ok(())
//! # }
//! ```
