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
    /// Time from which it is `IDLE`.
    pub(crate) ready: DateTime<Utc>,
    /// Time of the last change request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<DateTime<Utc>>,
    /// Time of the deletion request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<DateTime<Utc>>,
    pub(crate) mongodb_version: String,
    pub(crate) disk_size_gb: f64,
    pub(crate) backup_enabled: bool,
    /// Whether its snapshots are retained when it is deleted.
    #[serde(default)]
    pub(crate) retain_backups: bool,
    pub(crate) pit_enabled: bool,
    /// Time at which continuous backup was last enabled, if after creation. Its oplog starts there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pit_since: Option<DateTime<Utc>>,
    /// How far back a point in time may lie once the cluster is deleted and its backups are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kept_window_days: Option<i64>,
    #[serde(default)]
    pub(crate) paused: bool,
    /// Time at which it was last resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resumed: Option<DateTime<Utc>>,
    pub(crate) termination_protection: bool,
    pub(crate) tags: Vec<Tag>,
    pub(crate) labels: Vec<Tag>,
    /// Stored attributes without effect in the emulator, by their names in the API.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) settings: Map<String, Value>,
    /// Process arguments, as far as they were set.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) process_arguments: Map<String, Value>,
    /// Port on which it was last served to drivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) port: Option<u16>,
    /// One per shard. A replica set and a flex cluster have one.
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
        checks.require(
            shards < 2 || self.kind.is_sharded(),
            "shards",
            "has more than one entry for a cluster without shards",
        );
        for (n, shard) in self.shards.iter().enumerate() {
            checks.require(!shard.regions.is_empty(), &format!("shards[{n}].regions"), "is empty");
        }
        let flex = self.kind == ClusterKind::Flex;
        checks.require(!flex || self.backup_enabled, "backupEnabled", "is false on a flex cluster");
    }
}

/// Attribute that names the key management service of a cluster.
pub(crate) const KEY_SERVICE: &str = "encryptionAtRestProvider";

/// Provider of free clusters, which share hardware.
pub(crate) const TENANT: &str = "TENANT";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Shard {
    pub(crate) id: ObjectId,
    pub(crate) zone: ObjectId,
    pub(crate) zone_name: String,
    /// In descending priority.
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
    /// Hardware and auto-scaling as sent, by their names in the API.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) settings: Map<String, Value>,
}

impl Cluster {
    /// Its state name at `now`. `None` after its deletion.
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

    /// Whether it runs on shared hardware and has no backups.
    pub(crate) fn is_tenant(&self) -> bool {
        self.provider() == TENANT
    }

    /// Whether its shards differ, which only the newest resource version can represent.
    pub(crate) fn is_asymmetric(&self) -> bool {
        let mut shards = self.shards.iter();
        let first = shards.next().map(|shard| &shard.regions);
        self.kind != ClusterKind::GeoSharded && shards.any(|shard| Some(&shard.regions) != first)
    }

    /// Whether its config servers are dedicated hosts: if the owner requests it, and before MongoDB 8.0.
    pub(crate) fn has_dedicated_config_server(&self) -> bool {
        let fixed = self.settings.get("configServerManagementMode").is_some_and(|mode| mode == "FIXED_TO_DEDICATED");
        self.kind.is_sharded() && (fixed || self.major_version() < (8, 0))
    }

    /// The key management service whose customer key encrypts it, if any.
    pub(crate) fn key_service(&self) -> Option<&str> {
        self.settings.get(KEY_SERVICE)?.as_str().filter(|service| *service != "NONE")
    }

    /// Whether it has NVMe storage.
    pub(crate) fn is_nvme(&self) -> bool {
        self.shards.iter().flat_map(|shard| &shard.regions).any(|region| region.instance_size.ends_with("_NVME"))
    }

    /// Major and minor part of its MongoDB version, for comparison.
    pub(crate) fn major_version(&self) -> (u32, u32) {
        major_version(&self.mongodb_version)
    }

    /// The names of its replica sets, one per shard.
    pub(crate) fn replica_sets(&self) -> Vec<String> {
        if self.kind.is_sharded() {
            (0..self.shards.len()).map(|n| format!("{}-shard-{n}", self.name)).collect()
        } else {
            vec![self.name.clone()]
        }
    }
}

/// Major and minor part of a MongoDB version.
pub(crate) fn major_version(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}
