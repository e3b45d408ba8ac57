//! Creation of snapshots of dedicated clusters, on demand or scheduled.
//!
//! Both kinds are created only here, with their copies in other regions and, for scheduled ones, the automatic export.
//! The size of a snapshot is derived from its id.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::{
    domain::{
        clusters::Cluster,
        durations,
        ids::ObjectId,
        job_kind::JobKind,
        schedule::{Schedule, retention},
        snapshots::{Frequency, Snapshot, SnapshotCopy, SnapshotKey},
    },
    engine::{exports::create_export, job_failures},
    state::tables::State,
};

/// Trigger and retention of a snapshot.
#[derive(Debug)]
pub(crate) struct SnapshotTrigger {
    pub(crate) frequency: Frequency,
    pub(crate) description: Option<String>,
    pub(crate) retention: TimeDelta,
    pub(crate) policy_items: Vec<ObjectId>,
}

/// Takes a snapshot of `cluster` at `asked`.
pub(crate) fn create_snapshot(
    state: &mut State,
    cluster: &Cluster,
    asked: DateTime<Utc>,
    occasion: SnapshotTrigger,
) -> Snapshot {
    let schedule = state.schedules.get_below(cluster.id, cluster.id).cloned();
    let timeline = job_failures::timeline(state, JobKind::Snapshot, asked);
    let id = state.new_id(asked);
    let mut snapshot = Snapshot {
        id,
        timeline,
        frequency: occasion.frequency,
        description: occasion.description,
        retention: occasion.retention,
        storage_size_bytes: 4_186_517_504 + i64::from(id.0[11]) * 4_096 * 64,
        policy_items: occasion.policy_items,
        mongodb_version: cluster.mongodb_version.clone(),
        provider: cluster.provider().to_owned(),
        members: cluster.replica_sets().into_iter().map(|set| (state.new_id(asked), set)).collect(),
        sharded: cluster.kind.is_sharded(),
        copies: Vec::new(),
        fallback: false,
        key: key(state, cluster),
    };
    if let Some(schedule) = schedule.filter(|_| !timeline.fails) {
        snapshot.copies = copies(&schedule, &snapshot);
        delete_surplus_copies(state, cluster.id, &snapshot);
    }
    state.snapshots.insert(cluster.id, id, snapshot.clone());
    snapshot
}

/// The customer key that encrypts snapshots of `cluster`, if any.
fn key(state: &State, cluster: &Cluster) -> Option<SnapshotKey> {
    let service = cluster.key_service()?;
    let key = state.projects.get(cluster.project)?.customer_keys.get(service)?;
    Some(SnapshotKey { service: service.to_owned(), master_key: key.master_key })
}

/// Creates the scheduled snapshot at `moment`, and exports it if the schedule says so.
pub(crate) fn create_scheduled_snapshot(
    state: &mut State,
    cluster: &Cluster,
    schedule: &Schedule,
    moment: DateTime<Utc>,
) {
    let items = schedule.items_at(moment);
    let Some(rarest) = items.first() else { return };
    let occasion = || SnapshotTrigger {
        frequency: rarest.frequency,
        description: None,
        retention: items.iter().map(|item| schedule.retention_of(item)).max().unwrap_or_default(),
        policy_items: items.iter().map(|item| item.id).collect(),
    };
    let frequencies: Vec<_> = items.iter().map(|item| item.frequency.as_str()).collect();
    let snapshot = create_snapshot(state, cluster, moment, occasion());
    if snapshot.timeline.fails {
        // The service then tries another method, whose snapshot may be inconsistent and is not exported.
        let fallback = create_snapshot(state, cluster, snapshot.timeline.ends, occasion());
        state.snapshots.get_mut(fallback.id).into_iter().for_each(|snapshot| snapshot.fallback = true);
    }
    let Some(export) = schedule.export.as_ref().filter(|_| schedule.auto_export && !snapshot.timeline.fails) else {
        return;
    };
    let wanted = export["frequencyType"].as_str().is_some_and(|wanted| frequencies.contains(&wanted));
    let bucket = export["exportBucketId"].as_str().and_then(|id| id.parse().ok());
    if let Some(bucket) = bucket.filter(|id| wanted && state.export_buckets.get(*id).is_some()) {
        create_export(state, cluster, &snapshot, bucket, snapshot.timeline.ends, Vec::new());
    }
}

/// A rule that keeps a number of the newest copies deletes the copy that `taken` replaces.
fn delete_surplus_copies(state: &mut State, cluster: ObjectId, taken: &Snapshot) {
    for new in &taken.copies {
        let Some(most) = new.among_newest else { continue };
        let same = |c: &SnapshotCopy| (&c.region, c.zone, c.among_newest) == (&new.region, new.zone, Some(most));
        let with_copy = state.snapshots.below(cluster).rev().filter(|s| s.copies.iter().any(same));
        let surplus: Vec<_> = with_copy.skip(most.saturating_sub(1) as usize).map(|s| s.id).collect();
        for id in surplus {
            if let Some(snapshot) = state.snapshots.get_mut(id) {
                snapshot.copies.retain(|c| !same(c));
            }
        }
    }
}

/// The copies of a snapshot according to the schedule's settings.
fn copies(schedule: &Schedule, snapshot: &Snapshot) -> Vec<SnapshotCopy> {
    let copy = |setting: &Value| {
        let text = |name: &str| setting[name].as_str().unwrap_or_default().to_owned();
        let rule = copy_retention(schedule, snapshot.frequency, setting)?;
        let ready = snapshot.timeline.ends + durations::SNAPSHOT_COPYING;
        let among_newest = setting["lastNumberOfSnapshots"].as_u64();
        let ends = snapshot.timeline.ends;
        let expires = rule.map(|kept| ends.checked_add_signed(kept).unwrap_or(DateTime::<Utc>::MAX_UTC));
        let zone = text("zoneId").parse().unwrap_or_default();
        Some(SnapshotCopy {
            provider: text("cloudProvider"),
            region: text("regionName"),
            zone,
            ready,
            expires,
            among_newest,
        })
    };
    schedule.copy_settings.iter().filter_map(copy).collect()
}

/// Whether `setting` copies snapshots of this frequency and, if it states one, the retention of the copies.
#[expect(clippy::option_option, reason = "no copy, a copy as long as the snapshot, a copy with its own retention")]
pub(crate) fn copy_retention(schedule: &Schedule, frequency: Frequency, setting: &Value) -> Option<Option<TimeDelta>> {
    if setting["lastNumberOfSnapshots"].is_u64() {
        return Some(None);
    }
    if !schedule.copy_policy_items {
        let named = setting["frequencies"].as_array()?.iter().any(|f| *f == frequency.in_capitals());
        return named.then_some(None);
    }
    let item =
        setting["copyPolicyItems"].as_array()?.iter().find(|item| item["frequencyType"] == frequency.as_str())?;
    let unit = item["retentionUnit"].as_str().unwrap_or_default();
    Some(retention(unit, item["retentionValue"].as_i64().unwrap_or_default()))
}
