//! What a change of a schedule loses: shorter retentions, removed items, a shorter restore window, and copies. Each line
//! shows the old and the new value, and how many snapshots expire earlier or are deleted.

use atlas_backup::{
    AnySnapshot, Cluster,
    types::{DiskBackupCopySetting, DiskBackupPolicyItem, DiskBackupSnapshotSchedule, RetentionUnit},
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    context::{policy_items, session::Session},
    ui::exit::Outcome,
};

/// The losses of the change from `before` to `after`. Lists the snapshots of the cluster if the change affects them.
///
/// # Errors
/// The snapshots cannot be listed.
pub(super) async fn of_change(
    before: &DiskBackupSnapshotSchedule,
    after: &DiskBackupSnapshotSchedule,
    cluster: &Cluster,
    session: &Session,
) -> Outcome<Vec<String>> {
    let changes = shortened(items(before), items(after));
    let (updated, deleted) = (after.update_snapshots == Some(true), after.delete_snapshots == Some(true));
    let affected = changes.iter().any(|(_, new)| if new.is_some() { updated } else { deleted });
    let snapshots = match affected {
        true => cluster.of_any_kind().snapshots().all().await?,
        false => Vec::new(),
    };
    let mut losses: Vec<String> = changes
        .into_iter()
        .map(|(old, new)| {
            let effect = match (new, updated, deleted) {
                (Some(new), true, _) => expiring(old, new, &snapshots, session.now()),
                (None, _, true) => {
                    let count = of_frequency(old, &snapshots).count();
                    format!("{} deleted", counted(count))
                }
                _ => "existing snapshots keep their expiry".to_owned(),
            };
            let new = new.map_or_else(|| "none".to_owned(), describe);
            format!("{} -> {new}; {effect}", describe(old))
        })
        .collect();
    let (old, new) = (before.restore_window_days, after.restore_window_days);
    if let Some(old) = old.filter(|old| *old > new.unwrap_or(0)) {
        let new = new.map_or_else(|| "none".to_owned(), |days| format!("{days} days"));
        losses.push(format!("restore window of {old} days -> {new}; earlier points in time cannot be restored"));
    }
    losses.extend(lost_copies(before, after));
    Ok(losses)
}

/// All policy items of a schedule.
fn items(schedule: &DiskBackupSnapshotSchedule) -> Vec<&DiskBackupPolicyItem> {
    let policies = schedule.policies.iter().flatten();
    policies.flat_map(|policy| policy.policy_items.iter().flatten()).collect()
}

/// The items that are removed or have a shorter retention, each with its replacement.
fn shortened<'a>(
    before: Vec<&'a DiskBackupPolicyItem>,
    after: Vec<&'a DiskBackupPolicyItem>,
) -> Vec<(&'a DiskBackupPolicyItem, Option<&'a DiskBackupPolicyItem>)> {
    let replacement = |old: &DiskBackupPolicyItem| {
        let same = after.iter().find(|new| old.id.is_some() && new.id == old.id);
        same.or_else(|| after.iter().find(|new| new.frequency_type == old.frequency_type)).copied()
    };
    let changes = before.into_iter().map(|old| (old, replacement(old)));
    changes
        .filter(|(old, new)| {
            let kept = |new: &&DiskBackupPolicyItem| {
                let equal = (new.retention_value, &new.retention_unit) == (old.retention_value, &old.retention_unit);
                new.frequency_type == old.frequency_type && (equal || retention(new) >= retention(old))
            };
            !new.as_ref().is_some_and(kept)
        })
        .collect()
}

/// The retention of an item, with months of 30 days. `None`, the smallest value, if it is unknown.
fn retention(item: &DiskBackupPolicyItem) -> Option<TimeDelta> {
    let days = match item.retention_unit.as_ref()? {
        RetentionUnit::Days => 1,
        RetentionUnit::Weeks => 7,
        RetentionUnit::Months => 30,
        RetentionUnit::Years => 365,
        _ => return None,
    };
    TimeDelta::try_days(item.retention_value?.checked_mul(days)?)
}

fn describe(item: &DiskBackupPolicyItem) -> String {
    let (frequency, unit) = (item.frequency_type.as_ref(), item.retention_unit.as_ref());
    policy_items::describe_item(frequency, item.frequency_interval, item.retention_value, unit)
}

fn of_frequency<'a>(
    item: &DiskBackupPolicyItem,
    snapshots: &'a [AnySnapshot],
) -> impl Iterator<Item = &'a AnySnapshot> {
    let frequency = item.frequency_type.as_ref().map(ToString::to_string);
    snapshots.iter().filter(move |snapshot| snapshot.frequency() == frequency.as_deref())
}

/// Counts the snapshots of `old` that expire earlier with the retention of `new`, and those that expire at once.
fn expiring(
    old: &DiskBackupPolicyItem,
    new: &DiskBackupPolicyItem,
    snapshots: &[AnySnapshot],
    now: DateTime<Utc>,
) -> String {
    let kept = retention(new).unwrap_or_default();
    let ends = of_frequency(old, snapshots).filter_map(|snapshot| {
        let end = snapshot.completed_at()?.checked_add_signed(kept)?;
        snapshot.expires_at().is_none_or(|expiry| end < expiry).then_some(end)
    });
    let ends: Vec<_> = ends.collect();
    let at_once = ends.iter().filter(|end| **end <= now).count();
    match (ends.len(), at_once) {
        (earlier, 0) => format!("{} earlier", counted_expire(earlier)),
        (earlier, at_once) => format!("{} earlier, {at_once} of them at once", counted_expire(earlier)),
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 snapshot is".to_owned() } else { format!("{count} snapshots are") }
}

fn counted_expire(count: usize) -> String {
    if count == 1 { "1 snapshot expires".to_owned() } else { format!("{count} snapshots expire") }
}

/// Copies that the change stops or deletes.
fn lost_copies(before: &DiskBackupSnapshotSchedule, after: &DiskBackupSnapshotSchedule) -> Vec<String> {
    let key = |copy: &DiskBackupCopySetting| (copy.region_name.clone(), copy.zone_id.clone());
    let regions = |schedule: &DiskBackupSnapshotSchedule| -> Vec<_> {
        schedule.copy_settings.iter().flatten().map(key).collect()
    };
    let (old, new) = (regions(before), regions(after));
    let deleted: Vec<_> =
        after.delete_copied_backups.iter().flatten().filter_map(|copy| copy.region_name.clone()).collect();
    let removed = old.into_iter().filter(|copy| !new.contains(copy)).map(|(region, _)| {
        let region = region.unwrap_or_else(|| "an unnamed region".to_owned());
        let effect = match deleted.contains(&region) {
            true => "existing copies are deleted",
            false => "existing copies stay until they expire",
        };
        format!("copies to {region} -> none; {effect}")
    });
    let mut losses: Vec<_> = removed.collect();
    if after.delete_copy_snapshots == Some(true) {
        losses.push("existing copies of removed copy policy items are deleted".to_owned());
    }
    if after.update_copy_snapshots == Some(true) {
        losses.push("changed copy retentions apply to existing copies, which may expire earlier".to_owned());
    }
    losses
}

#[cfg(test)]
mod tests {
    use atlas_backup::types::SnapshotFrequency;

    use super::*;

    fn item(frequency: SnapshotFrequency, value: i64, unit: RetentionUnit) -> DiskBackupPolicyItem {
        DiskBackupPolicyItem::new(1, frequency, unit, value)
    }

    #[test]
    fn shorter_retention_is_loss_in_any_unit() {
        let daily = |value, unit| item(SnapshotFrequency::Daily, value, unit);
        for (old, new, lost) in [
            (daily(30, RetentionUnit::Days), daily(7, RetentionUnit::Days), true),
            (daily(30, RetentionUnit::Days), daily(4, RetentionUnit::Weeks), true),
            (daily(1, RetentionUnit::Years), daily(12, RetentionUnit::Months), true),
            (daily(7, RetentionUnit::Days), daily(1, RetentionUnit::Weeks), false),
            (daily(7, RetentionUnit::Days), daily(8, RetentionUnit::Days), false),
            (daily(7, RetentionUnit::Days), daily(7, RetentionUnit::Unknown("eons".into())), true),
        ] {
            assert_eq!(
                shortened(vec![&old], vec![&new]).len(),
                usize::from(lost),
                "{} {}",
                describe(&old),
                describe(&new)
            );
        }
    }

    #[test]
    fn item_of_other_frequency_does_not_replace_removed_item() {
        let (daily, weekly) = (
            item(SnapshotFrequency::Daily, 7, RetentionUnit::Days),
            item(SnapshotFrequency::Weekly, 1, RetentionUnit::Years),
        );
        let lost = shortened(vec![&daily, &weekly], vec![&weekly]);
        assert_eq!(
            lost.iter().map(|(old, new)| (describe(old), new.is_some())).collect::<Vec<_>>(),
            [(describe(&daily), false)]
        );
        // An item with the same ID that becomes another frequency is one that was removed.
        let mut renamed = weekly.clone();
        renamed.id = Some("1".into());
        let mut old = daily;
        old.id = Some("1".into());
        assert_eq!(shortened(vec![&old], vec![&renamed]).len(), 1);
    }
}
