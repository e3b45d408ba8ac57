//! The timeline of a job: its request, start and end, all fixed at creation.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::record::Checks;

/// Phase of a job between request and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Running,
    Done,
    Failed,
}

/// Times of a job: request, start, end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Timeline {
    pub(crate) asked: DateTime<Utc>,
    pub(crate) begins: DateTime<Utc>,
    pub(crate) ends: DateTime<Utc>,
    pub(crate) fails: bool,
}

impl Timeline {
    /// Reports times that are out of order.
    pub(crate) fn check(&self, checks: &mut Checks) {
        for (field, moment) in
            [("timeline.asked", self.asked), ("timeline.begins", self.begins), ("timeline.ends", self.ends)]
        {
            checks.moment(field, moment);
        }
        checks.require(self.asked <= self.begins, "timeline.begins", "is before `asked`");
        checks.require(self.begins <= self.ends, "timeline.ends", "is before `begins`");
    }

    pub(crate) fn new(asked: DateTime<Utc>, queued: TimeDelta, running: TimeDelta) -> Self {
        Self { asked, begins: asked + queued, ends: asked + queued + running, fails: false }
    }

    pub(crate) fn phase(&self, now: DateTime<Utc>) -> Phase {
        match () {
            () if now < self.begins => Phase::Queued,
            () if now < self.ends => Phase::Running,
            () if self.fails => Phase::Failed,
            () => Phase::Done,
        }
    }

    /// Its end time, if it has ended.
    pub(crate) fn ended(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (now >= self.ends).then_some(self.ends)
    }
}

/// A time span in whole seconds.
pub(crate) mod seconds {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(span: &TimeDelta, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(span.num_seconds())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeDelta, D::Error> {
        let seconds = i64::deserialize(deserializer)?;
        TimeDelta::try_seconds(seconds).ok_or_else(|| D::Error::custom("is longer than supported"))
    }
}
