//! Clusters of all kinds with their shards and regions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{durations, ids::ObjectId, projects::Tag};

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
    /// When continuous backup was last switched on, if that was not at the beginning: its log begins there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pit_since: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(crate) paused: bool,
    /// When it was last resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resumed: Option<DateTime<Utc>>,
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
            Some(deleted) if now >= deleted + durations::CLUSTER_DELETING => None,
            Some(_) => Some("DELETING"),
            None if now < self.ready => Some("CREATING"),
            None if self.updated.is_some_and(|at| now < at + durations::CLUSTER_UPDATING) => Some("UPDATING"),
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

    /// Whether its storage is NVMe.
    pub(crate) fn is_nvme(&self) -> bool {
        self.shards.iter().flat_map(|shard| &shard.regions).any(|region| region.instance_size.ends_with("_NVME"))
    }

    /// The first two parts of its MongoDB version, to compare it with another.
    pub(crate) fn major_version(&self) -> (u32, u32) {
        major_version(&self.mongodb_version)
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

/// The first two parts of a MongoDB version.
pub(crate) fn major_version(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}
