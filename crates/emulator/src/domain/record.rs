//! What a record from outside has to hold beyond its type, so that no handler can fail on it. Each record says it beside
//! its type.
//!
//! Only the first inconsistency is kept: whoever repairs a document by hand goes from one to the next.

use chrono::{DateTime, Datelike, Utc};
use serde::{Serialize, de::DeserializeOwned};

use crate::domain::ids::ObjectId;

/// What a collection can hold.
pub(crate) trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Notes what can't be in a record that stands under `id` below `parent`, beyond what its type already says. A record
    /// that passes must never make a handler fail.
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks);
}

/// Between these years every date that is computed from a moment has room.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2500;

/// What is inconsistent in one record, by field.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    problem: Option<(String, String)>,
}

impl Checks {
    /// Notes `what` at `field` unless it `holds`.
    pub(crate) fn require(&mut self, holds: bool, field: &str, what: &str) {
        if !holds && self.problem.is_none() {
            self.problem = Some((field.to_owned(), what.to_owned()));
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
        self.problem.map_or(Ok(()), Err)
    }
}
