//! Building blocks of seeds: ids from fixed sequences, ready clusters and finished snapshots.

use chrono::{DateTime, Duration, TimeDelta, Utc};

use serde_json::Map;

use crate::domain::{
    clusters::{Cluster, ClusterKind, Region, Shard},
    durations,
    ids::ObjectId,
    schedule::PolicyItem,
    snapshots::{Frequency, Snapshot},
    timeline::Timeline,
};

/// The project of the demo.
pub const DEMO_PROJECT: &str = "32b6e34b3d91647abb20e7b8";

/// The newest snapshot of the demo's `Cluster0`.
pub const DEMO_SNAPSHOT: &str = "664858b561b103615fb1940e";

/// The organization of every seed except an exported state.
pub const ORGANIZATION: &str = "5e2211c17a3e5a48f5497de3";

pub(crate) const MONGODB: &str = "8.0.29";

/// Generates ids. Each kind of record has its own sequence, so that adding records does not change other ids.
pub(crate) struct IdSequence(pub(crate) u64);

impl IdSequence {
    pub(crate) fn next(&mut self) -> ObjectId {
        let mut bytes = [0; 12];
        let (low, high) = (self.draw().to_be_bytes(), self.draw().to_be_bytes());
        bytes[..8].copy_from_slice(&low);
        bytes[8..].copy_from_slice(&high[..4]);
        // Ids begin with a time. This offset gives the demo's ids a realistic year.
        bytes[0] = 0x66;
        ObjectId(bytes)
    }

    /// SplitMix64.
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

pub(crate) fn fixed(id: &str) -> ObjectId {
    id.parse().expect("the constants of this module are ids")
}

/// A ready cluster of three nodes in one region.
pub(crate) fn cluster(
    ids: &mut IdSequence,
    project: ObjectId,
    name: &str,
    kind: ClusterKind,
    shards: usize,
    now: DateTime<Utc>,
) -> Cluster {
    let flex = kind == ClusterKind::Flex;
    let region = Region {
        provider: "AWS".to_owned(),
        name: "EU_WEST_1".to_owned(),
        priority: 7,
        instance_size: if flex { "FLEX" } else { "M10" }.to_owned(),
        electable_nodes: 3,
        read_only_nodes: 0,
        analytics_nodes: 0,
        settings: Map::new(),
    };
    let zone = ids.next();
    let shards = (0..shards).map(|_| Shard {
        id: ids.next(),
        zone,
        zone_name: "Zone 1".to_owned(),
        regions: vec![region.clone()],
    });
    let shards = shards.collect();
    let created = now - Duration::days(400);
    Cluster {
        id: ids.next(),
        project,
        name: name.to_owned(),
        kind,
        created,
        ready: created + durations::CLUSTER_CREATING,
        updated: None,
        deleted: None,
        mongodb_version: MONGODB.to_owned(),
        disk_size_gb: if flex { 5.0 } else { 10.0 },
        backup_enabled: true,
        retain_backups: false,
        pit_enabled: kind == ClusterKind::ReplicaSet,
        pit_since: None,
        kept_window_days: None,
        paused: false,
        resumed: None,
        termination_protection: false,
        tags: Vec::new(),
        labels: Vec::new(),
        settings: Map::new(),
        process_arguments: Map::new(),
        port: None,
        shards,
    }
}

/// A finished snapshot, scheduled or on demand.
pub(crate) fn snapshot(
    ids: &mut IdSequence,
    cluster: &Cluster,
    asked: DateTime<Utc>,
    item: Option<&PolicyItem>,
) -> Snapshot {
    let id = ids.next();
    // A size that grows slowly with time and depends only on the age.
    let jitter = i64::from(id.0[11]) * 4_096 * 64;
    Snapshot {
        id,
        timeline: Timeline::new(asked, durations::SNAPSHOT_QUEUED, TimeDelta::seconds(150 + i64::from(id.0[10]))),
        frequency: item.map_or(Frequency::OnDemand, |item| item.frequency),
        description: None,
        retention: item.and_then(PolicyItem::retention).unwrap_or(Duration::days(365)),
        storage_size_bytes: 4_186_517_504 + jitter,
        policy_items: item.map(|item| item.id).into_iter().collect(),
        mongodb_version: MONGODB.to_owned(),
        provider: "AWS".to_owned(),
        members: cluster.replica_sets().into_iter().map(|set| (ids.next(), set)).collect(),
        sharded: cluster.kind.is_sharded(),
        copies: Vec::new(),
        fallback: false,
        key: None,
    }
}
