//! Legacy Backup, which Cloud Backups replaced in March 2020 and which the service still serves for remaining data. All
//! of it is deprecated. It is here for migrations and has no waits.

#![allow(deprecated, reason = "the deprecated bindings are what these methods are for")]

use atlas_backup_generated::queries::{ListGroupClusterRestoreJobsQuery, ListGroupClusterSnapshotsQuery};
use atlas_backup_generated::types::{
    BackupRestoreJob, BackupSnapshot, LegacySnapshotSchedule, ListGroupClusterSnapshotsCompleted,
};

use crate::{
    call::{
        binding::{fetch_changed, fetch_document},
        options::call_options,
        paging::{List, fetch_all},
    },
    model::{
        document::Acknowledged,
        documents::{Checkpoint, LegacyRestoreJob, LegacyScheduleDocument, LegacySnapshot},
        error::Result,
        ids::{BatchId, CheckpointId, IntoId, RestoreJobId, SnapshotId},
    },
    resources::clusters::Cluster,
};

/// The legacy backup of a cluster.
#[derive(Debug, Clone)]
pub struct LegacyBackup {
    cluster: Cluster,
}

call_options!(LegacyBackup, cluster);

impl Cluster {
    /// Legacy Backup, for remaining data.
    #[deprecated(note = "replaced by cloud backups: use `snapshots()`, `restores()` and `schedule()`")]
    #[must_use]
    pub fn legacy_backup(&self) -> LegacyBackup {
        LegacyBackup { cluster: self.clone() }
    }
}

impl LegacyBackup {
    /// Lists the snapshots, also those that are not complete (`listGroupClusterSnapshots`).
    #[doc(alias(
        "listGroupClusterSnapshots",
        "listClusterSnapshots",
        "returnAllLegacyBackupSnapshots",
        "listLegacySnapshots"
    ))]
    pub fn list_snapshots(&self) -> List<LegacySnapshot> {
        List::over(&self.cluster, |cluster, q| {
            let (api, project, name) = cluster.parts();
            let query: ListGroupClusterSnapshotsQuery = q.of();
            let query = query.with_completed(ListGroupClusterSnapshotsCompleted::All);
            api.list_group_cluster_snapshots(project, name, &query)
        })
    }

    /// Gets a snapshot (`getGroupClusterSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "getGroupClusterSnapshot",
        "getClusterSnapshot",
        "returnOneLegacyBackupSnapshot",
        "getLegacySnapshot"
    ))]
    pub async fn get_snapshot(&self, id: impl IntoId<SnapshotId>) -> Result<LegacySnapshot> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        fetch_document(api.get_group_cluster_snapshot(project, name, id.as_str())).await
    }

    /// Changes the expiry of a snapshot (`updateGroupClusterSnapshot`): `expires` or `do_not_delete` of `change`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "updateGroupClusterSnapshot",
        "updateClusterSnapshot",
        "changeOneLegacyBackupSnapshotExpiration",
        "updateLegacySnapshotRetention"
    ))]
    pub async fn update_snapshot(
        &self,
        id: impl IntoId<SnapshotId>,
        change: &BackupSnapshot,
    ) -> Result<LegacySnapshot> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        let pending = api.update_group_cluster_snapshot(project, name, id.as_str(), change);
        fetch_changed(pending, self.get_snapshot(&id)).await
    }

    /// Deletes a snapshot permanently (`deleteGroupClusterSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "deleteGroupClusterSnapshot",
        "deleteClusterSnapshot",
        "removeOneLegacyBackupSnapshot",
        "deleteLegacySnapshot"
    ))]
    pub async fn delete_snapshot(&self, id: impl IntoId<SnapshotId>) -> Result<Acknowledged> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        fetch_document(api.delete_group_cluster_snapshot(project, name, id.as_str())).await
    }

    /// Lists the restore jobs (`listGroupClusterRestoreJobs`).
    #[doc(alias(
        "listGroupClusterRestoreJobs",
        "listClusterRestoreJobs",
        "returnAllLegacyBackupRestoreJobs",
        "listLegacyBackupRestoreJobs"
    ))]
    pub fn list_restore_jobs(&self) -> List<LegacyRestoreJob> {
        self.list_with(None)
    }

    /// Lists the jobs of one restore of a sharded cluster, which form a batch (`listGroupClusterRestoreJobs`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid batch id.
    pub fn list_restore_jobs_of(&self, batch: impl IntoId<BatchId>) -> Result<List<LegacyRestoreJob>> {
        Ok(self.list_with(Some(batch.into_id()?)))
    }

    fn list_with(&self, batch: Option<BatchId>) -> List<LegacyRestoreJob> {
        List::over(&(self.cluster.clone(), batch), |(cluster, batch), q| {
            let (api, project, name) = cluster.parts();
            let mut query: ListGroupClusterRestoreJobsQuery = q.of();
            query.batch_id = batch.as_ref().map(ToString::to_string);
            api.list_group_cluster_restore_jobs(project, name, &query)
        })
    }

    /// Gets a restore job (`getGroupClusterRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "getGroupClusterRestoreJob",
        "getClusterRestoreJob",
        "returnOneLegacyBackupRestoreJob",
        "getLegacyBackupRestoreJob"
    ))]
    pub async fn get_restore_job(&self, id: impl IntoId<RestoreJobId>) -> Result<LegacyRestoreJob> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        fetch_document(api.get_group_cluster_restore_job(project, name, id.as_str())).await
    }

    /// Starts a restore (`createGroupClusterRestoreJob`) and returns its jobs: one, or a batch of them for a sharded
    /// cluster. The request is retried only if it was certainly not executed.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if the service refuses a value;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the snapshot does not exist; otherwise as every call.
    #[doc(alias(
        "createGroupClusterRestoreJob",
        "createClusterRestoreJob",
        "createOneLegacyBackupRestoreJob",
        "createLegacyBackupRestoreJob"
    ))]
    pub async fn create_restore_job(&self, job: &BackupRestoreJob) -> Result<Vec<LegacyRestoreJob>> {
        let (api, project, name) = self.cluster.parts();
        fetch_all(api.create_group_cluster_restore_job(project, name, job)).await
    }

    /// Lists the checkpoints (`listGroupClusterBackupCheckpoints`).
    #[doc(alias(
        "listGroupClusterBackupCheckpoints",
        "listClusterBackupCheckpoints",
        "returnAllLegacyBackupCheckpoints",
        "listLegacyBackupCheckpoints"
    ))]
    pub fn list_checkpoints(&self) -> List<Checkpoint> {
        List::over(&self.cluster, |cluster, q| {
            let (api, project, name) = cluster.parts();
            api.list_group_cluster_backup_checkpoints(project, name, &q.of())
        })
    }

    /// Gets a checkpoint (`getGroupClusterBackupCheckpoint`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "getGroupClusterBackupCheckpoint",
        "getClusterBackupCheckpoint",
        "returnOneLegacyBackupCheckpoint",
        "getLegacyBackupCheckpoint"
    ))]
    pub async fn get_checkpoint(&self, id: impl IntoId<CheckpointId>) -> Result<Checkpoint> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        fetch_document(api.get_group_cluster_backup_checkpoint(project, name, id.as_str())).await
    }

    /// Gets the schedule (`getGroupClusterSnapshotSchedule`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the cluster does not exist; otherwise as every call.
    #[doc(alias(
        "getGroupClusterSnapshotSchedule",
        "getClusterSnapshotSchedule",
        "returnOneSnapshotSchedule",
        "getLegacySnapshotSchedule"
    ))]
    pub async fn get_schedule(&self) -> Result<LegacyScheduleDocument> {
        let (api, project, name) = self.cluster.parts();
        fetch_document(api.get_group_cluster_snapshot_schedule(project, name)).await
    }

    /// Updates the schedule (`updateGroupClusterSnapshotSchedule`): gets the current one, passes it to `change`, and
    /// sends all of it except `links`, because the service requires the complete schedule. Without changes nothing is
    /// sent and the current schedule is returned.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if the service refuses a value; otherwise as every
    /// call.
    #[doc(alias(
        "updateGroupClusterSnapshotSchedule",
        "updateClusterSnapshotSchedule",
        "updateSnapshotScheduleForOneCluster",
        "updateLegacySnapshotSchedule"
    ))]
    pub async fn update_schedule(
        &self,
        change: impl FnOnce(&mut LegacySnapshotSchedule),
    ) -> Result<LegacyScheduleDocument> {
        let current = self.get_schedule().await?;
        let mut wanted = current.document().clone();
        change(&mut wanted);
        wanted.links.clone_from(&current.links);
        if wanted == *current.document() {
            return Ok(current);
        }
        wanted.links = None;
        let (api, project, name) = self.cluster.parts();
        fetch_changed(api.update_group_cluster_snapshot_schedule(project, name, &wanted), self.get_schedule()).await
    }
}
