//! Snapshots of dedicated clusters: list, get, take, wait, change retention, delete.
//!
//! A snapshot goes from `queued` through `inProgress` to `completed` or `failed`. Its expiry date changes on
//! completion. Taking one is retried only if it was certainly not executed.

use atlas_backup_generated::queries::ListGroupClusterBackupSnapshotsQuery;
use atlas_backup_generated::types::{BackupSnapshotRetention, DiskBackupOnDemandSnapshotRequest, DiskBackupReplicaSet};
use atlas_backup_runtime::Pending;

use crate::{
    call::{
        binding::{Origin, fetch_changed, fetch_document, finish},
        options::call_options,
        paging::List,
        wait::Wait,
    },
    model::{
        document::Acknowledged,
        documents::Snapshot,
        entity::{FromDocument, convert_document},
        error::Result,
        ids::{IntoId, SnapshotId},
        kinds::AnySnapshot,
        meta::Meta,
        states::HasState as _,
    },
    resources::{
        any_cluster::AnyClusterHandle,
        clusters::Cluster,
        restores::{Moment, PointInTime},
        retention::Retention,
    },
};

/// The snapshots of a dedicated cluster.
#[derive(Debug, Clone)]
pub struct Snapshots {
    cluster: Cluster,
}

call_options!(Snapshots, cluster);

impl Cluster {
    /// The snapshots.
    #[must_use]
    pub fn snapshots(&self) -> Snapshots {
        Snapshots { cluster: self.clone() }
    }
}

impl Snapshots {
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Lists them, the newest first (`listGroupClusterBackupSnapshots`).
    #[doc(alias(
        "listGroupClusterBackupSnapshots",
        "listBackupSnapshots",
        "returnAllReplicaSetCloudBackups",
        "listReplicaSetBackups"
    ))]
    pub fn list(&self) -> List<Snapshot> {
        self.list_with(None)
    }

    /// Lists the last one before a point in time, from which a restore to that point starts
    /// (`listGroupClusterBackupSnapshots`).
    pub fn list_before(&self, moment: impl Into<PointInTime>) -> List<Snapshot> {
        self.list_with(Some(moment.into().0))
    }

    fn list_with(&self, moment: Option<Moment>) -> List<Snapshot> {
        List::over(&(self.cluster.clone(), moment), |(cluster, moment), q| {
            let (api, project, name) = cluster.parts();
            let (seconds, increment, time) = match *moment {
                None => (None, None, None),
                Some(Moment::Time(time)) => (None, None, Some(time)),
                Some(Moment::Oplog { seconds, increment }) => (Some(seconds), Some(increment), None),
            };
            let mut query: ListGroupClusterBackupSnapshotsQuery = q.of();
            (query.oplog_ts, query.oplog_inc, query.point_in_time_utc_seconds) = (seconds, increment, time);
            api.list_group_cluster_backup_snapshots(project, name, &query)
        })
    }

    /// Gets one (`getGroupClusterBackupSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "getGroupClusterBackupSnapshot",
        "getClusterBackupSnapshot",
        "returnOneReplicaSetCloudBackup",
        "getReplicaSetBackup"
    ))]
    pub async fn get(&self, id: impl IntoId<SnapshotId>) -> Result<Snapshot> {
        fetch_document(ask(&self.cluster, &id.into_id()?)).await
    }

    /// Takes one now and returns as soon as the service has accepted it (`takeGroupClusterBackupSnapshots`); then
    /// [`wait`](Self::wait).
    ///
    /// The request is retried only if it was certainly not executed, so there are never two snapshots. If the
    /// connection breaks, a snapshot may exist although the call failed: list the snapshots to check.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a retention of zero, or in months or years,
    /// which the service accepts only for existing snapshots; [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if
    /// the cluster's state does not allow it; otherwise as every call.
    #[doc(alias("takeGroupClusterBackupSnapshots", "takeSnapshots", "takeOneOnDemandSnapshot", "takeSnapshot"))]
    pub async fn take(&self, description: impl Into<String>, retention: Retention) -> Result<Snapshot> {
        convert_entity(take(&self.cluster, description.into(), retention).await?)
    }

    /// Changes the retention of one, counted from its creation, which changes its `expires_at`
    /// (`updateGroupClusterBackupSnapshot`).
    ///
    /// ```no_run
    /// # async fn example(snapshots: atlas_backup::Snapshots) -> atlas_backup::Result<()> {
    /// use atlas_backup::Retention;
    ///
    /// let kept = snapshots.change_retention("5f3e8e7d9b1c2a0012345678", Retention::months(3)).await?;
    /// println!("kept until {:?}", kept.expires_at);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a retention of zero;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "updateGroupClusterBackupSnapshot",
        "updateBackupSnapshot",
        "changeExpirationDateForOneCloudBackup",
        "updateSnapshotRetention"
    ))]
    pub async fn change_retention(&self, id: impl IntoId<SnapshotId>, retention: Retention) -> Result<Snapshot> {
        let id = id.into_id()?;
        let (unit, value) = retention.checked()?;
        let (api, project, name) = self.cluster.parts();
        let request = BackupSnapshotRetention::new(unit, value);
        let pending = api.update_group_cluster_backup_snapshot(project, name, id.as_str(), &request);
        fetch_changed(pending, fetch_document(ask(&self.cluster, &id))).await
    }

    /// Deletes one permanently (`deleteGroupClusterBackupSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "deleteGroupClusterBackupSnapshot",
        "deleteClusterBackupSnapshot",
        "removeOneReplicaSetCloudBackup",
        "deleteReplicaSetBackup"
    ))]
    pub async fn delete(&self, id: impl IntoId<SnapshotId>) -> Result<Acknowledged> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        fetch_document(api.delete_group_cluster_backup_snapshot(project, name, id.as_str())).await
    }

    /// Waits until one has completed, also where the cluster is sharded: then the snapshot has its own fields in `extra`.
    /// A failed one is [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    pub fn wait(&self, id: impl IntoId<SnapshotId>) -> Wait<Snapshot> {
        let ask = |cluster: AnyClusterHandle, id| async move { convert_entity(cluster.snapshot(&id).await?) };
        let (cluster, operation) = (self.cluster.of_any_kind(), "getGroupClusterBackupSnapshot");
        Wait::with(&cluster, id.into_id(), operation, ask, |snapshot| snapshot.job_state())
    }
}

fn ask<'a>(cluster: &'a Cluster, id: &SnapshotId) -> Pending<'a, DiskBackupReplicaSet> {
    let (api, project, name) = cluster.parts();
    api.get_group_cluster_backup_snapshot(project, name, id.as_str())
}

/// Takes a snapshot. The service decides its kind by the cluster.
pub(super) async fn take(cluster: &Cluster, description: String, retention: Retention) -> Result<AnySnapshot> {
    let request = DiskBackupOnDemandSnapshotRequest::new()
        .with_description(description)
        .with_retention_in_days(retention.in_days()?);
    let (api, project, name) = cluster.parts();
    let pending = api.take_group_cluster_backup_snapshots(project, name, &request);
    let origin = Origin::of(&pending);
    let answer = finish(pending).await?;
    let meta = Meta::new(answer.status, answer.headers, &answer.extensions).into();
    AnySnapshot::of_dedicated(answer.value, &meta).map_err(|error| origin.on(error))
}

/// A snapshot converted to the expected kind. Fields that this kind does not define are kept in `extra`.
pub(super) fn convert_entity<E: FromDocument>(snapshot: AnySnapshot) -> Result<E> {
    E::from_document(convert_document(&snapshot)?, snapshot.meta())
}
