//! The backup operations of shared-tier clusters, forwarded to the flex operations.

#![allow(deprecated, reason = "the retired bindings are what these functions are for")]

use atlas_backup_generated::types;
use atlas_backup_runtime::Call;

use crate::{
    call::{
        binding::fetch_document,
        client::Client,
        paging::{List, fetch_call},
    },
    model::{
        entity::Entity,
        error::{Error, Result},
        error_kind::ErrorKind,
        ids::{ClusterName, IntoId, ProjectId, RestoreJobId, SnapshotId},
        operations,
        subject::path_values,
    },
};

/// A snapshot of a shared-tier cluster.
pub type SharedSnapshot = Entity<SnapshotId, types::BackupTenantSnapshot>;
/// A restore job of a shared-tier cluster.
pub type SharedRestore = Entity<RestoreJobId, types::TenantRestore>;

/// Lists the snapshots of a cluster that was a shared-tier one.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when an id or name has another form.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexSnapshots::list` (`listGroupFlexClusterBackupSnapshots`)"
)]
pub fn list_shared_cluster_backups(
    client: &Client,
    project: impl IntoId<ProjectId>,
    cluster: impl IntoId<ClusterName>,
) -> Result<List<SharedSnapshot>> {
    Ok(List::over(&client.project(project)?.cluster(cluster)?, |cluster, _| {
        let (api, project, name) = cluster.parts();
        api.list_group_cluster_backup_tenant_snapshots(project, name)
    }))
}

/// Lists the snapshots of a cluster that was a shared-tier one, by the path of the old call: either
/// `/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/backup/tenant/snapshots` or the same under `/api/atlas/v1.0`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the path has another form, or an id or name in it has.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexSnapshots::list` (`listGroupFlexClusterBackupSnapshots`)"
)]
pub fn list_shared_cluster_backups_at(client: &Client, path: &str) -> Result<List<SharedSnapshot>> {
    let other =
        || Error::new(ErrorKind::InvalidInput, format!("{path:?} is not a path of a shared-tier snapshot list"));
    let operation = operations::find("listGroupClusterBackupTenantSnapshots").ok_or_else(other)?;
    for (name, value) in path_values(operation.path, path).ok_or_else(other)? {
        match name {
            "groupId" => drop(ProjectId::new(value)?),
            _ => drop(ClusterName::new(value)?),
        }
    }
    let (client, path) = (client.clone(), path.to_owned());
    Ok(List::new(move |_| {
        let version = operation.newest();
        let call = Call { operation, version, path: path.clone(), query: Vec::new(), body: None };
        let client = client.clone();
        async move { fetch_call::<_, types::BackupTenantSnapshotPage>(&client, call).await }
    }))
}

/// Gets one snapshot of a cluster that was a shared-tier one.
///
/// # Errors
/// [`ErrorKind::NotFound`] if no object has this ID; otherwise as every call.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexSnapshots::get` (`getGroupFlexClusterBackupSnapshot`)"
)]
pub async fn get_shared_cluster_backup(
    client: &Client,
    project: impl IntoId<ProjectId>,
    cluster: impl IntoId<ClusterName>,
    snapshot: impl IntoId<SnapshotId>,
) -> Result<SharedSnapshot> {
    let (project, cluster, snapshot) = (project.into_id()?, cluster.into_id()?, snapshot.into_id()?);
    fetch_document(client.bindings().get_group_cluster_backup_tenant_snapshot(
        project.as_str(),
        cluster.as_str(),
        snapshot.as_str(),
    ))
    .await
}

/// Prepares a snapshot of a former shared-tier cluster for download. The target in the old request is dropped, because
/// a download has none.
///
/// # Errors
/// [`ErrorKind::NotFound`] if the snapshot does not exist; otherwise as every call.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexRestores::download` (`downloadGroupFlexClusterBackup`)"
)]
pub async fn download_shared_cluster_backup(
    client: &Client,
    project: impl IntoId<ProjectId>,
    cluster: impl IntoId<ClusterName>,
    request: &types::TenantRestore,
) -> Result<SharedRestore> {
    let (project, cluster) = (project.into_id()?, cluster.into_id()?);
    fetch_document(client.bindings().download_group_cluster_backup_tenant(project.as_str(), cluster.as_str(), request))
        .await
}

/// Restores a snapshot of a cluster that was a shared-tier one.
///
/// # Errors
/// [`ErrorKind::NotFound`] if the snapshot does not exist; otherwise as every call.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexRestores::create` (`createGroupFlexClusterBackupRestoreJob`)"
)]
pub async fn create_shared_cluster_backup_restore_job(
    client: &Client,
    project: impl IntoId<ProjectId>,
    cluster: impl IntoId<ClusterName>,
    request: &types::TenantRestore,
) -> Result<SharedRestore> {
    let (project, cluster) = (project.into_id()?, cluster.into_id()?);
    fetch_document(client.bindings().create_group_cluster_backup_tenant_restore(
        project.as_str(),
        cluster.as_str(),
        request,
    ))
    .await
}

/// Lists the restore jobs of a cluster that was a shared-tier one.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when an id or name has another form.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexRestores::list` (`listGroupFlexClusterBackupRestoreJobs`)"
)]
pub fn list_shared_cluster_backup_restore_jobs(
    client: &Client,
    project: impl IntoId<ProjectId>,
    cluster: impl IntoId<ClusterName>,
) -> Result<List<SharedRestore>> {
    Ok(List::over(&client.project(project)?.cluster(cluster)?, |cluster, _| {
        let (api, project, name) = cluster.parts();
        api.list_group_cluster_backup_tenant_restores(project, name)
    }))
}

/// Gets one restore job of a cluster that was a shared-tier one.
///
/// # Errors
/// [`ErrorKind::NotFound`] if no object has this ID; otherwise as every call.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexRestores::get` (`getGroupFlexClusterBackupRestoreJob`)"
)]
pub async fn get_shared_cluster_backup_restore_job(
    client: &Client,
    project: impl IntoId<ProjectId>,
    cluster: impl IntoId<ClusterName>,
    restore: impl IntoId<RestoreJobId>,
) -> Result<SharedRestore> {
    let (project, cluster, restore) = (project.into_id()?, cluster.into_id()?, restore.into_id()?);
    fetch_document(client.bindings().get_group_cluster_backup_tenant_restore(
        project.as_str(),
        cluster.as_str(),
        restore.as_str(),
    ))
    .await
}
