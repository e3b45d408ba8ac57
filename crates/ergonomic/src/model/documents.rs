//! The documents that the service answers with, under the names that this crate gives them: an id or a name in front
//! of a generated type. Each has one place here, however many handles return it. Each says on its page where its fields
//! are, because rustdoc does not show those of a type behind `Deref`.

use atlas_backup_generated::types;

use crate::model::{
    document::Document,
    entity::{Entity, Named},
    ids::{
        CheckpointId, CloudRoleId, ClusterName, CollectionName, CollectionRestoreJobId, DatabaseName, DatabaseUserName,
        EndpointSetId, ExportBucketId, ExportId, Namespace, OrganizationId, PrivateEndpointId, ProjectId, RestoreJobId,
        SnapshotId,
    },
};

/// An organization as the service describes it.
///
/// It dereferences to [`types::AtlasOrganization`], whose page lists the fields.
pub type Organization = Entity<OrganizationId, types::AtlasOrganization>;
/// A project as the service describes it.
///
/// It dereferences to [`types::Group`], whose page lists the fields.
pub type ProjectDocument = Entity<ProjectId, types::Group>;
/// A project with a summary of its clusters.
///
/// It dereferences to [`types::OrgGroup`], whose page lists the fields.
pub type ProjectClusters = Entity<ProjectId, types::OrgGroup>;
/// The tiers of one cloud provider, each with its regions.
///
/// It dereferences to [`types::CloudProviderRegions`], whose page lists the fields.
pub type ProviderOffer = Document<types::CloudProviderRegions>;
/// The token bucket of a set of endpoints, as the service states it.
///
/// It dereferences to [`types::RateLimitEndpointSet`], whose page lists the fields.
pub type EndpointSetLimit = Entity<EndpointSetId, types::RateLimitEndpointSet>;

/// A dedicated cluster as the service describes it.
///
/// It dereferences to [`types::ClusterDescription`], whose page lists the fields.
pub type ClusterDocument = Named<ClusterName, types::ClusterDescription>;
/// A flex cluster as the service describes it.
///
/// It dereferences to [`types::FlexClusterDescription`], whose page lists the fields.
pub type FlexClusterDocument = Named<ClusterName, types::FlexClusterDescription>;

/// A snapshot of a replica set.
///
/// It dereferences to [`types::DiskBackupReplicaSet`], whose page lists the fields.
pub type Snapshot = Entity<SnapshotId, types::DiskBackupReplicaSet>;
/// A snapshot of a sharded cluster.
///
/// It dereferences to [`types::DiskBackupShardedClusterSnapshot`], whose page lists the fields.
pub type ShardedSnapshot = Entity<SnapshotId, types::DiskBackupShardedClusterSnapshot>;
/// A snapshot of a flex cluster.
///
/// It dereferences to [`types::FlexBackupSnapshot`], whose page lists the fields.
pub type FlexSnapshot = Entity<SnapshotId, types::FlexBackupSnapshot>;
/// A database in a snapshot.
///
/// It dereferences to [`types::SnapshotDatabase`], whose page lists the fields.
pub type SnapshotDatabase = Named<DatabaseName, types::SnapshotDatabase>;
/// A collection in a snapshot.
///
/// It dereferences to [`types::SnapshotCollection`], whose page lists the fields.
pub type SnapshotCollection = Named<CollectionName, types::SnapshotCollection>;

/// A restore job of a dedicated cluster.
///
/// It dereferences to [`types::DiskBackupSnapshotRestoreJob`], whose page lists the fields.
pub type RestoreJob = Entity<RestoreJobId, types::DiskBackupSnapshotRestoreJob>;
/// A restore job of a flex cluster.
///
/// It dereferences to [`types::FlexBackupRestoreJob`], whose page lists the fields.
pub type FlexRestoreJob = Entity<RestoreJobId, types::FlexBackupRestoreJob>;
/// A job that restores databases and collections.
///
/// It dereferences to [`types::CollectionRestoreJob`], whose page lists the fields.
pub type CollectionRestoreJob = Entity<CollectionRestoreJobId, types::CollectionRestoreJob>;
/// The progress of one collection in a collection restore, by the namespace that it had in the backup.
///
/// It dereferences to [`types::RestoredCollection`], whose page lists the fields.
pub type RestoredCollection = Named<Namespace, types::RestoredCollection>;

/// An export job.
///
/// It dereferences to [`types::DiskBackupExportJob`], whose page lists the fields.
pub type Export = Entity<ExportId, types::DiskBackupExportJob>;
/// An export bucket; which fields it has depends on its cloud provider.
///
/// It dereferences to [`types::ExportBucket`], whose page lists the fields.
pub type ExportBucket = Entity<ExportBucketId, types::ExportBucket>;
/// A role in a cloud account; which fields it has depends on its cloud provider.
///
/// It dereferences to [`types::CloudRole`], whose page lists the fields.
pub type CloudRole = Entity<CloudRoleId, types::CloudRole>;
/// The roles of a project, one list for each cloud provider.
///
/// It dereferences to [`types::CloudRoleLists`], whose page lists the fields.
pub type CloudRoleLists = Document<types::CloudRoleLists>;
/// A private endpoint for backups.
///
/// It dereferences to [`types::ObjectStoragePrivateEndpoint`], whose page lists the fields.
pub type PrivateEndpoint = Entity<PrivateEndpointId, types::ObjectStoragePrivateEndpoint>;

/// A database user, without the password.
///
/// It dereferences to [`types::DatabaseUser`], whose page lists the fields.
pub type DatabaseUser = Named<DatabaseUserName, types::DatabaseUser>;
/// An entry of the IP access list of a project.
///
/// It dereferences to [`types::AccessListEntry`], whose page lists the fields.
pub type AccessListEntry = Document<types::AccessListEntry>;
/// Whether an entry of the IP access list is in force.
///
/// It dereferences to [`types::AccessListEntryStatus`], whose page lists the fields.
pub type AccessListEntryStatus = Document<types::AccessListEntryStatus>;
/// Whether all changes of a cluster are applied.
///
/// It dereferences to [`types::ClusterStatus`], whose page lists the fields.
pub type ClusterStatus = Document<types::ClusterStatus>;

/// A backup schedule as the service describes it.
///
/// It dereferences to [`types::DiskBackupSnapshotSchedule`], whose page lists the fields.
pub type ScheduleDocument = Document<types::DiskBackupSnapshotSchedule>;
/// A compliance policy as the service describes it. A project without one has an empty document.
///
/// It dereferences to [`types::DataProtectionSettings`], whose page lists the fields.
pub type CompliancePolicyDocument = Document<types::DataProtectionSettings>;

/// A snapshot of the legacy backup.
///
/// It dereferences to [`types::BackupSnapshot`], whose page lists the fields.
pub type LegacySnapshot = Entity<SnapshotId, types::BackupSnapshot>;
/// A restore job of the legacy backup.
///
/// It dereferences to [`types::BackupRestoreJob`], whose page lists the fields.
pub type LegacyRestoreJob = Entity<RestoreJobId, types::BackupRestoreJob>;
/// A moment to which all shards of a cluster can be restored together.
///
/// It dereferences to [`types::Checkpoint`], whose page lists the fields.
pub type Checkpoint = Entity<CheckpointId, types::Checkpoint>;
/// The schedule of the legacy backup.
///
/// It dereferences to [`types::LegacySnapshotSchedule`], whose page lists the fields.
pub type LegacyScheduleDocument = Document<types::LegacySnapshotSchedule>;
