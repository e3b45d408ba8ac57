//! Policy items of schedules and compliance policies as flags: how often, and for how long.
//!
//! `--daily 1:30d` means: every day, kept for 30 days. The interval has the meaning of the service: hours between
//! hourly snapshots, day of the week (1 is Monday), day of the month (40 is the last day), or month of the year. The
//! spellings of the official command line are also accepted.

use std::{fmt::Display, str::FromStr};

use atlas_backup::{
    ScheduleDocument,
    types::{RetentionUnit, SnapshotFrequency},
};
use chrono::Month;
use clap::Args;

/// A policy item: interval and retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) interval: i64,
    pub(crate) kept: RetentionFlag,
}

/// A retention with its unit. As arguments, the flags of the official command line.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct RetentionFlag {
    /// Unit of the retention: days, weeks, months or years.
    #[arg(long = "retentionUnit", value_name = "UNIT", value_parser = unit)]
    pub(crate) unit: RetentionUnit,
    /// Number of units.
    #[arg(long = "retentionValue", value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) value: i64,
}

/// Policy items as flags.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ItemFlags {
    /// Hourly item, such as 6:7d: every 6 hours (1, 2, 4, 6, 8 or 12), kept for 7 days; or none.
    #[arg(long, value_name = "HOURS:RETENTION")]
    hourly: Option<ItemChoice>,
    /// Daily item, such as 1:30d: every day, kept for 30 days; or none.
    #[arg(long, value_name = "1:RETENTION")]
    daily: Option<ItemChoice>,
    /// Weekly item, such as 6:4w: on Saturday, kept for 4 weeks; or none.
    #[arg(long, value_name = "DAY:RETENTION")]
    weekly: Option<ItemChoice>,
    /// Monthly item, such as 40:12m: on the last day (1 to 28, or 40), kept for 12 months; or none.
    #[arg(long, value_name = "DAY:RETENTION")]
    monthly: Option<ItemChoice>,
    /// Yearly item, such as 12:1y: in December, kept for 1 year; or none.
    #[arg(long, value_name = "MONTH:RETENTION")]
    yearly: Option<ItemChoice>,
}

/// A policy item, or `none` to remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ItemChoice {
    Some(Item),
    None,
}

impl ItemFlags {
    /// The given flags by frequency: an item, or `None` to remove it.
    pub(crate) fn chosen(&self) -> impl Iterator<Item = (SnapshotFrequency, Option<&Item>)> {
        use SnapshotFrequency::{Daily, Hourly, Monthly, Weekly, Yearly};
        [
            (Hourly, &self.hourly),
            (Daily, &self.daily),
            (Weekly, &self.weekly),
            (Monthly, &self.monthly),
            (Yearly, &self.yearly),
        ]
        .into_iter()
        .filter_map(|(frequency, choice)| match choice.as_ref()? {
            ItemChoice::Some(item) => Some((frequency, Some(item))),
            ItemChoice::None => Some((frequency, None)),
        })
    }
}

/// A policy item in the flags of the official command line.
#[derive(Debug, Clone, Args)]
pub(crate) struct OfficialItemFlags {
    /// Frequency: hourly, daily, weekly, monthly or yearly.
    #[arg(long = "frequencyType", value_name = "FREQUENCY", value_parser = frequency)]
    frequency: SnapshotFrequency,
    /// Hours between hourly snapshots, day of the week or month, or month.
    #[arg(long = "frequencyInterval", value_name = "N")]
    interval: i64,
    #[command(flatten)]
    kept: RetentionFlag,
}

impl OfficialItemFlags {
    pub(crate) fn read(self) -> (SnapshotFrequency, Item) {
        (self.frequency, Item { interval: self.interval, kept: self.kept })
    }
}

/// An item that replaces an existing one, in the spelling of the official command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemReplacement {
    pub(crate) policy: String,
    pub(crate) id: String,
    pub(crate) frequency: SnapshotFrequency,
    pub(crate) item: Item,
}

impl FromStr for ItemReplacement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<_> = text.split(',').map(str::trim).collect();
        let [policy, id, often, interval, unit_name, value] = parts[..] else {
            return Err("expected POLICY,ITEM,FREQUENCY,INTERVAL,UNIT,VALUE, where POLICY and ITEM are IDs".to_owned());
        };
        let interval = number(interval)?;
        let value = Some(number(value)?).filter(|value| *value > 0).ok_or("expected a retention value above 0")?;
        let item = Item { interval, kept: RetentionFlag { value, unit: unit(unit_name)? } };
        Ok(ItemReplacement { policy: policy.to_owned(), id: id.to_owned(), frequency: frequency(often)?, item })
    }
}

/// Parses the frequency of automatic exports. The service exports no hourly snapshots.
pub(crate) fn export_frequency(text: &str) -> Result<SnapshotFrequency, String> {
    match frequency(text)? {
        SnapshotFrequency::Hourly => Err("hourly snapshots cannot be exported automatically".to_owned()),
        frequency => Ok(frequency),
    }
}

/// Parses the frequency of a scheduled item.
pub(crate) fn frequency(text: &str) -> Result<SnapshotFrequency, String> {
    match text.parse() {
        Ok(SnapshotFrequency::Unknown(_) | SnapshotFrequency::Ondemand) | Err(_) => {
            Err(format!("invalid frequency {text:?}: expected hourly, daily, weekly, monthly or yearly"))
        }
        Ok(frequency) => Ok(frequency),
    }
}

fn unit(text: &str) -> Result<RetentionUnit, String> {
    Ok(match text {
        "d" | "day" | "days" => RetentionUnit::Days,
        "w" | "week" | "weeks" => RetentionUnit::Weeks,
        "m" | "month" | "months" => RetentionUnit::Months,
        "y" | "year" | "years" => RetentionUnit::Years,
        other => return Err(format!("invalid unit {other:?}: expected d (days), w (weeks), m (months) or y (years)")),
    })
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("invalid number {text:?}"))
}

impl FromStr for ItemChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(ItemChoice::None);
        }
        let (interval, kept) = text.split_once(':').ok_or("expected INTERVAL:RETENTION, such as 1:30d, or none")?;
        Ok(ItemChoice::Some(Item { interval: number(interval)?, kept: kept.parse()? }))
    }
}

impl FromStr for RetentionFlag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (value, unit) = text.split_at(digits);
        let value = value.parse().ok().filter(|value| *value > 0);
        let value = value
            .ok_or_else(|| format!("invalid retention {text:?}: expected a number above 0 and a unit, such as 30d"))?;
        Ok(RetentionFlag { value, unit: self::unit(unit.trim())? })
    }
}

/// Describes an item: `every 6 hours, kept for 7 days`.
pub(crate) fn describe_item(
    frequency: Option<&SnapshotFrequency>,
    interval: Option<i64>,
    value: Option<i64>,
    unit: Option<&RetentionUnit>,
) -> String {
    let often = match (frequency, interval) {
        (Some(SnapshotFrequency::Hourly), Some(1)) => "every hour".to_owned(),
        (Some(SnapshotFrequency::Hourly), Some(hours)) => format!("every {hours} hours"),
        (Some(SnapshotFrequency::Daily), _) => "every day".to_owned(),
        (Some(SnapshotFrequency::Weekly), Some(day)) => {
            let name = usize::try_from(day - 1).ok().and_then(|day| DAYS.get(day).copied());
            format!("weekly on {}", or_number(name, "day", day))
        }
        (Some(SnapshotFrequency::Monthly), Some(40)) => "monthly on the last day".to_owned(),
        (Some(SnapshotFrequency::Monthly), Some(day)) => format!("monthly on day {day}"),
        (Some(SnapshotFrequency::Yearly), Some(month)) => {
            let name = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok());
            format!("yearly in {}", or_number(name.as_ref().map(Month::name), "month", month))
        }
        (Some(SnapshotFrequency::Ondemand), _) => "on demand".to_owned(),
        (other, _) => or_unknown(other),
    };
    format!("{often}, {}", describe_retention(value, unit))
}

/// Describes the items of the first policy.
pub(crate) fn describe_schedule(schedule: &ScheduleDocument) -> Option<Vec<String>> {
    let policy = schedule.policies.as_ref()?.first()?;
    let items = policy.policy_items.as_ref()?.iter().map(|item| {
        let (frequency, unit) = (item.frequency_type.as_ref(), item.retention_unit.as_ref());
        describe_item(frequency, item.frequency_interval, item.retention_value, unit)
    });
    Some(items.collect())
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// The name of a day or month, or its number if the name is unknown.
fn or_number(name: Option<&str>, what: &str, number: i64) -> String {
    name.map_or_else(|| format!("{what} {number}"), str::to_owned)
}

/// Describes a retention: `kept for 7 days`.
pub(crate) fn describe_retention(value: Option<i64>, unit: Option<&RetentionUnit>) -> String {
    let unit = or_unknown(unit);
    let unit = if value == Some(1) { unit.trim_end_matches('s') } else { &unit };
    format!("kept for {} {unit}", or_unknown(value))
}

fn or_unknown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_item_parses_interval_and_retention() {
        for (text, interval, value, unit) in [
            ("6:7d", 6, 7, RetentionUnit::Days),
            ("1:30 days", 1, 30, RetentionUnit::Days),
            ("6:4w", 6, 4, RetentionUnit::Weeks),
            ("40:12months", 40, 12, RetentionUnit::Months),
            ("12:1y", 12, 1, RetentionUnit::Years),
        ] {
            let item = Item { interval, kept: RetentionFlag { value, unit } };
            assert_eq!(text.parse(), Ok(ItemChoice::Some(item)), "{text}");
        }
        assert_eq!("none".parse(), Ok(ItemChoice::None));
        for nonsense in ["", "6", "6:", "x:7d", "6:0d", "6:7", "6:7h", "6:d"] {
            assert!(nonsense.parse::<ItemChoice>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn official_policy_item_names_item_to_replace() {
        let replacement: ItemReplacement = "p,i,yearly,12,years,3".parse().expect("an item");
        let item = Item { interval: 12, kept: RetentionFlag { value: 3, unit: RetentionUnit::Years } };
        let (policy, id) = ("p".to_owned(), "i".to_owned());
        assert_eq!(replacement, ItemReplacement { policy, id, frequency: SnapshotFrequency::Yearly, item });
        for (nonsense, expected) in [
            ("p,i,yearly,12,years", "expected POLICY,ITEM"),
            ("p,i,yearly,12,years,3,4", "expected POLICY,ITEM"),
            ("p,i,never,12,years,3", "invalid frequency \"never\""),
            ("p,i,ondemand,12,years,3", "invalid frequency"),
            ("p,i,yearly,x,years,3", "invalid number \"x\""),
            ("p,i,yearly,12,hours,3", "invalid unit \"hours\""),
            ("p,i,yearly,12,years,0", "retention value above 0"),
        ] {
            let problem = nonsense.parse::<ItemReplacement>().expect_err(nonsense);
            assert!(problem.contains(expected), "{nonsense}: {problem}");
        }
    }
}
