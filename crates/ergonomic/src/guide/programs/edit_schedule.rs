use atlas_backup::{Cluster, Result, ScheduleDocument};

/// Keeps daily snapshots for `days`, and makes the last three days restorable to any moment.
pub(crate) async fn keep_daily_snapshots(cluster: &Cluster, days: i64) -> Result<ScheduleDocument> {
    cluster
        .schedule()
        .update(|schedule| {
            schedule.restore_window_days = Some(3);
            let policies = schedule.policies.iter_mut().flatten();
            for item in policies.flat_map(|policy| policy.policy_items.iter_mut().flatten()) {
                if item.frequency_type.as_ref().is_some_and(|frequency| frequency.as_str() == "daily") {
                    item.retention_unit = Some("days".into());
                    item.retention_value = Some(days);
                }
            }
        })
        .await
}
