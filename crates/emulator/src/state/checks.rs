//! What a record from outside has to hold beyond its type, so that no handler can fail on it.
//!
//! Only the first fault is kept: whoever repairs a document by hand goes from one to the next.

use chrono::{DateTime, Datelike, Utc};

use crate::domain::ids::ObjectId;

/// Between these years every date that is computed from a moment has room.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2500;

/// Faults of one record, by the field they are in.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    fault: Option<(String, String)>,
}

impl Checks {
    /// Notes `what` at `field` unless it `holds`.
    pub(crate) fn require(&mut self, holds: bool, field: &str, what: &str) {
        if !holds && self.fault.is_none() {
            self.fault = Some((field.to_owned(), what.to_owned()));
        }
    }

    /// A moment that leaves room around it.
    pub(crate) fn moment(&mut self, field: &str, moment: DateTime<Utc>) {
        self.require(YEARS.contains(&moment.year()), field, "is not between the years 1970 and 2500");
    }

    /// A record that repeats where it stands must say the same.
    pub(crate) fn require_equal(&mut self, field: &str, said: ObjectId, stands: ObjectId) {
        self.require(said == stands, field, &format!("is {said}, but the record stands under {stands}"));
    }

    pub(crate) fn finish(self) -> Result<(), (String, String)> {
        self.fault.map_or(Ok(()), Err)
    }
}
