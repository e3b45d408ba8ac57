//! The records of the state: what was asked for, and the moments at which it moves on.
//!
//! A record's whole life is laid down when it is made. What it is at a given moment follows from comparing those moments
//! with the clock, so a stepped clock shows every state and no background task is needed.
//!
//! They are saved and exported as JSON, field by field. A field that is added later needs `#[serde(default)]`; any other
//! change of a record raises the schema's number in `store`.

mod jobs;
pub(crate) mod pace;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::jobs::{
    CollectionRestore, Delivery, ExportJob, FlexRestore, PrivateEndpoint, RestoreJob, RestoredCollection,
};
use crate::state::ObjectId;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Organization {
    pub(crate) id: ObjectId,
    pub(crate) name: String,
}

/// A key and a value that a user attached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Project {
    pub(crate) id: ObjectId,
    pub(crate) organization: ObjectId,
    pub(crate) name: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) with_default_alerts_settings: bool,
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ClusterKind {
    ReplicaSet,
    Sharded,
    GeoSharded,
    Flex,
}

impl ClusterKind {
    pub(crate) fn is_sharded(self) -> bool {
        matches!(self, ClusterKind::Sharded | ClusterKind::GeoSharded)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Cluster {
    pub(crate) id: ObjectId,
    pub(crate) project: ObjectId,
    pub(crate) name: String,
    pub(crate) kind: ClusterKind,
    pub(crate) created: DateTime<Utc>,
    /// From then on it is `IDLE`.
    pub(crate) ready: DateTime<Utc>,
    /// When somebody last asked to change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<DateTime<Utc>>,
    /// When somebody asked to delete it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<DateTime<Utc>>,
    pub(crate) mongodb_version: String,
    pub(crate) disk_size_gb: f64,
    pub(crate) backup_enabled: bool,
    /// Whether its snapshots stay when it is deleted.
    #[serde(default)]
    pub(crate) retain_backups: bool,
    pub(crate) pit_enabled: bool,
    pub(crate) termination_protection: bool,
    pub(crate) tags: Vec<Tag>,
    pub(crate) labels: Vec<Tag>,
    /// One a shard; one in all for a replica set or a flex cluster.
    pub(crate) shards: Vec<Shard>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Shard {
    pub(crate) id: ObjectId,
    pub(crate) zone: ObjectId,
    pub(crate) zone_name: String,
    /// By falling priority.
    pub(crate) regions: Vec<Region>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Region {
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) priority: i64,
    pub(crate) instance_size: String,
    pub(crate) electable_nodes: i64,
    pub(crate) read_only_nodes: i64,
    pub(crate) analytics_nodes: i64,
}

impl Cluster {
    /// What Atlas calls its state at `now`; `None` once it is gone.
    pub(crate) fn state_name(&self, now: DateTime<Utc>) -> Option<&'static str> {
        match self.deleted {
            Some(deleted) if now >= deleted + pace::CLUSTER_DELETING => None,
            Some(_) => Some("DELETING"),
            None if now < self.ready => Some("CREATING"),
            None if self.updated.is_some_and(|at| now < at + pace::CLUSTER_UPDATING) => Some("UPDATING"),
            None => Some("IDLE"),
        }
    }

    /// The region of the primary.
    pub(crate) fn home(&self) -> Option<&Region> {
        self.shards.first()?.regions.first()
    }

    pub(crate) fn provider(&self) -> &str {
        self.home().map_or("AWS", |r| r.provider.as_str())
    }

    /// The names of its replica sets, one a shard.
    pub(crate) fn replica_sets(&self) -> Vec<String> {
        if self.kind.is_sharded() {
            (0..self.shards.len()).map(|n| format!("{}-shard-{n}", self.name)).collect()
        } else {
            vec![self.name.clone()]
        }
    }
}

/// Which schedule, if any, a snapshot comes from.
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
    /// As the service writes it; `ondemand` is what it really sends, though the specification does not list it.
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

    /// As some settings write it.
    pub(crate) fn in_capitals(self) -> String {
        if self == Frequency::OnDemand { "ON_DEMAND".to_owned() } else { self.as_str().to_ascii_uppercase() }
    }

    /// Reads what [`as_str`](Self::as_str) writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        use Frequency::{Daily, Hourly, Monthly, OnDemand, Weekly, Yearly};
        [OnDemand, Hourly, Daily, Weekly, Monthly, Yearly].into_iter().find(|f| f.as_str() == text)
    }
}

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

/// A snapshot of a dedicated cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Snapshot {
    pub(crate) id: ObjectId,
    pub(crate) timeline: Timeline,
    pub(crate) frequency: Frequency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Kept this long from its completion.
    #[serde(rename = "retentionSeconds", with = "seconds")]
    pub(crate) retention: TimeDelta,
    pub(crate) storage_size_bytes: i64,
    /// The items of the policy that it comes from, the rarest first.
    #[serde(default)]
    pub(crate) policy_items: Vec<ObjectId>,
    pub(crate) mongodb_version: String,
    pub(crate) provider: String,
    /// One a replica set; the ids are the member snapshots' own.
    pub(crate) members: Vec<(ObjectId, String)>,
    pub(crate) sharded: bool,
    /// Its copies in other regions.
    #[serde(default)]
    pub(crate) copies: Vec<SnapshotCopy>,
}

/// A copy of a snapshot in another region.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SnapshotCopy {
    pub(crate) provider: String,
    pub(crate) region: String,
    pub(crate) zone: ObjectId,
    /// From then on it is there.
    pub(crate) ready: DateTime<Utc>,
    /// Until then, if not as long as the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<DateTime<Utc>>,
    /// It came by a rule that keeps so many of the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) among_newest: Option<u64>,
}

impl Snapshot {
    /// Until it is complete the service counts from the request, and from the completion afterwards.
    pub(crate) fn expires(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let from = if now < self.timeline.ends { self.timeline.asked } else { self.timeline.ends };
        let expires = from.checked_add_signed(self.retention).unwrap_or(DateTime::<Utc>::MAX_UTC);
        // A later one could not be written as a date.
        expires.min(DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(expires))
    }

    pub(crate) fn is_kept(&self, now: DateTime<Utc>) -> bool {
        now < self.expires(now)
    }
}

/// Where exports go.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExportBucket {
    pub(crate) id: ObjectId,
    pub(crate) provider: String,
    pub(crate) name: String,
    /// The role that Atlas assumes there.
    pub(crate) role: ObjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    pub(crate) require_private_networking: bool,
    /// Azure's storage account and directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
}

/// A project's backup compliance policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CompliancePolicy {
    /// What was asked for, field by field, with every field that may be set.
    pub(crate) settings: Value,
    pub(crate) changed: DateTime<Utc>,
    /// What it goes through until the change is complete.
    pub(crate) pending: PolicyChange,
    /// Whether the service's support has allowed to disable it.
    #[serde(default)]
    pub(crate) deletable: bool,
}

/// What happens to a compliance policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PolicyChange {
    Enabling,
    Updating,
    Disabling,
}

impl PolicyChange {
    /// As the service calls the state.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            PolicyChange::Enabling => "ENABLING",
            PolicyChange::Updating => "UPDATING",
            PolicyChange::Disabling => "DISABLING",
        }
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
