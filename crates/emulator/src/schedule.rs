//! A cluster's snapshot schedule: when snapshots are due and how long each kind is kept.
//!
//! The record is the same whichever resource version asked; what differs between versions is put on in the view.

use chrono::{DateTime, Duration, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{records::Frequency, state::ObjectId};

/// A cluster's schedule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Schedule {
    /// The id of its only policy.
    pub(crate) policy: ObjectId,
    pub(crate) items: Vec<PolicyItem>,
    /// UTC, 0 to 23.
    pub(crate) reference_hour: u32,
    /// 0 to 59.
    pub(crate) reference_minute: u32,
    /// How far back a point in time may lie.
    pub(crate) restore_window_days: i64,
    pub(crate) auto_export: bool,
    /// Bucket and frequency of the automatic export, as they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) export: Option<Value>,
    pub(crate) copy_policy_items: bool,
    /// As they were asked for, with `zoneId`.
    pub(crate) copy_settings: Vec<Value>,
    pub(crate) extra_retention: Vec<Value>,
    pub(crate) names_in_export_prefix: bool,
}

/// One kind of snapshot: how often, and how long it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PolicyItem {
    pub(crate) id: ObjectId,
    pub(crate) frequency: Frequency,
    pub(crate) interval: i64,
    /// `days`, `weeks`, `months` or `years`.
    pub(crate) retention_unit: String,
    pub(crate) retention_value: i64,
}

impl PolicyItem {
    fn new(id: ObjectId, frequency: Frequency, interval: i64, unit: &str, value: i64) -> Self {
        Self { id, frequency, interval, retention_unit: unit.to_owned(), retention_value: value }
    }

    /// How long its snapshots are kept.
    pub(crate) fn retention(&self) -> Option<TimeDelta> {
        retention(&self.retention_unit, self.retention_value)
    }
}

impl Schedule {
    /// What a cluster gets when backup is switched on.
    pub(crate) fn usual(mut id: impl FnMut() -> ObjectId) -> Self {
        Self {
            policy: id(),
            items: vec![
                PolicyItem::new(id(), Frequency::Hourly, 6, "days", 7),
                PolicyItem::new(id(), Frequency::Daily, 1, "days", 7),
                PolicyItem::new(id(), Frequency::Weekly, 6, "weeks", 4),
                PolicyItem::new(id(), Frequency::Monthly, 40, "months", 12),
                PolicyItem::new(id(), Frequency::Yearly, 12, "years", 1),
            ],
            reference_hour: 3,
            reference_minute: 16,
            restore_window_days: 7,
            auto_export: false,
            export: None,
            copy_policy_items: false,
            copy_settings: Vec::new(),
            extra_retention: Vec::new(),
            names_in_export_prefix: true,
        }
    }

    /// The item of one frequency.
    pub(crate) fn item(&self, frequency: Frequency) -> Option<&PolicyItem> {
        self.items.iter().find(|item| item.frequency == frequency)
    }

    /// When the next snapshot is due: every so many hours from the reference time, or once a day from it.
    pub(crate) fn next_snapshot(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let scheduled = self.items.iter().any(|item| item.frequency != Frequency::OnDemand);
        let hours = self.item(Frequency::Hourly).map_or(24, |item| item.interval.clamp(1, 24));
        let reference = now.with_hour(self.reference_hour)?.with_minute(self.reference_minute)?.with_second(0)?;
        let mut next = reference.with_nanosecond(0)? - Duration::days(1);
        while next <= now {
            next += Duration::hours(hours);
        }
        scheduled.then_some(next)
    }
}

/// A retention in its unit, whichever case it is written in; `None` where it is no time at all.
pub(crate) fn retention(unit: &str, value: i64) -> Option<TimeDelta> {
    let days = match unit.to_ascii_lowercase().as_str() {
        "days" => 1,
        "weeks" => 7,
        "months" => 31,
        "years" => 366,
        _ => return None,
    };
    TimeDelta::try_days(value.checked_mul(days)?).filter(|r| *r > TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_snapshot_keeps_to_the_reference_time() {
        let mut schedule = Schedule::usual(ObjectId::default);
        for (now, next) in [
            ("2026-09-01T00:00:00Z", "2026-09-01T03:16:00Z"),
            ("2026-09-01T03:16:00Z", "2026-09-01T09:16:00Z"),
            ("2026-09-01T22:00:00Z", "2026-09-02T03:16:00Z"),
        ] {
            assert_eq!(schedule.next_snapshot(at(now)), Some(at(next)), "{now}");
        }
        schedule.items.retain(|item| item.frequency != Frequency::Hourly);
        assert_eq!(schedule.next_snapshot(at("2026-09-01T04:00:00Z")), Some(at("2026-09-02T03:16:00Z")));
        schedule.items.clear();
        assert_eq!(schedule.next_snapshot(at("2026-09-01T04:00:00Z")), None);
    }

    #[test]
    fn a_retention_is_some_time_or_none() {
        assert_eq!(retention("WEEKS", 2), Some(TimeDelta::days(14)));
        for (unit, value) in [("days", 0), ("days", -1), ("fortnights", 1), ("years", i64::MAX)] {
            assert_eq!(retention(unit, value), None, "{value} {unit}");
        }
    }
}
