//! Summaries of a schedule and of a compliance policy in the same form, so that rules can compare them.

use std::collections::BTreeSet;

use atlas_backup::{
    CompliancePolicyDocument,
    types::{
        CompliancePolicyState, DiskBackupCopyPolicyItem, DiskBackupCopySetting, DiskBackupSnapshotSchedule,
        RetentionUnit, SnapshotFrequency,
    },
};

/// The frequencies of a schedule, most frequent first.
pub(crate) const FREQUENCIES: [&str; 5] = ["hourly", "daily", "weekly", "monthly", "yearly"];

/// An item of a schedule or policy, with its retention in days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) frequency: String,
    pub(crate) interval: i64,
    pub(crate) days: i64,
}

/// Summary of a snapshot schedule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ScheduleSummary {
    pub(crate) items: Vec<Item>,
    pub(crate) window_days: Option<i64>,
    pub(crate) copies: Vec<CopyRegion>,
}

/// A region that a schedule copies snapshots to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CopyRegion {
    pub(crate) region: String,
    pub(crate) which: CopySelection,
}

/// The snapshots that are copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CopySelection {
    /// The newest N snapshots.
    Newest(usize),
    /// Snapshots of these frequencies, with the retention of the copy in days, if separate.
    Of(Vec<(String, Option<i64>)>),
}

/// Summary of a compliance policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ComplianceSummary {
    pub(crate) items: Vec<Item>,
    pub(crate) window_days: Option<i64>,
}

impl ScheduleSummary {
    pub(crate) fn of(schedule: &DiskBackupSnapshotSchedule) -> Self {
        let items = schedule.policies.iter().flatten().flat_map(|policy| policy.policy_items.iter().flatten());
        let items = items.map(|item| {
            let (frequency, unit) = (item.frequency_type.as_ref(), item.retention_unit.as_ref());
            Item {
                frequency: word(frequency),
                interval: item.frequency_interval.unwrap_or(1),
                days: days(item.retention_value, unit),
            }
        });
        ScheduleSummary {
            items: items.collect(),
            window_days: schedule.restore_window_days,
            copies: schedule.copy_settings.iter().flatten().filter_map(|copy| CopyRegion::of(copy, schedule)).collect(),
        }
    }

    /// The regions that snapshots are copied to.
    pub(crate) fn copy_regions_of(&self) -> BTreeSet<&str> {
        self.copies.iter().map(|copy| copy.region.as_str()).collect()
    }

    /// Retention of the most frequent snapshots. Gaps before it are by design.
    pub(crate) fn most_frequent_retention_days(&self) -> Option<i64> {
        FREQUENCIES.iter().find_map(|name| self.items.iter().find(|item| item.frequency == *name)).map(|item| item.days)
    }
}

impl CopyRegion {
    fn of(copy: &DiskBackupCopySetting, schedule: &DiskBackupSnapshotSchedule) -> Option<Self> {
        let newest = copy.last_number_of_snapshots.and_then(|count| usize::try_from(count).ok());
        let which = match (newest, schedule.copy_policy_items_enabled) {
            (Some(count), _) => CopySelection::Newest(count),
            (None, Some(true)) => {
                let items = copy.copy_policy_items.iter().flatten();
                let kept = items.filter_map(|item| match item {
                    DiskBackupCopyPolicyItem::TimeBased(item) => {
                        let days = days(item.retention_value, item.retention_unit.as_ref());
                        Some((word(item.frequency_type.as_ref()), Some(days)))
                    }
                    DiskBackupCopyPolicyItem::Ondemand(item) => Some((word(item.frequency_type.as_ref()), None)),
                    _ => None,
                });
                CopySelection::Of(kept.collect())
            }
            // The service writes ON_DEMAND here, and ondemand in snapshots.
            (None, _) => {
                let named = copy.frequencies.iter().flatten();
                CopySelection::Of(
                    named.map(|name| (name.as_str().to_ascii_lowercase().replace('_', ""), None)).collect(),
                )
            }
        };
        Some(CopyRegion { region: copy.region_name.clone()?, which })
    }
}

impl ComplianceSummary {
    /// `None` for a policy that is not active.
    pub(crate) fn of(policy: &CompliancePolicyDocument) -> Option<Self> {
        if matches!(policy.state, None | Some(CompliancePolicyState::Disabling)) {
            return None;
        }
        let items = policy.scheduled_policy_items.iter().flatten().map(|item| Item {
            frequency: word(item.frequency_type.as_ref()),
            interval: item.frequency_interval.unwrap_or(1),
            days: days(item.retention_value, item.retention_unit.as_ref()),
        });
        Some(ComplianceSummary { items: items.collect(), window_days: policy.restore_window_days })
    }
}

/// The longest retention of a frequency in days.
pub(crate) fn longest_retention(items: &[Item], frequency: &str) -> Option<i64> {
    items.iter().filter(|item| item.frequency == frequency).map(|item| item.days).max()
}

fn days(value: Option<i64>, unit: Option<&RetentionUnit>) -> i64 {
    let each = match unit {
        Some(RetentionUnit::Weeks) => 7,
        Some(RetentionUnit::Months) => 30,
        Some(RetentionUnit::Years) => 365,
        _ => 1,
    };
    value.unwrap_or(0).saturating_mul(each)
}

fn word(frequency: Option<&SnapshotFrequency>) -> String {
    frequency.map_or_else(String::new, |frequency| frequency.as_str().to_owned())
}
