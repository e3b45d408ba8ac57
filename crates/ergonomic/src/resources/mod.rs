//! The service's things as handles: a project, its clusters, their backups.
//!
//! A handle holds a client and checked ids, asks nothing until a method is called, and is cheap to clone. Each method
//! is one operation; what several need (paging, waiting, changes, errors) is elsewhere, once.

mod any_cluster;
mod changes;
mod clusters;
mod collection_restores;
mod compliance_policy;
mod downloads;
mod export_buckets;
mod exports;
mod flex;
mod flex_restores;
mod flex_snapshots;
mod handle;
mod legacy;
mod new_cluster;
mod organizations;
mod private_endpoints;
mod projects;
mod provider_regions;
mod rate_limits;
mod restores;
mod retention;
mod schedule;
mod sharded_snapshots;
mod snapshot_contents;
mod snapshots;

pub use any_cluster::AnyClusterHandle;
pub use clusters::{Cluster, Clusters};
pub use collection_restores::{CollectionRestores, NewCollectionRestore, RestoredCollections};
pub use compliance_policy::CompliancePolicy;
pub use export_buckets::{ExportBuckets, NewExportBucket};
pub use exports::Exports;
pub use flex::{FlexCluster, FlexClusters};
pub use flex_restores::FlexRestores;
pub use flex_snapshots::FlexSnapshots;
pub use legacy::LegacyBackup;
pub use new_cluster::{NewCluster, NewFlexCluster};
pub use organizations::Organizations;
pub use private_endpoints::PrivateEndpoints;
pub use projects::{NewProject, Project, Projects};
pub use provider_regions::ProviderRegions;
pub use rate_limits::RateLimits;
pub use restores::{PointInTime, Restores};
pub use retention::Retention;
pub use schedule::Schedule;
pub use sharded_snapshots::ShardedSnapshots;
pub use snapshot_contents::{SnapshotCollections, SnapshotDatabases};
pub use snapshots::Snapshots;

#[cfg(test)]
mod tests;
