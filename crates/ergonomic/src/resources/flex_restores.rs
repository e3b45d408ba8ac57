//! Restore jobs of flex clusters: over a cluster, or as a download; list, get, wait.
//!
//! A job goes from `PENDING` through `RUNNING` to `COMPLETED` or `FAILED`. Starting one is retried only if it was
//! certainly not executed. `downloads` starts downloads.

use atlas_backup_generated::types::{FlexBackupRestoreJob, FlexBackupRestoreJobCreate};
use atlas_backup_runtime::Pending;

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        documents::FlexRestoreJob,
        error::Result,
        ids::{IntoId, RestoreJobId, SnapshotId},
    },
    resources::flex::FlexCluster,
};

/// The restore jobs of a flex cluster, which is the source of the backups.
#[derive(Debug, Clone)]
pub struct FlexRestores {
    pub(super) cluster: FlexCluster,
}

call_options!(FlexRestores, cluster);

impl FlexCluster {
    /// The restore jobs that use this cluster's backups, including downloads.
    #[must_use]
    pub fn restores(&self) -> FlexRestores {
        FlexRestores { cluster: self.clone() }
    }
}

impl FlexRestores {
    /// Lists them (`listGroupFlexClusterBackupRestoreJobs`).
    #[doc(alias("listGroupFlexClusterBackupRestoreJobs", "listFlexRestoreJobs", "listFlexBackupRestoreJobs"))]
    pub fn list(&self) -> List<FlexRestoreJob> {
        List::over(&self.cluster, |cluster, q| {
            let (api, project, name) = cluster.parts();
            api.list_group_flex_cluster_backup_restore_jobs(project, name, &q.of())
        })
    }

    /// Gets one (`getGroupFlexClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("getGroupFlexClusterBackupRestoreJob", "getFlexRestoreJob", "getFlexBackupRestoreJob"))]
    pub async fn get(&self, id: impl IntoId<RestoreJobId>) -> Result<FlexRestoreJob> {
        fetch_document(ask(&self.cluster, &id.into_id()?)).await
    }

    /// Restores a snapshot over `target`, **whose data it replaces** (`createGroupFlexClusterBackupRestoreJob`); then
    /// [`wait`](Self::wait). The target may be this cluster or another one, also of another project.
    ///
    /// The request is retried only if it was certainly not executed. If the connection breaks midway there may be a job
    /// though the call failed: list to find out.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the snapshot or the target does not exist; otherwise as every call.
    #[doc(alias("createGroupFlexClusterBackupRestoreJob", "createFlexRestoreJob", "createFlexBackupRestoreJob"))]
    pub async fn create(&self, snapshot: impl IntoId<SnapshotId>, target: &FlexCluster) -> Result<FlexRestoreJob> {
        let job = FlexBackupRestoreJobCreate::new(snapshot.into_id()?, target.name().as_str())
            .with_target_project_id(target.project_id().as_str());
        let (api, project, name) = self.cluster.parts();
        fetch_document(api.create_group_flex_cluster_backup_restore_job(project, name, &job)).await
    }

    /// Waits until one has completed. A failed job is [`ErrorKind::Failed`](crate::ErrorKind::Failed), although it has
    /// an end date. The service gives no reason.
    pub fn wait(&self, id: impl IntoId<RestoreJobId>) -> Wait<FlexRestoreJob> {
        Wait::over(&self.cluster, id.into_id(), ask)
    }
}

fn ask<'a>(cluster: &'a FlexCluster, id: &RestoreJobId) -> Pending<'a, FlexBackupRestoreJob> {
    let (api, project, name) = cluster.parts();
    api.get_group_flex_cluster_backup_restore_job(project, name, id.as_str())
}
