//! Checks of imported records beyond their types, so that no handler can fail on them. Each record defines its check
//! beside its type.
//!
//! Only the first inconsistency is reported, so that a document can be repaired step by step.

use chrono::{DateTime, Datelike, Utc};
use serde::{Serialize, de::DeserializeOwned};

use crate::domain::ids::ObjectId;

/// A record of a collection.
pub(crate) trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Reports inconsistencies of a record with the id `id` below `parent`, beyond its type. A record that passes must
    /// never make a handler fail.
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks);
}

/// Every date computed from a time between these years is in range.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2500;

/// Inconsistencies of one record, by field.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    problem: Option<(String, String)>,
}

impl Checks {
    /// Reports `what` at `field` unless it `holds`.
    pub(crate) fn require(&mut self, holds: bool, field: &str, what: &str) {
        if !holds && self.problem.is_none() {
            self.problem = Some((field.to_owned(), what.to_owned()));
        }
    }

    /// A time in the supported range.
    pub(crate) fn moment(&mut self, field: &str, moment: DateTime<Utc>) {
        self.require(YEARS.contains(&moment.year()), field, "is not between the years 1970 and 2500");
    }

    /// A field that repeats the key of the record must have the same value.
    pub(crate) fn require_equal(&mut self, field: &str, said: ObjectId, stands: ObjectId) {
        self.require(said == stands, field, &format!("is {said}, but the key of the record is {stands}"));
    }

    pub(crate) fn finish(self) -> Result<(), (String, String)> {
        self.problem.map_or(Ok(()), Err)
    }
}
