//! Restore jobs of flex clusters: over a cluster, or as a download; list, get, wait.
//!
//! A job goes from `PENDING` over `RUNNING` to `COMPLETED` or `FAILED`. Starting one is never repeated unless it surely
//! was not begun. Downloads begin in `downloads`.

use atlas_backup_generated::types::{FlexBackupRestoreJob20241113, FlexBackupRestoreJobCreate20241113, FlexStatus};

use super::FlexCluster;
use crate::{
    entity::{Entity, one},
    error::Result,
    ids::{IntoId, RestoreJobId, SnapshotId},
    paging::{List, fetch},
    per_call::per_call,
    wait::{Outcome, Wait},
};

/// A restore job of a flex cluster.
pub type FlexRestoreJob = Entity<RestoreJobId, FlexBackupRestoreJob20241113>;

/// The restore jobs of a flex cluster, known by the cluster whose backups they read.
#[derive(Debug, Clone)]
pub struct FlexRestores {
    pub(super) cluster: FlexCluster,
}

per_call!(FlexRestores, cluster);

impl FlexCluster {
    /// The restore jobs that read this cluster's backups, downloads among them.
    #[must_use]
    pub fn restores(&self) -> FlexRestores {
        FlexRestores { cluster: self.clone() }
    }
}

impl FlexRestores {
    /// Lists them (`listGroupFlexClusterBackupRestoreJobs`).
    pub fn list(&self) -> List<FlexRestoreJob> {
        let cluster = self.cluster.clone();
        List::new(move |q| {
            let cluster = cluster.clone();
            async move {
                let bindings = cluster.client().bindings();
                fetch(bindings.list_group_flex_cluster_backup_restore_jobs(
                    cluster.project_id().as_str(),
                    cluster.name().as_str(),
                    q.include_count,
                    q.items_per_page,
                    q.page_num,
                ))
                .await
            }
        })
    }

    /// Gets one (`getGroupFlexClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id; otherwise as every call.
    pub async fn get(&self, id: impl IntoId<RestoreJobId>) -> Result<FlexRestoreJob> {
        self.fetch(id.into_id()?).await
    }

    /// Restores a snapshot over `target`, **whose data it replaces** (`createGroupFlexClusterBackupRestoreJob`); then
    /// [`wait`](Self::wait). The target may be this cluster or another one, also of another project.
    ///
    /// The request is repeated only when it surely was not executed. If the connection breaks midway there may be a job
    /// though the call failed: list to find out.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when it or the target is not there; otherwise as every call.
    pub async fn create(&self, snapshot: impl IntoId<SnapshotId>, target: &FlexCluster) -> Result<FlexRestoreJob> {
        let job = FlexBackupRestoreJobCreate20241113::new(snapshot.into_id()?, target.name().as_str())
            .with_target_project_id(target.project_id().as_str());
        one(self.cluster.client().bindings().create_group_flex_cluster_backup_restore_job(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            &job,
        ))
        .await
    }

    /// Waits until one has completed. A failed one is [`ErrorKind::Failed`](crate::ErrorKind::Failed), though it has a
    /// date on which it finished; the service gives no reason.
    pub fn wait(&self, id: impl IntoId<RestoreJobId>) -> Wait<FlexRestoreJob> {
        let restores = self.clone();
        let fetch = move |id| {
            let restores = restores.clone();
            async move { restores.fetch(id).await }
        };
        Wait::by_id(id.into_id(), fetch, |job: &FlexRestoreJob| judge(job))
    }

    async fn fetch(&self, id: RestoreJobId) -> Result<FlexRestoreJob> {
        one(self.cluster.client().bindings().get_group_flex_cluster_backup_restore_job(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            id.as_str(),
        ))
        .await
    }
}

/// What a job says to whoever waits for it.
fn judge(job: &FlexBackupRestoreJob20241113) -> Outcome {
    match job.status {
        Some(FlexStatus::Completed) => Outcome::Done,
        Some(FlexStatus::Failed) => Outcome::Failed("the service says that it failed"),
        _ => Outcome::Pending,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failed_job_is_not_done_though_it_has_finished() {
        let judged = |status: &str| {
            let job = json!({"status": status, "restoreFinishedDate": "2026-08-10T03:04:32Z"});
            judge(&serde_json::from_value(job).expect("a job"))
        };
        assert_eq!(judged("COMPLETED"), Outcome::Done);
        assert!(matches!(judged("FAILED"), Outcome::Failed(_)));
        for status in ["PENDING", "QUEUED", "RUNNING", "NEVER_HEARD_OF"] {
            assert_eq!(judged(status), Outcome::Pending, "{status}");
        }
    }
}
