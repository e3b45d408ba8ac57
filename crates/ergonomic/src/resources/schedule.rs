//! The schedule by which a dedicated cluster's snapshots are taken and kept.
//!
//! A change is made to the current schedule and sent as the top-level fields that it touched, each of them whole: the
//! service replaces a field that it is sent, and keeps one that it is not. What is read only is never sent, and what
//! didn't change neither, so that nothing is set by accident.

use atlas_backup_generated::types::DiskBackupSnapshotSchedule20240805;
use serde_json::Value;

use super::Cluster;
use crate::{
    document::Document,
    entity::{changed, one, recast, value_of},
    error::{Error, ErrorKind, Result},
    per_call::per_call,
};

/// A schedule as the service describes it.
pub type ScheduleDocument = Document<DiskBackupSnapshotSchedule20240805>;

/// What only the service sets.
const READ_ONLY: [&str; 4] = ["clusterId", "clusterName", "links", "nextSnapshot"];

/// The schedule of a dedicated cluster.
#[derive(Debug, Clone)]
pub struct Schedule {
    cluster: Cluster,
}

per_call!(Schedule, cluster);

impl Cluster {
    /// The schedule by which snapshots are taken.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        Schedule { cluster: self.clone() }
    }
}

impl Schedule {
    /// Gets it (`getGroupClusterBackupSchedule`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such cluster; otherwise as every call.
    pub async fn get(&self) -> Result<ScheduleDocument> {
        let bindings = self.cluster.client().bindings();
        let (project, name) = (self.cluster.project_id().as_str(), self.cluster.name().as_str());
        one(bindings.get_group_cluster_backup_schedule(project, name)).await
    }

    /// Changes it (`updateGroupClusterBackupSchedule`): gets the current one, hands it to `change`, and sends the
    /// top-level fields that are different then, each of them whole. If none is, nothing is sent and the current
    /// schedule is the answer. Changes to what is read only (`cluster_id`, `cluster_name`, `links`, `next_snapshot`)
    /// are not sent.
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
    /// The service has no way to notice that someone else changed the same field in between; the last change wins.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the change removes a field, which the service could not be told: switch it off
    /// or empty it instead. [`ErrorKind::BadRequest`] when the service refuses a value; otherwise as every call.
    pub async fn update(
        &self,
        change: impl FnOnce(&mut DiskBackupSnapshotSchedule20240805),
    ) -> Result<ScheduleDocument> {
        let current = self.get().await?;
        let mut wanted = current.document().clone();
        change(&mut wanted);
        let Some(body) = difference(current.document(), &wanted)? else { return Ok(current) };
        let bindings = self.cluster.client().bindings();
        let (project, name) = (self.cluster.project_id().as_str(), self.cluster.name().as_str());
        changed(bindings.update_group_cluster_backup_schedule(project, name, &body), self.get()).await
    }

    /// Removes all policies, so that no snapshot is scheduled any more (`deleteGroupClusterBackupSchedule`). Returns what
    /// is left of the schedule.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such cluster; otherwise as every call.
    pub async fn delete(&self) -> Result<ScheduleDocument> {
        let bindings = self.cluster.client().bindings();
        let (project, name) = (self.cluster.project_id().as_str(), self.cluster.name().as_str());
        one(bindings.delete_group_cluster_backup_schedule(project, name)).await
    }
}

/// The fields to send, `None` if there are none.
fn difference(
    before: &DiskBackupSnapshotSchedule20240805,
    after: &DiskBackupSnapshotSchedule20240805,
) -> Result<Option<DiskBackupSnapshotSchedule20240805>> {
    let (before, mut fields) = (value_of(before), value_of(after));
    let Value::Object(changed) = &mut fields else { return Ok(None) };
    let is_sent = |name: &str| !READ_ONLY.contains(&name);
    let known = || before.as_object().into_iter().flatten();
    let removed: Vec<_> =
        known().map(|(name, _)| name.as_str()).filter(|name| is_sent(name) && !changed.contains_key(*name)).collect();
    if !removed.is_empty() {
        let message = format!("a schedule's fields can't be removed, only changed: {}", removed.join(", "));
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    changed.retain(|name, value| is_sent(name) && before.get(name) != Some(value));
    match changed.is_empty() {
        true => Ok(None),
        false => recast(&fields).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schedule(document: Value) -> DiskBackupSnapshotSchedule20240805 {
        serde_json::from_value(document).expect("a schedule")
    }

    #[test]
    fn only_what_changed_is_sent_and_undocumented_fields_are_fields_too() {
        let before = schedule(json!({"clusterName": "Cluster0", "links": [], "restoreWindowDays": 2, "policies": [],
            "invented": {"a": 1, "b": 2}}));
        let mut after = before.clone();
        assert_eq!(difference(&before, &after).expect("a difference"), None);
        after.cluster_name = Some("other".to_owned());
        after.links = None;
        assert_eq!(difference(&before, &after).expect("a difference"), None, "read only");
        after.extra.insert("invented".to_owned(), json!({"a": 1, "b": 3}));
        after.update_snapshots = Some(false);
        let sent = difference(&before, &after).expect("a difference").expect("something");
        assert_eq!(value_of(&sent), json!({"invented": {"a": 1, "b": 3}, "updateSnapshots": false}));
    }

    #[test]
    fn a_field_that_can_not_be_removed_is_not_silently_kept() {
        let before = schedule(json!({"export": {"frequencyType": "monthly"}, "restoreWindowDays": 2}));
        let mut after = before.clone();
        after.export = None;
        let refused = difference(&before, &after).expect_err("it is refused");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert!(refused.to_string().ends_with(": export"), "{refused}");
    }
}
