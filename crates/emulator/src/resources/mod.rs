//! What each operation does, by resource.
//!
//! An operation that is not in this table is routed, negotiated and then answered 501. Handlers look records up through
//! [`lookup`], so that unknown projects, unknown clusters and the wrong kind of cluster are refused alike everywhere.

mod cluster_create;
mod cluster_views;
mod clusters;
mod compliance_policies;
mod export_buckets;
mod exports;
mod flex_clusters;
mod flex_restores;
mod flex_snapshots;
mod lookup;
mod organizations;
mod projects;
mod provider_regions;
mod rate_limits;
mod restores;
mod retired;
mod schedules;
mod snapshots;
pub(crate) mod v1;

use crate::call::Handler;

/// The handler of the operation with this id.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "listOrgs" => organizations::list,
        "listRateLimits" => rate_limits::list,
        "getRateLimit" => rate_limits::get,

        "listGroups" => projects::list,
        "createGroup" => projects::create,
        "getGroup" => projects::get,
        "updateGroup" => projects::update,
        "deleteGroup" => projects::delete,

        "listClusterDetails" => clusters::list_details,
        "listGroupClusters" => clusters::list,
        "createGroupCluster" => cluster_create::create,
        "getGroupCluster" => clusters::get,
        "updateGroupCluster" => cluster_create::update,
        "deleteGroupCluster" => clusters::delete,
        "listGroupClusterProviderRegions" => provider_regions::list,

        "listGroupFlexClusters" => flex_clusters::list,
        "createGroupFlexCluster" => flex_clusters::create,
        "getGroupFlexCluster" => flex_clusters::get,
        "updateGroupFlexCluster" => flex_clusters::update,
        "deleteGroupFlexCluster" => flex_clusters::delete,

        "listGroupClusterBackupSnapshots" => snapshots::list,
        "takeGroupClusterBackupSnapshots" => snapshots::take,
        "getGroupClusterBackupSnapshot" => snapshots::get,
        "updateGroupClusterBackupSnapshot" => snapshots::update,
        "deleteGroupClusterBackupSnapshot" => snapshots::delete,
        "listGroupClusterBackupSnapshotShardedClusters" => snapshots::list_sharded,
        "getGroupClusterBackupSnapshotShardedCluster" => snapshots::get_sharded,
        "deleteGroupClusterBackupSnapshotShardedCluster" => snapshots::delete_sharded,

        "getGroupClusterBackupSchedule" => schedules::get,
        "updateGroupClusterBackupSchedule" => schedules::update,
        "deleteGroupClusterBackupSchedule" => schedules::delete,
        "getGroupBackupCompliancePolicy" => compliance_policies::get,
        "updateGroupBackupCompliancePolicy" => compliance_policies::update,
        "disableGroupBackupCompliancePolicy" => compliance_policies::disable,

        "listGroupClusterBackupRestoreJobs" => restores::list,
        "createGroupClusterBackupRestoreJob" => restores::create,
        "getGroupClusterBackupRestoreJob" => restores::get,
        "cancelGroupClusterBackupRestoreJob" => restores::cancel,

        "listGroupBackupExportBuckets" => export_buckets::list,
        "createGroupBackupExportBucket" => export_buckets::create,
        "getGroupBackupExportBucket" => export_buckets::get,
        "updateGroupBackupExportBucket" => export_buckets::update,
        "deleteGroupBackupExportBucket" => export_buckets::delete,
        "listGroupClusterBackupExports" => exports::list,
        "createGroupClusterBackupExport" => exports::create,
        "getGroupClusterBackupExport" => exports::get,

        "listGroupFlexClusterBackupSnapshots" => flex_snapshots::list,
        "getGroupFlexClusterBackupSnapshot" => flex_snapshots::get,
        "listGroupFlexClusterBackupRestoreJobs" => flex_restores::list,
        "createGroupFlexClusterBackupRestoreJob" => flex_restores::create,
        "getGroupFlexClusterBackupRestoreJob" => flex_restores::get,
        "downloadGroupFlexClusterBackup" => flex_restores::download,

        "listGroupClusterBackupTenantSnapshots" => retired::list_tenant_snapshots,
        "getGroupClusterBackupTenantSnapshot" => retired::get_tenant_snapshot,
        "listGroupServerlessBackupSnapshots" => retired::list_serverless_snapshots,
        "getGroupServerlessBackupSnapshot" => retired::get_serverless_snapshot,
        _ => return None,
    })
}
