//! The handler of each operation, by resource.
//!
//! An operation without an entry is routed, negotiated and then answered with 501. Handlers look records up through
//! [`lookup`](crate::api::lookup), so that all of them refuse unknown projects, unknown clusters and the wrong kind of
//! cluster in the same way.

use std::sync::LazyLock;

use crate::{
    api::{
        access_list, call::Handler, cloud_roles, cluster_create, clusters, collection_restores, compliance_policies,
        containers, database_users, encryption_at_rest, export_buckets, exports, flex_clusters, flex_restores,
        flex_snapshots, legacy, organizations, private_endpoints, process_arguments, project_settings, projects,
        provider_regions, rate_limits, restores, retired, schedules, snapshot_contents, snapshots, system_status, v1,
    },
    openapi::{document::Document, router::Router},
};

/// The routes of the embedded document and of [`v1::V1_OPERATIONS`].
pub(crate) fn router() -> &'static Router {
    static ROUTER: LazyLock<Router> =
        LazyLock::new(|| Router::new(Document::embedded(), v1::V1_OPERATIONS.iter().map(|only| &only.route)));
    &ROUTER
}

/// The handlers of the document's operations, in the order of the document.
pub(crate) fn all(document: &Document) -> Vec<Option<Handler>> {
    document.operations.iter().map(|operation| handler(&operation.id)).collect()
}

/// The handler of the operation with this id.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "getSystemStatus" => system_status::get,

        "listOrgs" => organizations::list,
        "getOrg" => organizations::get,
        "getOrgGroups" => organizations::projects,
        "listRateLimits" => rate_limits::list,
        "getRateLimit" => rate_limits::get,

        "listGroups" => projects::list,
        "createGroup" => projects::create,
        "getGroup" => projects::get,
        "updateGroup" => projects::update,
        "deleteGroup" => projects::delete,
        "getGroupByName" => projects::by_name,
        "getGroupSettings" => project_settings::get,
        "updateGroupSettings" => project_settings::update,
        "listGroupLimits" => project_settings::limits,
        "getGroupIpAddresses" => project_settings::ip_addresses,
        "listGroupTeams" => project_settings::teams,
        "getGroupManagedSlowMs" => project_settings::managed_slow_ms,
        "enableGroupManagedSlowMs" => project_settings::enable_managed_slow_ms,
        "disableGroupManagedSlowMs" => project_settings::disable_managed_slow_ms,
        "listGroupContainers" => containers::list,
        "getGroupContainer" => containers::get,
        "getGroupEncryptionAtRest" => encryption_at_rest::get,
        "updateGroupEncryptionAtRest" => encryption_at_rest::update,

        "listGroupAccessListEntries" => access_list::list,
        "createGroupAccessListEntry" => access_list::create,
        "getGroupAccessListEntry" => access_list::get,
        "deleteGroupAccessListEntry" => access_list::delete,
        "getGroupAccessListStatus" => access_list::status,
        "listGroupDatabaseUsers" => database_users::list,
        "createGroupDatabaseUser" => database_users::create,
        "getGroupDatabaseUser" => database_users::get,
        "updateGroupDatabaseUser" => database_users::update,
        "deleteGroupDatabaseUser" => database_users::delete,
        "listGroupCloudProviderAccess" => cloud_roles::list,
        "createGroupCloudProviderAccess" => cloud_roles::create,
        "getGroupCloudProviderAccess" => cloud_roles::get,
        "authorizeGroupCloudProviderAccessRole" => cloud_roles::authorize,
        "deauthorizeGroupCloudProviderAccessRole" => cloud_roles::delete,

        "listClusterDetails" => clusters::list_details,
        "listGroupClusters" => clusters::list,
        "createGroupCluster" => cluster_create::create,
        "getGroupCluster" => clusters::get,
        "updateGroupCluster" => cluster_create::update,
        "deleteGroupCluster" => clusters::delete,
        "listGroupClusterProviderRegions" => provider_regions::list,
        "upgradeGroupClusterTenantUpgrade" => cluster_create::upgrade_tenant,
        "getGroupClusterProcessArgs" => process_arguments::get,
        "updateGroupClusterProcessArgs" => process_arguments::update,
        "getGroupClusterStatus" => process_arguments::status,

        "listGroupFlexClusters" => flex_clusters::list,
        "createGroupFlexCluster" => flex_clusters::create,
        "getGroupFlexCluster" => flex_clusters::get,
        "updateGroupFlexCluster" => flex_clusters::update,
        "deleteGroupFlexCluster" => flex_clusters::delete,
        "tenantGroupFlexClusterUpgrade" => flex_clusters::upgrade,

        "listGroupClusterBackupSnapshots" => snapshots::list,
        "takeGroupClusterBackupSnapshots" => snapshots::take,
        "getGroupClusterBackupSnapshot" => snapshots::get,
        "updateGroupClusterBackupSnapshot" => snapshots::update,
        "deleteGroupClusterBackupSnapshot" => snapshots::delete,
        "listGroupClusterBackupSnapshotShardedClusters" => snapshots::list_sharded,
        "getGroupClusterBackupSnapshotShardedCluster" => snapshots::get_sharded,
        "deleteGroupClusterBackupSnapshotShardedCluster" => snapshots::delete_sharded,

        "listGroupClusterBackupSnapshotDatabases" => snapshot_contents::list_databases,
        "getGroupClusterBackupSnapshotDatabase" => snapshot_contents::get_database,
        "listGroupClusterBackupSnapshotDatabaseCollections" => snapshot_contents::list_collections,
        "getGroupClusterBackupSnapshotDatabaseCollection" => snapshot_contents::get_collection,

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

        "listGroupClusterCollectionRestoreJobs" => collection_restores::list,
        "createGroupClusterCollectionRestoreJob" => collection_restores::create,
        "getGroupClusterCollectionRestoreJob" => collection_restores::get,
        "listGroupClusterCollectionRestoreJobCollections" => collection_restores::list_collections,
        "getGroupClusterCollectionRestoreJobCollection" => collection_restores::get_collection,

        "listGroupBackupPrivateEndpoints" => private_endpoints::list,
        "createGroupBackupPrivateEndpoint" => private_endpoints::create,
        "getGroupBackupPrivateEndpoint" => private_endpoints::get,
        "deleteGroupBackupPrivateEndpoint" => private_endpoints::delete,
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
        "downloadGroupClusterBackupTenant" => retired::download_tenant_snapshot,
        "listGroupClusterBackupTenantRestores" => retired::list_tenant_restores,
        "createGroupClusterBackupTenantRestore" => retired::create_tenant_restore,
        "getGroupClusterBackupTenantRestore" => retired::get_tenant_restore,
        "listGroupServerlessBackupSnapshots" => retired::list_serverless_snapshots,
        "getGroupServerlessBackupSnapshot" => retired::get_serverless_snapshot,
        "listGroupServerlessBackupRestoreJobs" => retired::list_serverless_restores,
        "createGroupServerlessBackupRestoreJob" => retired::create_serverless_restore,
        "getGroupServerlessBackupRestoreJob" => retired::get_serverless_restore,

        id if legacy::has(id) => legacy::answer,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::openapi::document::Document;

    use super::*;

    #[test]
    fn document_with_more_operations_than_handlers_is_served() {
        let operation = |id: &str| {
            serde_json::json!({"operationId": id, "responses": {"200": {"content": {
                "application/vnd.atlas.2025-03-12+json": {}
            }}}})
        };
        let paths = serde_json::json!({"/a": {"get": operation("listGroups"), "put": operation("updateGalaxy")}});
        let document = Document::parse(&serde_json::json!({ "paths": paths }).to_string()).unwrap();
        let served: Vec<_> = all(&document).iter().map(Option::is_some).collect();
        assert_eq!(served, [true, false]);
    }
}
