//! Columns of a document kind, and cell values for people. Exact values are left to the JSON and CSV formats.

use std::fmt::Display;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use console::Style;
use indicatif::BinaryBytes;
use serde::Serialize;

use crate::ui::sanitize::one_line;

/// A kind of document: its name and columns.
pub(crate) trait Document: Serialize + Sized + 'static {
    /// The plural, for messages: `snapshots`.
    const PLURAL: &'static str;
    /// The columns, most important first: a narrow terminal drops the last ones.
    const COLUMNS: &'static [Column<Self>];
}

/// A column of a table, or a line of a single document.
#[derive(Debug)]
pub(crate) struct Column<T: 'static> {
    pub(super) title: &'static str,
    pub(super) cell: fn(&T, DateTime<Utc>) -> Cell,
    pub(super) detail: bool,
    pub(super) narrow: Narrow,
}

/// How a narrow terminal shows a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrow {
    /// Keeps it while there is room.
    Keep,
    /// Drops it before the others: the ID of another object.
    DropFirst,
    /// Writes it below the row, wrapped between words.
    Prose,
    /// Writes it below the row, unwrapped, so that it can be copied.
    Command,
}

impl<T> Column<T> {
    /// A column of every table. `cell` gets the document and the current time.
    pub(crate) const fn new(title: &'static str, cell: fn(&T, DateTime<Utc>) -> Cell) -> Self {
        Self { title, cell, detail: false, narrow: Narrow::Keep }
    }

    /// The ID of another object, which a narrow terminal drops first.
    pub(crate) const fn reference(title: &'static str, cell: fn(&T, DateTime<Utc>) -> Cell) -> Self {
        Self { title, cell, detail: false, narrow: Narrow::DropFirst }
    }

    /// A sentence, which a narrow terminal shows below the row.
    pub(crate) const fn prose(title: &'static str, cell: fn(&T, DateTime<Utc>) -> Cell) -> Self {
        Self { title, cell, detail: false, narrow: Narrow::Prose }
    }

    /// A command, which a narrow terminal shows below the row.
    pub(crate) const fn command(title: &'static str, cell: fn(&T, DateTime<Utc>) -> Cell) -> Self {
        Self { title, cell, detail: false, narrow: Narrow::Command }
    }

    /// A detail: shown for a single document and in wide tables, not in normal lists.
    pub(crate) const fn detail(title: &'static str, cell: fn(&T, DateTime<Utc>) -> Cell) -> Self {
        Self { title, cell, detail: true, narrow: Narrow::Keep }
    }
}

/// The text and tone of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(super) text: String,
    exact: Exact,
    pub(super) tone: Tone,
}

/// The exact value of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Exact {
    /// No value.
    Absent,
    /// The exact text, with line breaks.
    Text(String),
    /// Several texts.
    Lines(Vec<String>),
    /// A time, to the second.
    Time(String),
    Bytes(u64),
}

/// The tone of a value; a color where colors are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Busy,
    Bad,
    Faint,
}

impl Tone {
    /// The tone of a state name of any resource.
    fn of_state(state: &str) -> Self {
        match state.to_ascii_lowercase().as_str() {
            "completed" | "successful" | "idle" | "active" => Tone::Good,
            "failed" | "cancelled" | "canceled" | "expired" => Tone::Bad,
            "deleted" => Tone::Faint,
            _ => Tone::Busy,
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Tone::Plain => Style::new(),
            Tone::Good => Style::new().green(),
            Tone::Busy => Style::new().yellow(),
            Tone::Bad => Style::new().red().bold(),
            Tone::Faint => Style::new().dim(),
        }
    }
}

impl Cell {
    /// Any value, or a dash if absent.
    pub(crate) fn text(value: Option<impl Display>) -> Self {
        match value.map(|value| value.to_string()).filter(|text| !text.is_empty()) {
            Some(text) => Cell { text: one_line(&text), exact: Exact::Text(text), tone: Tone::Plain },
            None => Cell { text: "-".to_owned(), exact: Exact::Absent, tone: Tone::Faint },
        }
    }

    /// A state, colored by its tone.
    pub(crate) fn state(value: Option<impl Display>) -> Self {
        let cell = Cell::text(value);
        match cell.exact {
            Exact::Absent => cell,
            _ => Cell { tone: Tone::of_state(&cell.text), ..cell },
        }
    }

    /// A severity.
    pub(crate) fn severity(word: &str) -> Self {
        let tone = match word {
            "critical" => Tone::Bad,
            "warning" => Tone::Busy,
            _ => Tone::Plain,
        };
        Cell { tone, ..Cell::text(Some(word)) }
    }

    /// A time, relative to `now`.
    pub(crate) fn time(value: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let Some(time) = value else { return Cell::text(None::<&str>) };
        let exact = Exact::Time(time.to_rfc3339_opts(SecondsFormat::Secs, true));
        Cell { text: relative(time, now), exact, tone: Tone::Plain }
    }

    /// A number of bytes.
    pub(crate) fn bytes(value: Option<i64>) -> Self {
        match value.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0) {
            Some(bytes) => Cell { text: BinaryBytes(bytes).to_string(), exact: Exact::Bytes(bytes), tone: Tone::Plain },
            None => Cell::text(None::<&str>),
        }
    }

    /// Yes or no.
    pub(crate) fn yes_no(value: Option<bool>) -> Self {
        Cell::text(value.map(|yes| if yes { "yes" } else { "no" }))
    }

    /// Several values in one cell.
    pub(crate) fn list<I: IntoIterator<Item: Display>>(values: Option<I>) -> Self {
        let texts = values.into_iter().flatten().map(|value| value.to_string());
        Cell::text(Some(texts.collect::<Vec<_>>().join(", ")))
    }

    /// Several long values: one per line for a single document, joined in a table.
    pub(crate) fn lines(values: Option<Vec<String>>) -> Self {
        let lines = values.unwrap_or_default();
        let cell = Cell::text(Some(lines.join("; ")));
        if lines.is_empty() { cell } else { Cell { exact: Exact::Lines(lines), ..cell } }
    }

    /// The lines of this cell for a single document.
    pub(super) fn rows(&self) -> Vec<String> {
        match (&self.exact, self.second_reading()) {
            (Exact::Lines(lines), _) => lines.iter().map(|line| one_line(line)).collect(),
            (_, Some(exact)) => vec![format!("{} ({exact})", self.text)],
            (_, None) => vec![self.text.clone()],
        }
    }

    /// The exact value to show beside the rounded one for a single document.
    fn second_reading(&self) -> Option<String> {
        match &self.exact {
            Exact::Absent | Exact::Text(_) | Exact::Lines(_) => None,
            Exact::Time(time) => Some(time.clone()),
            Exact::Bytes(bytes) => Some(format!("{bytes} bytes")),
        }
    }

    /// The exact value for programs; empty if absent.
    pub(super) fn into_exact(self) -> String {
        match self.exact {
            Exact::Absent => String::new(),
            Exact::Text(text) | Exact::Time(text) => text,
            Exact::Lines(lines) => lines.join("; "),
            Exact::Bytes(bytes) => bytes.to_string(),
        }
    }
}

/// `time` relative to `now`: `3 hours ago`, `in 6 days`.
pub(crate) fn relative(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let distance = time - now;
    let length = length(distance.abs());
    match distance >= TimeDelta::zero() {
        true => format!("in {length}"),
        false => format!("{length} ago"),
    }
}

/// `distance` in the largest unit with a count of at least 2, to limit the rounding error.
fn length(distance: TimeDelta) -> String {
    let units =
        [("year", 31_556_952), ("month", 2_629_746), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
    let seconds = distance.num_seconds();
    let (unit, count) = units
        .into_iter()
        .map(|(unit, size)| (unit, (seconds + size / 2) / size))
        .find(|(_, count)| *count >= 2)
        .unwrap_or(("second", seconds));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("a time")
    }

    #[test]
    fn relative_time_uses_largest_fitting_unit() {
        for (seconds, text) in [
            (0, "in 0 seconds"),
            (-1, "1 second ago"),
            (-59, "59 seconds ago"),
            (-89, "89 seconds ago"),
            (-90, "2 minutes ago"),
            (-3_600, "60 minutes ago"),
            (-2 * 3_600, "2 hours ago"),
            (6 * 86_400, "in 6 days"),
            (45 * 86_400, "in 45 days"),
            (46 * 86_400, "in 2 months"),
            (365 * 86_400, "in 12 months"),
            (3 * 365 * 86_400, "in 3 years"),
        ] {
            assert_eq!(relative(at(seconds), at(0)), text, "{seconds}");
        }
    }

    #[test]
    fn absent_value_is_dash() {
        assert_eq!(Cell::text(None::<&str>).text, "-");
        assert_eq!(Cell::text(Some("")).text, "-");
        assert_eq!(Cell::bytes(Some(0)).text, "-");
        assert_eq!(Cell::list(None::<Vec<String>>).text, "-");
        assert_eq!(Cell::state(None::<&str>).tone, Tone::Faint);
    }

    #[test]
    fn cell_text_has_no_control_characters() {
        assert_eq!(Cell::text(Some("a\nb\u{1b}[31mc\u{202e}d")).text, "a b [31mc d");
    }

    #[test]
    fn size_is_rounded_with_unit() {
        assert_eq!(Cell::bytes(Some(4_186_517_504)).text, "3.90 GiB");
    }
}
