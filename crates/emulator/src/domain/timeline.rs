//! The life of a job: the moments at which it is asked for, begins and ends, all known when it is made.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::record::Checks;

/// Where a job stands between being asked for and being over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Running,
    Done,
    Failed,
}

/// The moments of a job: asked for, begun, over.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Timeline {
    pub(crate) asked: DateTime<Utc>,
    pub(crate) begins: DateTime<Utc>,
    pub(crate) ends: DateTime<Utc>,
    pub(crate) fails: bool,
}

impl Timeline {
    /// Notes moments that are out of order.
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

    /// When it ended, if it has.
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
        TimeDelta::try_seconds(seconds).ok_or_else(|| D::Error::custom("too long a time"))
    }
}
