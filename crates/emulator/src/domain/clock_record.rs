//! The saved position of a clock.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Maximum run of a clock from its start: two centuries. Every date computed from it stays in range.
pub(crate) const MAX_RUN: Duration = Duration::from_secs(200 * 365 * 86_400);

/// Latest start: the end of this year.
pub(crate) const LATEST_START: i64 = 4_102_444_800;

/// The saved position of a clock: one point of its line, from which the rest follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClockRecord {
    /// Wall clock time of that point.
    pub(crate) wall: DateTime<Utc>,
    /// Clock time of that point.
    pub(crate) now: DateTime<Utc>,
    /// Unscaled clock time of that point.
    pub(crate) unscaled: DateTime<Utc>,
    /// 0 if it is stopped.
    pub(crate) scale: f64,
    /// Whether the unscaled time is stopped too.
    #[serde(default)]
    pub(crate) standing: bool,
}

impl ClockRecord {
    /// A clock that continues from exactly these times, whenever that is.
    pub(crate) fn from(now: DateTime<Utc>, unscaled: DateTime<Utc>) -> Self {
        Self { wall: Utc::now(), now, unscaled, scale: 0.0, standing: true }
    }

    /// Whether every time computed from it is in range.
    pub(crate) fn is_in_range(&self) -> bool {
        let room =
            |moment: DateTime<Utc>| (0..LATEST_START + MAX_RUN.as_secs() as i64 * 2).contains(&moment.timestamp());
        room(self.now) && room(self.unscaled) && room(self.wall) && self.scale >= 0.0
    }
}
