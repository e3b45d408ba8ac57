//! The snapshot schedule of a cluster: when snapshots are due and how long each kind is kept.
//!
//! The record is the same for all resource versions. The view adds the differences.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    ids::ObjectId,
    record::{Checks, Record},
    snapshots::Frequency,
};

/// The schedule of a cluster.
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
    /// Restore window.
    pub(crate) restore_window_days: i64,
    pub(crate) auto_export: bool,
    /// Bucket and frequency of the automatic export, as requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) export: Option<Value>,
    pub(crate) copy_policy_items: bool,
    /// Whether the copy settings follow the cluster's regions by themselves.
    #[serde(default)]
    pub(crate) auto_copy: bool,
    /// As requested, with `zoneId`.
    pub(crate) copy_settings: Vec<Value>,
    pub(crate) extra_retention: Vec<Value>,
    pub(crate) names_in_export_prefix: bool,
}

impl Record for Schedule {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.require(self.reference_hour < 24, "referenceHour", "is not between 0 and 23");
        checks.require(self.reference_minute < 60, "referenceMinute", "is not between 0 and 59");
    }
}

/// The time up to which the schedule of a cluster was executed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ScheduleProgress {
    pub(crate) until: DateTime<Utc>,
}

impl Record for ScheduleProgress {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.moment("until", self.until);
    }
}

/// A policy item: frequency and retention.
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

    /// Retention of its snapshots.
    pub(crate) fn retention(&self) -> Option<TimeDelta> {
        retention(&self.retention_unit, self.retention_value)
    }

    /// Its retention in calendar days, for comparison. A year is twelve months.
    pub(crate) fn nominal_days(&self) -> i64 {
        let days = match self.retention_unit.to_ascii_lowercase().as_str() {
            "weeks" => 7,
            "months" => 30,
            "years" => 360,
            _ => 1,
        };
        self.retention_value.saturating_mul(days)
    }

    /// Whether one of its snapshots is due on `day`.
    fn is_due_on(&self, day: NaiveDate) -> bool {
        match self.frequency {
            Frequency::Hourly | Frequency::Daily => true,
            Frequency::Weekly => i64::from(day.weekday().number_from_monday()) == self.interval,
            Frequency::Monthly if self.interval == LAST_DAY => day.succ_opt().is_none_or(|next| next.day() == 1),
            Frequency::Monthly => i64::from(day.day()) == self.interval,
            Frequency::Yearly => day.day() == 1 && i64::from(day.month()) == self.interval,
            Frequency::OnDemand => false,
        }
    }

    /// Seconds between two of its times on a day, or to the next day.
    fn step(&self) -> i64 {
        let hours = if self.frequency == Frequency::Hourly { self.interval.clamp(1, 24) } else { 24 };
        hours * 3600
    }
}

/// Day of month that means the last day.
pub(crate) const LAST_DAY: i64 = 40;
/// Maximum number of days to look back: no clock is further behind a schedule, because retentions are limited to years.
const MAX_DAYS: i64 = 200 * 366;
/// Maximum number of scheduled snapshots created when a clock jumps far: the newest ones.
const MAX_DUE: usize = 5_000;

impl Schedule {
    /// The default schedule when backup is enabled.
    pub(crate) fn default_for_cluster(mut id: impl FnMut() -> ObjectId) -> Self {
        Self {
            policy: id(),
            items: vec![
                PolicyItem::new(id(), Frequency::Hourly, 6, "days", 7),
                PolicyItem::new(id(), Frequency::Daily, 1, "days", 7),
                PolicyItem::new(id(), Frequency::Weekly, 6, "weeks", 4),
                PolicyItem::new(id(), Frequency::Monthly, LAST_DAY, "months", 12),
                PolicyItem::new(id(), Frequency::Yearly, 12, "years", 1),
            ],
            reference_hour: 3,
            reference_minute: 16,
            restore_window_days: 7,
            auto_export: false,
            export: None,
            copy_policy_items: false,
            auto_copy: false,
            copy_settings: Vec::new(),
            extra_retention: Vec::new(),
            names_in_export_prefix: false,
        }
    }

    /// Whether snapshots are automatically exported to this bucket.
    pub(crate) fn exports_to(&self, bucket: ObjectId) -> bool {
        let named = self.export.as_ref().and_then(|export| export["exportBucketId"].as_str());
        self.auto_export && named.is_some_and(|named| named.parse() == Ok(bucket))
    }

    /// The item of one frequency.
    pub(crate) fn item(&self, frequency: Frequency) -> Option<&PolicyItem> {
        self.items.iter().find(|item| item.frequency == frequency)
    }

    /// Retention of the snapshots of an item, with the extra days of their frequency.
    pub(crate) fn retention_of(&self, item: &PolicyItem) -> TimeDelta {
        let kept = item.retention().unwrap_or_default();
        kept.checked_add(&self.extra_retention(item.frequency)).unwrap_or(kept)
    }

    /// Days added to the retention of snapshots of one frequency.
    pub(crate) fn extra_retention(&self, frequency: Frequency) -> TimeDelta {
        let named = |setting: &&Value| setting["frequencyType"] == frequency.in_capitals();
        let days = self.extra_retention.iter().find(named).and_then(|setting| setting["retentionDays"].as_i64());
        TimeDelta::try_days(days.unwrap_or(0).clamp(0, MAX_DAYS)).unwrap_or_default()
    }

    /// The items with a snapshot due at `moment`, the least frequent first.
    pub(crate) fn items_at(&self, moment: DateTime<Utc>) -> Vec<&PolicyItem> {
        let wants = |item: &&PolicyItem| {
            item.is_due_on(moment.date_naive()) && (moment - self.reference(moment)).num_seconds() % item.step() == 0
        };
        let mut items: Vec<_> = self.items.iter().filter(wants).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.frequency));
        items
    }

    /// The times after `after`, up to and including `until`, whose snapshots are still kept at `until`, oldest first.
    pub(crate) fn due(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let mut moments = BTreeSet::new();
        for item in &self.items {
            // A margin, because retention counts from completion.
            let until_then = until - TimeDelta::hours(1);
            let oldest = until_then.checked_sub_signed(self.retention_of(item)).unwrap_or(after).max(after);
            let (step, days) = (item.step(), (until - oldest).num_days().clamp(0, MAX_DAYS) + 2);
            let dates = (0..=days).filter_map(|back| until.date_naive().checked_sub_days(Days::new(back as u64)));
            let moments_of = |day: NaiveDate| {
                let first = self.reference_on(day);
                (0..86_400 / step).map(move |n| first + TimeDelta::seconds(n * step))
            };
            // The times of a day extend into the next one, up to the reference time.
            let due = dates.filter(|day| item.is_due_on(*day)).flat_map(moments_of);
            moments.extend(due.filter(|moment| oldest < *moment && *moment <= until).take(MAX_DUE));
        }
        let surplus = moments.len().saturating_sub(MAX_DUE);
        moments.into_iter().skip(surplus).collect()
    }

    /// Time of the next snapshot.
    pub(crate) fn next_snapshot(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // Frequent items first, so that the search for less frequent ones stops at the next of theirs.
        self.items.iter().fold(None, |next, item| match (next, self.next_of(item, now, next)) {
            (Some(next), Some(other)) => Some(other.min(next)),
            (next, other) => next.or(other),
        })
    }

    /// Time of the next snapshot of one item, unless it is after the day of `before`.
    fn next_of(&self, item: &PolicyItem, now: DateTime<Utc>, before: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let yesterday = now.date_naive().pred_opt()?;
        let near = |day: &NaiveDate| before.is_none_or(|before| *day <= before.date_naive());
        let day = yesterday.iter_days().take(368).take_while(near).find(|day| {
            // Its last time on that day is still ahead.
            let last = self.reference_on(*day) + TimeDelta::seconds(86_400 - item.step());
            item.is_due_on(*day) && last > now
        })?;
        let first = self.reference_on(day);
        let passed = (now - first).num_seconds();
        Some(if passed < 0 { first } else { first + Duration::seconds((passed / item.step() + 1) * item.step()) })
    }

    /// The latest reference time that is not after `moment`.
    fn reference(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let today = self.reference_on(moment.date_naive());
        if today <= moment { today } else { today - Duration::days(1) }
    }

    fn reference_on(&self, day: NaiveDate) -> DateTime<Utc> {
        let time = NaiveTime::from_hms_opt(self.reference_hour, self.reference_minute, 0).unwrap_or_default();
        day.and_time(time).and_utc()
    }
}

/// A retention in its unit, in any case. `None` if it is not positive.
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
    fn next_snapshot_follows_reference_time() {
        let mut schedule = Schedule::default_for_cluster(ObjectId::default);
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
    fn retention_must_be_positive_when_set() {
        assert_eq!(retention("WEEKS", 2), Some(TimeDelta::days(14)));
        for (unit, value) in [("days", 0), ("days", -1), ("fortnights", 1), ("years", i64::MAX)] {
            assert_eq!(retention(unit, value), None, "{value} {unit}");
        }
    }
}
