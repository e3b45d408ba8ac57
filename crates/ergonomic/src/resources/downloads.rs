//! Downloads of snapshots: the restore jobs, dedicated and flex, that end in an archive instead of a cluster.
//!
//! A download is an operation of its own here, so that it can't become a restore over a cluster. Starting one is never
//! repeated unless it surely was not begun.

use std::{sync::Arc, time::Duration};

use atlas_backup_generated::types::{DeliveryType, DiskBackupSnapshotRestoreJob, FlexBackupSnapshotDownloadCreate};

use crate::{
    archive::{download::Download, origin::Origin},
    call::binding::fetch_document,
    model::{
        documents::{FlexRestoreJob, RestoreJob},
        error::Result,
        ids::{IntoId, RestoreJobId, SnapshotId},
    },
    resources::{flex_restores::FlexRestores, restores::Restores},
};

/// How long to wait before asking again whether an archive is there.
const INTERVAL: Duration = Duration::from_secs(2);

impl Restores {
    /// Has a snapshot's data prepared for download (`createGroupClusterBackupRestoreJob`); no cluster is touched. What
    /// comes back [saves](Download::save_to) the archive or [reads](Download::open) it as soon as it is there.
    ///
    /// The request is repeated only when it surely was not executed. If the connection breaks midway there may be a job
    /// though the call failed: list to find out, and [take it up](Self::resume_download).
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when it is not there; otherwise as every call.
    pub async fn download(&self, snapshot: impl IntoId<SnapshotId>) -> Result<Download<RestoreJob>> {
        let job = DiskBackupSnapshotRestoreJob::new(DeliveryType::Download).with_snapshot_id(snapshot.into_id()?);
        let job = self.create(&job).await?;
        Ok(self.downloading(job))
    }

    /// Takes up a download whose job is there already (`getGroupClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id; otherwise as every call.
    pub async fn resume_download(&self, job: impl IntoId<RestoreJobId>) -> Result<Download<RestoreJob>> {
        let job = self.get(job).await?;
        Ok(self.downloading(job))
    }

    fn downloading(&self, job: RestoreJob) -> Download<RestoreJob> {
        let (restores, id) = (self.clone(), job.id.clone());
        // Another job of the same snapshot brings the same data; whether it is the same archive, its mark tells.
        let of = job.snapshot_id.as_deref().unwrap_or(id.as_str()).to_owned();
        let find = move |patience: Duration, interval| {
            let wait = restores.wait(&id).timeout(patience).interval(interval);
            let urls = async move { Ok(wait.await?.delivery_url.clone().unwrap_or_default()) };
            Box::pin(urls) as _
        };
        Download::new(
            job,
            Origin { client: self.cluster.client().clone(), of, interval: INTERVAL, find: Arc::new(find) },
        )
    }
}

impl FlexRestores {
    /// Has a snapshot's data prepared for download (`downloadGroupFlexClusterBackup`); no cluster is touched. What comes
    /// back [saves](Download::save_to) the archive or [reads](Download::open) it as soon as it is there. Repeated only
    /// as [`create`](Self::create) is.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when it is not there; otherwise as every call.
    pub async fn download(&self, snapshot: impl IntoId<SnapshotId>) -> Result<Download<FlexRestoreJob>> {
        let (bindings, wanted) =
            (self.cluster.client().bindings(), FlexBackupSnapshotDownloadCreate::new(snapshot.into_id()?));
        let (project, cluster) = (self.cluster.project_id().as_str(), self.cluster.name().as_str());
        let job = fetch_document(bindings.download_group_flex_cluster_backup(project, cluster, &wanted)).await?;
        Ok(self.downloading(job))
    }

    /// Takes up a download whose job is there already (`getGroupFlexClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id; otherwise as every call.
    pub async fn resume_download(&self, job: impl IntoId<RestoreJobId>) -> Result<Download<FlexRestoreJob>> {
        let job = self.get(job).await?;
        Ok(self.downloading(job))
    }

    fn downloading(&self, job: FlexRestoreJob) -> Download<FlexRestoreJob> {
        let (restores, id) = (self.clone(), job.id.clone());
        let of = job.snapshot_id.as_deref().unwrap_or(id.as_str()).to_owned();
        let find = move |patience: Duration, interval| {
            let wait = restores.wait(&id).timeout(patience).interval(interval);
            let urls = async move { Ok(wait.await?.snapshot_url.clone().into_iter().collect()) };
            Box::pin(urls) as _
        };
        Download::new(
            job,
            Origin { client: self.cluster.client().clone(), of, interval: INTERVAL, find: Arc::new(find) },
        )
    }
}
