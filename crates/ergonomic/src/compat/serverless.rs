//! The backup operations of serverless instances, forwarded to the flex operations.

#![allow(deprecated, reason = "the retired bindings are what these functions are for")]

use atlas_backup_generated::types;

use crate::{
    call::{binding::fetch_document, client::Client, paging::List},
    model::{
        entity::Entity,
        error::Result,
        ids::{ClusterName, IntoId, ProjectId, RestoreJobId, SnapshotId},
    },
};

/// A snapshot of a serverless instance.
pub type ServerlessSnapshot = Entity<SnapshotId, types::ServerlessBackupSnapshot>;
/// A restore job of a serverless instance.
pub type ServerlessRestore = Entity<RestoreJobId, types::ServerlessBackupRestoreJob>;

/// Lists the snapshots of a cluster that was a serverless instance.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when an id or name has another form.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexSnapshots::list` (`listGroupFlexClusterBackupSnapshots`)"
)]
pub fn list_serverless_backups(
    client: &Client,
    project: impl IntoId<ProjectId>,
    instance: impl IntoId<ClusterName>,
) -> Result<List<ServerlessSnapshot>> {
    Ok(List::over(&client.project(project)?.cluster(instance)?, |instance, q| {
        let (api, project, name) = instance.parts();
        api.list_group_serverless_backup_snapshots(project, name, &q.of())
    }))
}

/// Gets one snapshot of a cluster that was a serverless instance.
///
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexSnapshots::get` (`getGroupFlexClusterBackupSnapshot`)"
)]
pub async fn get_serverless_backup(
    client: &Client,
    project: impl IntoId<ProjectId>,
    instance: impl IntoId<ClusterName>,
    snapshot: impl IntoId<SnapshotId>,
) -> Result<ServerlessSnapshot> {
    let (project, instance, snapshot) = (project.into_id()?, instance.into_id()?, snapshot.into_id()?);
    fetch_document(client.bindings().get_group_serverless_backup_snapshot(
        project.as_str(),
        instance.as_str(),
        snapshot.as_str(),
    ))
    .await
}

/// Restores or prepares for download a snapshot of a cluster that was a serverless instance, as the request's
/// `deliveryType` says.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a restore to a point in time, which flex clusters
/// don't have; otherwise as every call.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexRestores::create` (`createGroupFlexClusterBackupRestoreJob`)"
)]
pub async fn create_serverless_backup_restore_job(
    client: &Client,
    project: impl IntoId<ProjectId>,
    instance: impl IntoId<ClusterName>,
    request: &types::ServerlessBackupRestoreJob,
) -> Result<ServerlessRestore> {
    let (project, instance) = (project.into_id()?, instance.into_id()?);
    fetch_document(client.bindings().create_group_serverless_backup_restore_job(
        project.as_str(),
        instance.as_str(),
        request,
    ))
    .await
}

/// Lists the restore jobs of a cluster that was a serverless instance.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when an id or name has another form.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexRestores::list` (`listGroupFlexClusterBackupRestoreJobs`)"
)]
pub fn list_serverless_backup_restore_jobs(
    client: &Client,
    project: impl IntoId<ProjectId>,
    instance: impl IntoId<ClusterName>,
) -> Result<List<ServerlessRestore>> {
    Ok(List::over(&client.project(project)?.cluster(instance)?, |instance, q| {
        let (api, project, name) = instance.parts();
        api.list_group_serverless_backup_restore_jobs(project, name, &q.of())
    }))
}

/// Gets one restore job of a cluster that was a serverless instance.
///
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
#[deprecated(
    note = "removed by the service on 2026-01-22; use `FlexRestores::get` (`getGroupFlexClusterBackupRestoreJob`)"
)]
pub async fn get_serverless_backup_restore_job(
    client: &Client,
    project: impl IntoId<ProjectId>,
    instance: impl IntoId<ClusterName>,
    restore: impl IntoId<RestoreJobId>,
) -> Result<ServerlessRestore> {
    let (project, instance, restore) = (project.into_id()?, instance.into_id()?, restore.into_id()?);
    fetch_document(client.bindings().get_group_serverless_backup_restore_job(
        project.as_str(),
        instance.as_str(),
        restore.as_str(),
    ))
    .await
}
