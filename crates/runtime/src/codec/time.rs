//! Points in time: RFC 3339, nearly always `2026-01-31T12:00:00Z`.
//!
//! The service writes whole seconds in UTC. That form is read by its digits, which is several times as fast as a general
//! parser, and needs nothing kept: it is written as it came. Any other form is read too, and its text kept.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{Error as DeError, Visitor},
};
use serde_json::Value;

/// A point in time, and its text if that would be written differently.
pub(super) struct Time {
    pub(super) time: DateTime<Utc>,
    pub(super) text: Option<String>,
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TimeVisitor)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a point in time (RFC 3339)")
    }

    fn visit_str<E: DeError>(self, text: &str) -> Result<Time, E> {
        match whole_seconds(text.as_bytes()) {
            Some(time) => Ok(Time { time, text: None }),
            None => other_form(text),
        }
    }
}

/// `2026-01-31T12:00:00Z`, and nothing else.
fn whole_seconds(text: &[u8]) -> Option<DateTime<Utc>> {
    let text: &[u8; 20] = text.try_into().ok()?;
    if [text[4], text[7], text[10], text[13], text[16], text[19]] != *b"--T::Z" {
        return None;
    }
    let digits = |at: usize| {
        let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    let year = digits(0)? * 100 + digits(2)?;
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, digits(5)?, digits(8)?)?;
    Some(day.and_hms_opt(digits(11)?, digits(14)?, digits(17)?)?.and_utc())
}

#[cold]
fn other_form<E: DeError>(text: &str) -> Result<Time, E> {
    let time = text.parse::<DateTime<FixedOffset>>().map_err(E::custom)?.to_utc();
    let is_kept = time.to_rfc3339_opts(SecondsFormat::AutoSi, true) != text;
    Ok(Time { time, text: is_kept.then(|| text.to_owned()) })
}

/// Whether both are texts of the same point in time.
pub(super) fn is_same_time(one: &Value, other: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<DateTime<FixedOffset>>().ok();
    time(one).is_some_and(|one| time(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_in_utc_are_read_as_chrono_reads_them() {
        for text in ["2026-01-31T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T23:59:59Z"] {
            let read = whole_seconds(text.as_bytes()).expect(text);
            assert_eq!(read, text.parse::<DateTime<Utc>>().expect(text));
            assert_eq!(serde_json::to_value(read).expect("text"), text);
        }
        for odd in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01 00:00:00Z",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00z",
        ] {
            assert_eq!(whole_seconds(odd.as_bytes()), None, "{odd}");
        }
    }
}
