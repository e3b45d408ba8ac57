//! Handles for the resources of the service: a project, its clusters, their backups.
//!
//! A handle holds a client and checked IDs, sends nothing until a method is called, and is cheap to clone. Each method
//! is one operation. Shared behaviour (paging, waiting, updates, errors) is in other modules.

pub(crate) mod access_list;
pub(crate) mod any_cluster;
pub(crate) mod changes;
pub(crate) mod cloud_roles;
pub(crate) mod clusters;
pub(crate) mod collection_restores;
pub(crate) mod compliance_policy;
pub(crate) mod database_users;
pub(crate) mod downloads;
pub(crate) mod export_buckets;
pub(crate) mod exports;
pub(crate) mod flex;
pub(crate) mod flex_restores;
pub(crate) mod flex_snapshots;
pub(crate) mod handle;
pub(crate) mod legacy;
pub(crate) mod new_cluster;
pub(crate) mod organizations;
pub(crate) mod private_endpoints;
pub(crate) mod projects;
pub(crate) mod provider_regions;
pub(crate) mod rate_limits;
pub(crate) mod restores;
pub(crate) mod retention;
pub(crate) mod schedule;
pub(crate) mod sharded_snapshots;
pub(crate) mod snapshot_contents;
pub(crate) mod snapshots;

pub use access_list::AccessList;
pub use any_cluster::AnyClusterHandle;
pub use cloud_roles::{CloudRoles, NewCloudRole};
pub use clusters::{Cluster, Clusters};
pub use collection_restores::{CollectionRestores, NewCollectionRestore, RestoredCollections};
pub use compliance_policy::CompliancePolicy;
pub use database_users::{DatabaseUsers, NewDatabaseUser};
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
