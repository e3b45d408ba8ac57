//! Export jobs: write snapshots to the customer's bucket.
//!
//! A job goes from `Queued` through `InProgress` to `Successful`, `Failed` or `Cancelled`. Starting one is retried only
//! if it was certainly not executed.

use atlas_backup_generated::types::{BackupLabel, DiskBackupExportJob, DiskBackupExportJobRequest};
use atlas_backup_runtime::Pending;

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        documents::Export,
        error::Result,
        ids::{ExportBucketId, ExportId, IntoId, SnapshotId},
    },
    resources::clusters::Cluster,
};

/// The export jobs of a dedicated cluster.
#[derive(Debug, Clone)]
pub struct Exports {
    cluster: Cluster,
}

call_options!(Exports, cluster);

impl Cluster {
    /// The export jobs.
    #[must_use]
    pub fn exports(&self) -> Exports {
        Exports { cluster: self.clone() }
    }
}

impl Exports {
    /// Lists them (`listGroupClusterBackupExports`).
    #[doc(alias(
        "listGroupClusterBackupExports",
        "listBackupExports",
        "returnAllCloudBackupSnapshotExportJobs",
        "listBackupExportJobs"
    ))]
    pub fn list(&self) -> List<Export> {
        List::over(&self.cluster, |cluster, q| {
            let (api, project, name) = cluster.parts();
            api.list_group_cluster_backup_exports(project, name, &q.of())
        })
    }

    /// Gets one (`getGroupClusterBackupExport`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "getGroupClusterBackupExport",
        "getBackupExport",
        "returnOneCloudBackupSnapshotExportJob",
        "getBackupExportJob"
    ))]
    pub async fn get(&self, id: impl IntoId<ExportId>) -> Result<Export> {
        fetch_document(ask(&self.cluster, &id.into_id()?)).await
    }

    /// Starts one, which writes a snapshot's data to a bucket of the project (`createGroupClusterBackupExport`); then
    /// [`wait`](Self::wait).
    ///
    /// The request is retried only if it was certainly not executed. If the connection breaks midway there may be a job
    /// though the call failed: list to find out.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the snapshot or the bucket does not exist; otherwise as every call.
    #[doc(alias(
        "createGroupClusterBackupExport",
        "createBackupExport",
        "createOneCloudBackupSnapshotExportJob",
        "createBackupExportJob"
    ))]
    pub async fn create(
        &self,
        snapshot: impl IntoId<SnapshotId>,
        bucket: impl IntoId<ExportBucketId>,
    ) -> Result<Export> {
        self.send(DiskBackupExportJobRequest::new(bucket.into_id()?, snapshot.into_id()?)).await
    }

    /// Starts one as [`create`](Self::create) does, with custom keys and values for its metadata.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_labelled<K: Into<String>, V: Into<String>>(
        &self,
        snapshot: impl IntoId<SnapshotId>,
        bucket: impl IntoId<ExportBucketId>,
        labels: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Export> {
        let labels = labels.into_iter().map(|(key, value)| BackupLabel::new().with_key(key).with_value(value));
        let labels: Vec<_> = labels.collect();
        let request = DiskBackupExportJobRequest::new(bucket.into_id()?, snapshot.into_id()?);
        self.send(request.with_custom_data(labels)).await
    }

    /// Waits until one was successful. A failed or cancelled job is [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    /// Its counts of collections are not reliable: they may stay 0.
    pub fn wait(&self, id: impl IntoId<ExportId>) -> Wait<Export> {
        Wait::over(&self.cluster, id.into_id(), ask)
    }

    async fn send(&self, request: DiskBackupExportJobRequest) -> Result<Export> {
        let (api, project, name) = self.cluster.parts();
        fetch_document(api.create_group_cluster_backup_export(project, name, &request)).await
    }
}

fn ask<'a>(cluster: &'a Cluster, id: &ExportId) -> Pending<'a, DiskBackupExportJob> {
    let (api, project, name) = cluster.parts();
    api.get_group_cluster_backup_export(project, name, id.as_str())
}
