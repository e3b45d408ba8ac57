//! Snapshots of dedicated and flex clusters.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    ids::ObjectId,
    record::{Checks, Record},
    timeline::{Timeline, seconds},
};

/// The schedule that created the snapshot, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Frequency {
    OnDemand,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    /// The value in the API. The service sends `ondemand`, although the specification does not list it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Frequency::OnDemand => "ondemand",
            Frequency::Hourly => "hourly",
            Frequency::Daily => "daily",
            Frequency::Weekly => "weekly",
            Frequency::Monthly => "monthly",
            Frequency::Yearly => "yearly",
        }
    }

    /// The value in settings that use capitals.
    pub(crate) fn in_capitals(self) -> String {
        if self == Frequency::OnDemand { "ON_DEMAND".to_owned() } else { self.as_str().to_ascii_uppercase() }
    }

    /// Parses the result of [`as_str`](Self::as_str).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        use Frequency::{Daily, Hourly, Monthly, OnDemand, Weekly, Yearly};
        [OnDemand, Hourly, Daily, Weekly, Monthly, Yearly].into_iter().find(|f| f.as_str() == text)
    }
}

/// A snapshot of a dedicated cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Snapshot {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    pub(crate) frequency: Frequency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Retention from its completion.
    #[serde(rename = "retentionSeconds", with = "seconds")]
    pub(crate) retention: TimeDelta,
    pub(crate) storage_size_bytes: i64,
    /// The policy items that created it, the least frequent first.
    #[serde(default)]
    pub(crate) policy_items: Vec<ObjectId>,
    pub(crate) mongodb_version: String,
    pub(crate) provider: String,
    /// One per replica set. The ids are those of the member snapshots.
    pub(crate) members: Vec<(ObjectId, String)>,
    pub(crate) sharded: bool,
    /// Whether it was taken because a scheduled one failed.
    #[serde(default)]
    pub(crate) fallback: bool,
    /// The customer key that encrypts it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<SnapshotKey>,
    /// Its copies in other regions.
    #[serde(default)]
    pub(crate) copies: Vec<SnapshotCopy>,
}

impl Record for Snapshot {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.timeline.check(checks);
        checks.require(self.storage_size_bytes >= 0, "storageSizeBytes", "is less than 0");
        for (n, copy) in self.copies.iter().enumerate() {
            checks.moment(&format!("copies[{n}].ready"), copy.ready);
        }
    }
}

/// The customer key that encrypts a snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SnapshotKey {
    pub(crate) service: String,
    pub(crate) master_key: ObjectId,
}

/// A copy of a snapshot in another region.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SnapshotCopy {
    pub(crate) provider: String,
    pub(crate) region: String,
    pub(crate) zone: ObjectId,
    /// Time from which it exists.
    pub(crate) ready: DateTime<Utc>,
    /// Expiry, if it differs from that of the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<DateTime<Utc>>,
    /// Created by a rule that keeps a number of the newest snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) among_newest: Option<u64>,
}

impl Snapshot {
    /// The service counts from the request until completion, and from completion afterwards.
    pub(crate) fn expires(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let from = if now < self.timeline.ends { self.timeline.asked } else { self.timeline.ends };
        let expires = from.checked_add_signed(self.retention).unwrap_or(DateTime::<Utc>::MAX_UTC);
        // A later date could not be written.
        expires.min(DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(expires))
    }

    pub(crate) fn is_kept(&self, now: DateTime<Utc>) -> bool {
        now < self.expires(now)
    }
}

/// A daily snapshot of a flex cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FlexSnapshot {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) mongodb_version: String,
}

impl Record for FlexSnapshot {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.timeline.check(checks);
        checks.moment("expires", self.expires);
    }
}
