//! Clusters of all kinds with their shards and regions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    durations,
    ids::ObjectId,
    projects::Tag,
    record::{Checks, Record},
};

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
    /// Attributes that were set and that nothing here depends on, by their names in the API.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) settings: Map<String, Value>,
    /// What its processes are started with, as far as it was set.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) process_arguments: Map<String, Value>,
    /// One a shard; one in all for a replica set or a flex cluster.
    pub(crate) shards: Vec<Shard>,
}

impl Record for Cluster {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.require_equal("project", self.project, parent);
        checks.moment("created", self.created);
        checks.moment("ready", self.ready);
        self.updated.into_iter().for_each(|moment| checks.moment("updated", moment));
        self.deleted.into_iter().for_each(|moment| checks.moment("deleted", moment));
        checks.require(self.disk_size_gb >= 0.0, "diskSizeGb", "is less than 0");
        let shards = self.shards.len();
        checks.require(shards > 0, "shards", "is empty");
        checks.require(shards < 2 || self.kind.is_sharded(), "shards", "has more than one on a cluster without shards");
        for (n, shard) in self.shards.iter().enumerate() {
            checks.require(!shard.regions.is_empty(), &format!("shards[{n}].regions"), "is empty");
        }
        let flex = self.kind == ClusterKind::Flex;
        checks.require(!flex || self.backup_enabled, "backupEnabled", "is false on a flex cluster");
    }
}

/// The provider of free clusters, which share hardware.
pub(crate) const TENANT: &str = "TENANT";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Shard {
    pub(crate) id: ObjectId,
    pub(crate) zone: ObjectId,
    pub(crate) zone_name: String,
    /// By falling priority.
    pub(crate) regions: Vec<Region>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Region {
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) priority: i64,
    pub(crate) instance_size: String,
    pub(crate) electable_nodes: i64,
    pub(crate) read_only_nodes: i64,
    pub(crate) analytics_nodes: i64,
    /// Hardware and auto-scaling as they were sent, by their names in the API.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) settings: Map<String, Value>,
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

    /// Whether it shares its hardware with others, and has no backups.
    pub(crate) fn is_tenant(&self) -> bool {
        self.provider() == TENANT
    }

    /// Whether its shards differ, which only the newest resource version can show.
    pub(crate) fn is_asymmetric(&self) -> bool {
        let mut shards = self.shards.iter();
        let first = shards.next().map(|shard| &shard.regions);
        self.kind != ClusterKind::GeoSharded && shards.any(|shard| Some(&shard.regions) != first)
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
