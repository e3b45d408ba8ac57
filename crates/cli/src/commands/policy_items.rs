//! How often, and for how long: the items that snapshot schedules and compliance policies are made of, as flags.
//!
//! `--daily 1:30d` reads: every day, kept for 30 days. The interval is what the service calls so: hours between hourly
//! snapshots, the day of the week (1 is Monday), the day of the month (40 is the last), the month of the year.

use std::{fmt::Display, str::FromStr};

use atlas_backup::types::{RetentionUnit, SnapshotFrequency};
use clap::Args;

/// How often, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) interval: i64,
    pub(crate) kept: Kept,
}

/// A retention in its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) value: i64,
    pub(crate) unit: RetentionUnit,
}

/// The items as flags.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Items {
    /// Hourly snapshots, such as 6:7d: every 6 hours (1, 2, 4, 6, 8 or 12), kept for 7 days; or none.
    #[arg(long, value_name = "HOURS:KEPT")]
    hourly: Option<Choice>,
    /// Daily snapshots, such as 1:30d; or none.
    #[arg(long, value_name = "1:KEPT")]
    daily: Option<Choice>,
    /// Weekly snapshots, such as 6:4w: on day 6, a Saturday, kept for 4 weeks; or none.
    #[arg(long, value_name = "DAY:KEPT")]
    weekly: Option<Choice>,
    /// Monthly snapshots, such as 40:12m: on the last day of the month (1 to 28, or 40), kept for 12 months; or none.
    #[arg(long, value_name = "DAY:KEPT")]
    monthly: Option<Choice>,
    /// Yearly snapshots, such as 12:1y: in December, kept for a year; or none.
    #[arg(long, value_name = "MONTH:KEPT")]
    yearly: Option<Choice>,
}

/// An item, or the wish that there be none.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    Some(Item),
    None,
}

impl Items {
    /// What was asked for, by frequency: an item, or `None` for none.
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
            Choice::Some(item) => Some((frequency, Some(item))),
            Choice::None => Some((frequency, None)),
        })
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Choice::None);
        }
        let (interval, kept) = text.split_once(':').ok_or("write it INTERVAL:KEPT, such as 1:30d, or none")?;
        let interval = interval.parse().map_err(|_| format!("{interval:?} is no number"))?;
        Ok(Choice::Some(Item { interval, kept: kept.parse()? }))
    }
}

impl FromStr for Kept {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (value, unit) = text.split_at(digits);
        let value = value.parse().ok().filter(|value| *value > 0);
        let value = value.ok_or_else(|| format!("{text:?} does not begin with a number above 0"))?;
        let unit = match unit.trim() {
            "d" | "day" | "days" => RetentionUnit::Days,
            "w" | "week" | "weeks" => RetentionUnit::Weeks,
            "m" | "month" | "months" => RetentionUnit::Months,
            "y" | "year" | "years" => RetentionUnit::Years,
            other => return Err(format!("{other:?} is no unit: d, w, m and y are days, weeks, months and years")),
        };
        Ok(Kept { value, unit })
    }
}

/// An item in words: `every 6 hours, kept 7 days`.
pub(crate) fn words(
    frequency: Option<&SnapshotFrequency>,
    interval: Option<i64>,
    value: Option<i64>,
    unit: Option<&RetentionUnit>,
) -> String {
    let or_unknown = |value: Option<&dyn Display>| value.map_or_else(|| "?".to_owned(), ToString::to_string);
    let often = match (frequency, interval) {
        (Some(SnapshotFrequency::Hourly), Some(hours)) => format!("every {hours} hours"),
        (Some(SnapshotFrequency::Daily), _) => "every day".to_owned(),
        (Some(SnapshotFrequency::Weekly), Some(day)) => format!("weekly on day {day}"),
        (Some(SnapshotFrequency::Monthly), Some(40)) => "monthly on the last day".to_owned(),
        (Some(SnapshotFrequency::Monthly), Some(day)) => format!("monthly on day {day}"),
        (Some(SnapshotFrequency::Yearly), Some(month)) => format!("yearly in month {month}"),
        (other, _) => or_unknown(other.map(|other| other as &dyn Display)),
    };
    let unit = or_unknown(unit.map(|unit| unit as &dyn Display));
    let unit = if value == Some(1) { unit.trim_end_matches('s') } else { &unit };
    let value = or_unknown(value.as_ref().map(|value| value as &dyn Display));
    format!("{often}, kept {value} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_an_interval_and_a_retention_in_any_unit() {
        for (text, interval, value, unit) in [
            ("6:7d", 6, 7, RetentionUnit::Days),
            ("1:30 days", 1, 30, RetentionUnit::Days),
            ("6:4w", 6, 4, RetentionUnit::Weeks),
            ("40:12months", 40, 12, RetentionUnit::Months),
            ("12:1y", 12, 1, RetentionUnit::Years),
        ] {
            let item = Item { interval, kept: Kept { value, unit } };
            assert_eq!(text.parse(), Ok(Choice::Some(item)), "{text}");
        }
        assert_eq!("none".parse(), Ok(Choice::None));
        for nonsense in ["", "6", "6:", "x:7d", "6:0d", "6:7", "6:7h", "6:d"] {
            assert!(nonsense.parse::<Choice>().is_err(), "{nonsense}");
        }
    }
}
