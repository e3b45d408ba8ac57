//! The documents that the service answers with, under the names that this crate gives them: an id or a name in front
//! of a generated type. Each has one place here, however many handles return it.

use atlas_backup_generated::types;

use crate::model::{
    document::Document,
    entity::{Entity, Named},
    ids::{
        CheckpointId, ClusterName, CollectionName, CollectionRestoreJobId, DatabaseName, EndpointSetId, ExportBucketId,
        ExportId, Namespace, OrganizationId, PrivateEndpointId, ProjectId, RestoreJobId, SnapshotId,
    },
};

/// An organization as the service describes it.
pub type Organization = Entity<OrganizationId, types::AtlasOrganization>;
/// A project as the service describes it.
pub type ProjectDocument = Entity<ProjectId, types::Group>;
/// A project with a summary of its clusters.
pub type ProjectClusters = Entity<ProjectId, types::OrgGroup>;
/// The tiers of one cloud provider, each with its regions.
pub type ProviderOffer = Document<types::CloudProviderRegions>;
/// The token bucket of a set of endpoints, as the service states it.
pub type EndpointSetLimit = Entity<EndpointSetId, types::RateLimitEndpointSet>;

/// A dedicated cluster as the service describes it.
pub type ClusterDocument = Named<ClusterName, types::ClusterDescription>;
/// A flex cluster as the service describes it.
pub type FlexClusterDocument = Named<ClusterName, types::FlexClusterDescription>;

/// A snapshot of a replica set.
pub type Snapshot = Entity<SnapshotId, types::DiskBackupReplicaSet>;
/// A snapshot of a sharded cluster.
pub type ShardedSnapshot = Entity<SnapshotId, types::DiskBackupShardedClusterSnapshot>;
/// A snapshot of a flex cluster.
pub type FlexSnapshot = Entity<SnapshotId, types::FlexBackupSnapshot>;
/// A database in a snapshot.
pub type SnapshotDatabase = Named<DatabaseName, types::SnapshotDatabase>;
/// A collection in a snapshot.
pub type SnapshotCollection = Named<CollectionName, types::SnapshotCollection>;

/// A restore job of a dedicated cluster.
pub type RestoreJob = Entity<RestoreJobId, types::DiskBackupSnapshotRestoreJob>;
/// A restore job of a flex cluster.
pub type FlexRestoreJob = Entity<RestoreJobId, types::FlexBackupRestoreJob>;
/// A job that restores databases and collections.
pub type CollectionRestoreJob = Entity<CollectionRestoreJobId, types::CollectionRestoreJob>;
/// The progress of one collection in a collection restore, by the namespace that it had in the backup.
pub type RestoredCollection = Named<Namespace, types::RestoredCollection>;

/// An export job.
pub type Export = Entity<ExportId, types::DiskBackupExportJob>;
/// An export bucket; which fields it has depends on its cloud provider.
pub type ExportBucket = Entity<ExportBucketId, types::ExportBucket>;
/// A private endpoint for backups.
pub type PrivateEndpoint = Entity<PrivateEndpointId, types::ObjectStoragePrivateEndpoint>;

/// A backup schedule as the service describes it.
pub type ScheduleDocument = Document<types::DiskBackupSnapshotSchedule>;
/// A compliance policy as the service describes it. A project without one has an empty document.
pub type CompliancePolicyDocument = Document<types::DataProtectionSettings>;

/// A snapshot of the legacy backup.
pub type LegacySnapshot = Entity<SnapshotId, types::BackupSnapshot>;
/// A restore job of the legacy backup.
pub type LegacyRestoreJob = Entity<RestoreJobId, types::BackupRestoreJob>;
/// A moment to which all shards of a cluster can be restored together.
pub type Checkpoint = Entity<CheckpointId, types::Checkpoint>;
/// The schedule of the legacy backup.
pub type LegacyScheduleDocument = Document<types::LegacySnapshotSchedule>;
