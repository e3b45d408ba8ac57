//! The service's things as handles: a project, its clusters, their backups.
//!
//! A handle holds a client and checked ids, asks nothing until a method is called, and is cheap to clone. Each method
//! is one operation; what several need (paging, waiting, changes, errors) is elsewhere, once.

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

pub use clusters::{Cluster, ClusterDocument, Clusters};
pub use collection_restores::{
    CollectionRestoreJob, CollectionRestores, NewCollectionRestore, RestoredCollection, RestoredCollections,
};
pub use compliance_policy::{CompliancePolicy, CompliancePolicyDocument};
pub use export_buckets::{ExportBucket, ExportBuckets, NewExportBucket};
pub use exports::{Export, Exports};
pub use flex::{FlexCluster, FlexClusterDocument, FlexClusters};
pub use flex_restores::{FlexRestoreJob, FlexRestores};
pub use flex_snapshots::{FlexSnapshot, FlexSnapshots};
pub use legacy::{Checkpoint, LegacyBackup, LegacyRestoreJob, LegacyScheduleDocument, LegacySnapshot};
pub use new_cluster::{NewCluster, NewFlexCluster};
pub use organizations::{Organization, Organizations};
pub use private_endpoints::{PrivateEndpoint, PrivateEndpoints};
pub use projects::{NewProject, Project, ProjectClusters, ProjectDocument, Projects};
pub use provider_regions::{ProviderOffer, ProviderRegions};
pub use rate_limits::{EndpointSetLimit, RateLimits};
pub use restores::{PointInTime, RestoreJob, Restores};
pub use retention::Retention;
pub use schedule::{Schedule, ScheduleDocument};
pub use sharded_snapshots::{ShardedSnapshot, ShardedSnapshots};
pub use snapshot_contents::{SnapshotCollection, SnapshotCollections, SnapshotDatabase, SnapshotDatabases};
pub use snapshots::{Snapshot, Snapshots};

#[cfg(test)]
mod tests;
