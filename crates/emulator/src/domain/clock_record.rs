//! Where a clock stands, as it is saved.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The clock stops this far from where it began, two centuries on, so that every date computed from it has room.
pub(crate) const MAX_RUN: Duration = Duration::from_secs(200 * 365 * 86_400);

/// No clock starts after the end of this year.
pub(crate) const LATEST_START: i64 = 4_102_444_800;

/// Where a clock stands and since when, as it is saved: a point on its line, from which the rest follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClockRecord {
    /// The wall clock's time at that point.
    pub(crate) wall: DateTime<Utc>,
    /// The clock's time at that point.
    pub(crate) now: DateTime<Utc>,
    /// The same, not scaled.
    pub(crate) unscaled: DateTime<Utc>,
    /// 0 where it stands.
    pub(crate) scale: f64,
    /// Whether the unscaled time stands as well.
    #[serde(default)]
    pub(crate) standing: bool,
}

impl ClockRecord {
    /// A clock that goes on from exactly these times, whenever that is.
    pub(crate) fn from(now: DateTime<Utc>, unscaled: DateTime<Utc>) -> Self {
        Self { wall: Utc::now(), now, unscaled, scale: 0.0, standing: true }
    }

    /// Whether every moment that is computed from it has room.
    pub(crate) fn is_in_range(&self) -> bool {
        let room =
            |moment: DateTime<Utc>| (0..LATEST_START + MAX_RUN.as_secs() as i64 * 2).contains(&moment.timestamp());
        room(self.now) && room(self.unscaled) && room(self.wall) && self.scale >= 0.0
    }
}
