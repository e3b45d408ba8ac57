//! The backup schedule of a dedicated cluster.
//!
//! An update changes the current schedule and sends the changed top-level fields, each complete.

use atlas_backup_generated::types::DiskBackupSnapshotSchedule;

use crate::{
    call::{
        binding::{fetch_changed, fetch_document},
        options::call_options,
    },
    model::{documents::ScheduleDocument, error::Result},
    resources::{changes::difference, clusters::Cluster},
};

/// Fields that only the service sets.
pub(super) const READ_ONLY: [&str; 4] = ["clusterId", "clusterName", "links", "nextSnapshot"];

/// The schedule of a dedicated cluster.
#[derive(Debug, Clone)]
pub struct Schedule {
    cluster: Cluster,
}

call_options!(Schedule, cluster);

impl Cluster {
    /// The schedule of its snapshots.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        Schedule { cluster: self.clone() }
    }
}

impl Schedule {
    /// Gets it (`getGroupClusterBackupSchedule`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the cluster does not exist; otherwise as every call.
    #[doc(alias("getGroupClusterBackupSchedule", "getBackupSchedule", "returnOneCloudBackupSchedule"))]
    pub async fn get(&self) -> Result<ScheduleDocument> {
        let (api, project, name) = self.cluster.parts();
        fetch_document(api.get_group_cluster_backup_schedule(project, name)).await
    }

    /// Updates it (`updateGroupClusterBackupSchedule`): gets the current schedule, passes it to `change`, and sends the
    /// changed top-level fields, each complete. Without changes nothing is sent and the current schedule is returned.
    /// Changes to read-only fields (`cluster_id`, `cluster_name`, `links`, `next_snapshot`) are not sent.
    ///
    /// ```no_run
    /// # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
    /// cluster
    ///     .schedule()
    ///     .update(|schedule| {
    ///         schedule.restore_window_days = Some(3);
    ///         // Snapshots that are there already follow the changed policy.
    ///         schedule.update_snapshots = Some(true);
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The service does not detect concurrent changes of the same field. The last change wins.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the change removes a field, which the API cannot
    /// express: disable or empty it instead. [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if the service
    /// refuses a value; otherwise as every call.
    #[doc(alias(
        "updateGroupClusterBackupSchedule",
        "updateBackupSchedule",
        "updateCloudBackupBackupPolicyForOneCluster"
    ))]
    pub async fn update(&self, change: impl FnOnce(&mut DiskBackupSnapshotSchedule)) -> Result<ScheduleDocument> {
        let current = self.get().await?;
        let mut wanted = current.document().clone();
        change(&mut wanted);
        let body = difference("a schedule", &READ_ONLY, current.document(), &wanted)?;
        let Some(body) = body else { return Ok(current) };
        let (api, project, name) = self.cluster.parts();
        fetch_changed(api.update_group_cluster_backup_schedule(project, name, &body), self.get()).await
    }

    /// Removes all policies, so that no snapshot is scheduled (`deleteGroupClusterBackupSchedule`). Returns the
    /// remaining schedule.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the cluster does not exist; otherwise as every call.
    #[doc(alias(
        "deleteGroupClusterBackupSchedule",
        "deleteClusterBackupSchedule",
        "removeAllCloudBackupSchedules",
        "deleteAllBackupSchedules"
    ))]
    pub async fn delete(&self) -> Result<ScheduleDocument> {
        let (api, project, name) = self.cluster.parts();
        fetch_document(api.delete_group_cluster_backup_schedule(project, name)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{entity::value_of, error_kind::ErrorKind};

    fn sent(
        before: &DiskBackupSnapshotSchedule,
        after: &DiskBackupSnapshotSchedule,
    ) -> Result<Option<DiskBackupSnapshotSchedule>> {
        difference("a schedule", &READ_ONLY, before, after)
    }

    fn schedule(document: Value) -> DiskBackupSnapshotSchedule {
        serde_json::from_value(document).expect("a schedule")
    }

    #[test]
    fn update_sends_only_changed_fields_including_undocumented() {
        let before = schedule(json!({"clusterName": "Cluster0", "links": [], "restoreWindowDays": 2, "policies": [],
            "invented": {"a": 1, "b": 2}}));
        let mut after = before.clone();
        assert_eq!(sent(&before, &after).expect("a difference"), None);
        after.cluster_name = Some("other".to_owned());
        after.links = None;
        assert_eq!(sent(&before, &after).expect("a difference"), None, "read only");
        after.extra.insert("invented".to_owned(), json!({"a": 1, "b": 3}));
        after.update_snapshots = Some(false);
        let body = sent(&before, &after).expect("a difference").expect("something");
        assert_eq!(value_of(&body), json!({"invented": {"a": 1, "b": 3}, "updateSnapshots": false}));
    }

    #[test]
    fn removing_required_field_is_an_error() {
        let before = schedule(json!({"export": {"frequencyType": "monthly"}, "restoreWindowDays": 2}));
        let mut after = before.clone();
        after.export = None;
        let refused = sent(&before, &after).expect_err("it is refused");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert!(refused.to_string().ends_with(": export"), "{refused}");
    }
}
