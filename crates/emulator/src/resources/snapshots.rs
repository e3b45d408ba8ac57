//! Snapshots of dedicated clusters: replica sets and sharded clusters, taken on demand or by a schedule.
//!
//! What a snapshot shows follows its life: `cloudProvider` and the version appear once it is being taken, `createdAt` and
//! the size once it is complete, and then `expiresAt` moves. The lists give the newest first, each only its own kind.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup;
use crate::{
    call::{Answer, Call, present, stamp},
    errors::ApiError,
    paging::page,
    records::{Cluster, Frequency, Phase, Snapshot, Timeline, pace},
    schedule::retention,
    state::{ObjectId, State},
};

/// Kept this long where a request does not say.
const DEFAULT_RETENTION_DAYS: i64 = 1;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    description: Option<String>,
    retention_in_days: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retention {
    retention_unit: String,
    retention_value: i64,
}

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    list_of(call, false)
}

pub(super) fn list_sharded(call: &Call<'_>) -> Result<Answer, ApiError> {
    list_of(call, true)
}

fn list_of(call: &Call<'_>, sharded: bool) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        right_kind(cluster, sharded)?;
        let snapshots = state.snapshots.below(cluster.id).rev();
        let snapshots: Vec<_> = snapshots.filter(|s| s.sharded == sharded && s.is_kept(call.now)).collect();
        Ok(page(call, &snapshots, |s| view(call, cluster, s)))
    })
}

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    get_of(call, false)
}

pub(super) fn get_sharded(call: &Call<'_>) -> Result<Answer, ApiError> {
    get_of(call, true)
}

fn get_of(call: &Call<'_>, sharded: bool) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, snapshot) = find(call, state, sharded)?;
        Ok(Answer::ok(view(call, cluster, snapshot)))
    })
}

pub(super) fn take(call: &Call<'_>) -> Result<Answer, ApiError> {
    let wanted: Wanted = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        if !cluster.backup_enabled {
            let detail = format!("Cloud backup is not enabled on {}.", cluster.name);
            return Err(ApiError::bad_request("BACKUP_NOT_ENABLED", detail).parameter(cluster.name.as_str()));
        }
        let days = wanted.retention_in_days.unwrap_or(DEFAULT_RETENTION_DAYS);
        let sets = cluster.replica_sets().into_iter();
        let snapshot = Snapshot {
            id: state.new_id(call.now),
            timeline: Timeline::new(call.now, pace::SNAPSHOT_QUEUED, pace::SNAPSHOT_RUNNING),
            frequency: Frequency::OnDemand,
            description: wanted.description,
            retention: TimeDelta::try_days(days).unwrap_or(TimeDelta::MAX),
            storage_size_bytes: 4_186_517_504,
            policy_item: None,
            mongodb_version: cluster.mongodb_version.clone(),
            provider: cluster.provider().to_owned(),
            members: sets.map(|set| (state.new_id(call.now), set)).collect(),
            sharded: cluster.kind.is_sharded(),
        };
        let answer = Answer::ok(view(call, &cluster, &snapshot));
        state.snapshots.insert(cluster.id, snapshot.id, snapshot);
        Ok(answer)
    })
}

/// Changes how long a snapshot is kept, counted from its completion.
pub(super) fn update(call: &Call<'_>) -> Result<Answer, ApiError> {
    let wanted: Retention = call.body()?;
    let retention = retention(&wanted.retention_unit, wanted.retention_value)
        .ok_or_else(|| ApiError::bad_request("INVALID_RETENTION_VALUE", "A snapshot is kept for at least one day."))?;
    call.store.write(|state| {
        let (cluster, id) = {
            let cluster = lookup::dedicated(call, state)?;
            (cluster.clone(), find_in(call, state, cluster)?.id)
        };
        let snapshot = state.snapshots.get_mut(id).ok_or_else(|| missing(call))?;
        snapshot.retention = retention;
        Ok(Answer::ok(view(call, &cluster, snapshot)))
    })
}

pub(super) fn delete(call: &Call<'_>) -> Result<Answer, ApiError> {
    delete_of(call, false)
}

pub(super) fn delete_sharded(call: &Call<'_>) -> Result<Answer, ApiError> {
    delete_of(call, true)
}

fn delete_of(call: &Call<'_>, sharded: bool) -> Result<Answer, ApiError> {
    call.store.write(|state| {
        let id = find(call, state, sharded)?.1.id;
        state.snapshots.remove(id);
        Ok(Answer::empty())
    })
}

/// The snapshot in the path with its cluster, both of the kind that the operation serves.
fn find<'s>(call: &Call<'_>, state: &'s State, sharded: bool) -> Result<(&'s Cluster, &'s Snapshot), ApiError> {
    let cluster = lookup::dedicated(call, state)?;
    right_kind(cluster, sharded)?;
    let snapshot = find_in(call, state, cluster)?;
    if snapshot.sharded == sharded { Ok((cluster, snapshot)) } else { Err(missing(call)) }
}

fn find_in<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster) -> Result<&'s Snapshot, ApiError> {
    let id = lookup::id(call, "snapshotId", "snapshot")?;
    kept(call, state, cluster, id).ok_or_else(|| missing(call))
}

/// The snapshot of `cluster` with this id, unless it has expired.
pub(super) fn kept<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster, id: ObjectId) -> Option<&'s Snapshot> {
    state.snapshots.get_below(cluster.id, id).filter(|s| s.is_kept(call.now))
}

fn missing(call: &Call<'_>) -> ApiError {
    ApiError::resource_not_found("snapshot", call.parameter("snapshotId"))
}

/// Replica sets and sharded clusters have operations of their own.
fn right_kind(cluster: &Cluster, sharded: bool) -> Result<(), ApiError> {
    if cluster.kind.is_sharded() == sharded {
        return Ok(());
    }
    let (code, what) = if sharded {
        ("NOT_SHARDED_CLUSTER", "is not a sharded cluster")
    } else {
        ("CLUSTER_IS_SHARDED", "is a sharded cluster")
    };
    Err(ApiError::bad_request(code, format!("{} {what}.", cluster.name)).parameter(cluster.name.as_str()))
}

fn view(call: &Call<'_>, cluster: &Cluster, snapshot: &Snapshot) -> Value {
    let phase = snapshot.timeline.phase(call.now);
    let status = match phase {
        Phase::Queued => "queued",
        Phase::Running => "inProgress",
        Phase::Done => "completed",
        Phase::Failed => "failed",
    };
    let begun = phase != Phase::Queued;
    let done = phase == Phase::Done;
    let base = format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name);
    let kind = if snapshot.sharded { "shardedCluster/" } else { "" };
    let mut document = json!({
        "createdAt": snapshot.timeline.ended(call.now).map(stamp),
        "description": snapshot.description,
        "expiresAt": stamp(snapshot.expires(call.now)),
        "frequencyType": snapshot.frequency.as_str(),
        "id": snapshot.id.to_string(),
        "links": [
            call.link("self", &format!("{base}/backup/snapshots/{kind}{}", snapshot.id)),
            call.link("https://cloud.mongodb.com/cluster", &base),
        ],
        "mongodVersion": begun.then_some(&snapshot.mongodb_version),
        "policyItems": snapshot.policy_item.map(|id| id.to_string()).into_iter().collect::<Vec<_>>(),
        "snapshotType": if snapshot.frequency == Frequency::OnDemand { "onDemand" } else { "scheduled" },
        "status": status,
        "storageSizeBytes": if done { snapshot.storage_size_bytes } else { 0 },
        "type": if snapshot.sharded { "shardedCluster" } else { "replicaSet" },
    });
    if snapshot.sharded {
        let members =
            snapshot.members.iter().filter(|_| begun).map(
                |(id, set)| json!({"cloudProvider": snapshot.provider, "id": id.to_string(), "replicaSetName": set}),
            );
        document["members"] = members.collect();
        document["snapshotIds"] = snapshot.members.iter().map(|(id, _)| id.to_string()).collect();
    } else {
        document["cloudProvider"] = begun.then_some(snapshot.provider.as_str()).into();
        document["copyRegions"] = json!([]);
        document["replicaSetName"] = snapshot.members.first().map(|(_, set)| set.as_str()).into();
    }
    present(document)
}
