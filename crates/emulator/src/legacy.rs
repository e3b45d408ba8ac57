//! Legacy Backup: the service that Cloud Backups replaced in 2020, for the few clusters that still run it.
//!
//! The service makes no new ones. Here a cluster gets one when it is created with a body of version 2023-01-01 that says
//! `backupEnabled` and not `providerBackupEnabled`, so that the operations that are still served have something to act
//! on. Such a cluster has no cloud backups.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    failures::JobKind,
    records::{Cluster, Timeline},
    state::{ObjectId, State},
};

/// The legacy schedule of a cluster; the fields are named as on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LegacyBackup {
    pub(crate) cluster_checkpoint_interval_min: i64,
    pub(crate) daily_snapshot_retention_days: i64,
    pub(crate) monthly_snapshot_retention_months: i64,
    pub(crate) point_in_time_window_hours: i64,
    pub(crate) snapshot_interval_hours: i64,
    pub(crate) snapshot_retention_days: i64,
    pub(crate) weekly_snapshot_retention_weeks: i64,
}

impl Default for LegacyBackup {
    fn default() -> Self {
        Self {
            cluster_checkpoint_interval_min: 15,
            daily_snapshot_retention_days: 7,
            monthly_snapshot_retention_months: 13,
            point_in_time_window_hours: 24,
            snapshot_interval_hours: 6,
            snapshot_retention_days: 2,
            weekly_snapshot_retention_weeks: 4,
        }
    }
}

impl LegacyBackup {
    /// Each setting by its name, and the most that the service takes for it.
    pub(crate) fn limits(&self) -> [(&'static str, i64, i64); 7] {
        [
            ("clusterCheckpointIntervalMin", self.cluster_checkpoint_interval_min, 60),
            ("dailySnapshotRetentionDays", self.daily_snapshot_retention_days, 360),
            ("monthlySnapshotRetentionMonths", self.monthly_snapshot_retention_months, 36),
            ("pointInTimeWindowHours", self.point_in_time_window_hours, 168),
            ("snapshotIntervalHours", self.snapshot_interval_hours, 24),
            ("snapshotRetentionDays", self.snapshot_retention_days, 5),
            ("weeklySnapshotRetentionWeeks", self.weekly_snapshot_retention_weeks, 52),
        ]
    }

    /// From one snapshot to the next.
    pub(crate) fn interval(&self) -> TimeDelta {
        TimeDelta::hours(self.snapshot_interval_hours.clamp(1, 24))
    }

    /// How long the snapshot of this moment is kept: the first of a day, a week or a month may be kept longer.
    fn kept(&self, moment: DateTime<Utc>) -> TimeDelta {
        let first_of_day = i64::from(moment.hour()) < self.snapshot_interval_hours;
        let days = [
            (true, self.snapshot_retention_days),
            (first_of_day, self.daily_snapshot_retention_days),
            (first_of_day && moment.weekday().number_from_monday() == 1, self.weekly_snapshot_retention_weeks * 7),
            (first_of_day && moment.day() == 1, self.monthly_snapshot_retention_months * 31),
        ];
        TimeDelta::days(days.into_iter().filter(|(counts, _)| *counts).map(|(_, days)| days).max().unwrap_or(1))
    }

    /// No snapshot is kept longer.
    fn longest(&self) -> TimeDelta {
        let days = [
            self.snapshot_retention_days,
            self.daily_snapshot_retention_days,
            self.weekly_snapshot_retention_weeks * 7,
            self.monthly_snapshot_retention_months * 31,
        ];
        TimeDelta::days(days.into_iter().max().unwrap_or(1))
    }
}

/// A snapshot by the legacy service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LegacySnapshot {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    /// `None` for one that must not be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) mongodb_version: String,
}

impl LegacySnapshot {
    pub(crate) fn is_kept(&self, now: DateTime<Utc>) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

/// A restore by the legacy service; one of a sharded cluster is a batch of several.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LegacyRestore {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<ObjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<ObjectId>,
    /// The moment whose data it brings back.
    pub(crate) moment: DateTime<Utc>,
    /// Name and project; `None` for files to download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<(String, ObjectId)>,
    /// What the secret of a download is made of.
    pub(crate) key: ObjectId,
    pub(crate) expiration_hours: i64,
    pub(crate) max_downloads: i64,
}

impl State {
    /// Takes the legacy snapshots that were due after `since` and are still kept at `now`.
    pub(crate) fn settle_legacy(&mut self, cluster: &Cluster, since: DateTime<Utc>, now: DateTime<Utc>) {
        let Some(backup) = self.legacy_backups.get(cluster.id).cloned() else { return };
        let interval = backup.interval();
        let passed = (now - since).num_seconds() / interval.num_seconds();
        let seen = backup.longest().num_seconds() / interval.num_seconds() + 1;
        for n in (passed - seen).max(0)..passed {
            let asked = since + interval * i32::try_from(n + 1).unwrap_or(i32::MAX);
            let expires = asked + backup.kept(asked);
            if expires > now {
                let snapshot = LegacySnapshot {
                    id: self.new_id(asked),
                    timeline: self.timeline(JobKind::Legacy, asked),
                    expires: Some(expires),
                    mongodb_version: cluster.mongodb_version.clone(),
                };
                self.legacy_snapshots.insert(cluster.id, snapshot.id, snapshot);
            }
        }
        let followed = since + interval * i32::try_from(passed).unwrap_or(i32::MAX);
        self.note_followed(cluster.id, followed);
        let expired: Vec<_> =
            self.legacy_snapshots.below(cluster.id).filter(|s| !s.is_kept(now)).map(|s| s.id).collect();
        for id in expired {
            self.legacy_snapshots.remove(id);
        }
    }
}
