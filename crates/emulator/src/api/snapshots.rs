//! Snapshots of dedicated clusters: replica sets and sharded clusters, taken on demand or by a schedule.
//!
//! The fields follow the life of the snapshot. `cloudProvider` and the version appear when it starts, `createdAt` and
//! the size when it is complete; `expiresAt` then changes. Lists are newest first. The
//! operations of sharded clusters serve only those; the others serve both kinds.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        paging::page,
    },
    domain::{
        clusters::Cluster,
        error::ApiError,
        ids::ObjectId,
        job_kind::JobKind,
        refusals::{
            ATLAS_GENERAL_ERROR, BACKUP_JOB_NOT_FOUND, BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID,
            CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY, CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT,
            CANNOT_DELETE_IN_PROGRESS_SNAPSHOT, CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY,
            CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION, MISSING_QUERY_PARAMETER, MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS,
            Refusal, SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY, UNFINISHED_ON_DEMAND_SNAPSHOT,
        },
        schedule::{PolicyItem, retention},
        snapshots::{Frequency, Snapshot, SnapshotCopy},
        timeline::Phase,
    },
    engine::{
        clusters, compliance,
        snapshots::{SnapshotTrigger, create_snapshot},
    },
    state::tables::State,
};

/// Default retention.
const DEFAULT_RETENTION: TimeDelta = TimeDelta::days(1);
/// The code for deleting a snapshot that a compliance policy protects.
pub(crate) const PROTECTED_BY_POLICY: &Refusal = &CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotRequest {
    description: Option<String>,
    retention_in_days: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retention {
    retention_unit: String,
    retention_value: i64,
}

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    list_of(call, false)
}

pub(crate) fn list_sharded(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    list_of(call, true)
}

fn list_of(call: &Call<'_>, sharded: bool) -> Result<ApiResponse, ApiError> {
    let moment = moment(call)?;
    call.store.read(|state| {
        let cluster = lookup::backed_up(call, state)?;
        refuse_wrong_kind(cluster, sharded)?;
        let snapshots = state.snapshots.below(cluster.id).rev();
        let snapshots = snapshots.filter(|s| (s.sharded || !sharded) && s.is_kept(call.now));
        // With a moment, only the snapshot from which a restore to it would begin.
        let before = |s: &&Snapshot| {
            let done = s.timeline.phase(call.now) == Phase::Done;
            moment.is_none_or(|moment| done && s.timeline.ends.timestamp() <= moment)
        };
        let most = if moment.is_some() { 1 } else { usize::MAX };
        let snapshots: Vec<_> = snapshots.filter(before).take(most).collect();
        Ok(page(call, &snapshots, |s| view(call, cluster, s, sharded)))
    })
}

/// The moment that a list names: a second, or an oplog entry by its two halves.
fn moment(call: &Call<'_>) -> Result<Option<i64>, ApiError> {
    let number = |name: &str| call.query.get(name).and_then(|value| value.parse::<i64>().ok());
    let (seconds, ts, inc) = (number("pointInTimeUtcSeconds"), number("oplogTs"), number("oplogInc"));
    let missing = |name: &str, other: &str| {
        let detail = format!("{other} needs the query parameter {name}.");
        Err(MISSING_QUERY_PARAMETER.error(detail).parameter(name))
    };
    match (seconds, ts, inc) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            let detail = "pointInTimeUtcSeconds and an oplog timestamp exclude each other.";
            let error = MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS.error(detail);
            Err(error.parameter("pointInTimeUtcSeconds").parameter("oplogTs"))
        }
        (None, Some(_), None) => missing("oplogInc", "oplogTs"),
        (None, None, Some(_)) => missing("oplogTs", "oplogInc"),
        (seconds, ts, _) => Ok(seconds.or(ts)),
    }
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    get_of(call, false)
}

pub(crate) fn get_sharded(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    get_of(call, true)
}

fn get_of(call: &Call<'_>, sharded: bool) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let (cluster, snapshot) = find(call, state, sharded)?;
        Ok(ApiResponse::ok(view(call, cluster, snapshot, sharded)))
    })
}

pub(crate) fn take(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: SnapshotRequest = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        let name = cluster.name.as_str();
        clusters::refuse_deleted(&cluster)?;
        if !cluster.backup_enabled {
            let detail = format!("Cloud backup is not enabled on {name}.");
            return Err(BACKUP_JOB_NOT_FOUND.error(detail).parameter(name));
        }
        let on_demand = |s: &Snapshot| s.frequency == Frequency::OnDemand && call.now < s.timeline.ends;
        if state.snapshots.below(cluster.id).any(on_demand) {
            let detail = "Another on-demand snapshot is not finished yet.";
            return Err(UNFINISHED_ON_DEMAND_SNAPSHOT.error(detail).parameter(name));
        }
        let demanded = compliance::requirements(state, cluster.project, call.now).and_then(|demands| demands.on_demand);
        let retention = match wanted.retention_in_days {
            Some(days) => TimeDelta::try_days(days).unwrap_or(TimeDelta::MAX),
            None => default_retention(state, &cluster).max(demanded.unwrap_or_default()),
        };
        if demanded.is_some_and(|demanded| retention < demanded) {
            let detail = "The project's backup compliance policy demands a longer retention.";
            return Err(SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY.error(detail));
        }
        let extra =
            state.schedules.get(cluster.id).map_or(TimeDelta::zero(), |s| s.extra_retention(Frequency::OnDemand));
        let occasion = SnapshotTrigger {
            frequency: Frequency::OnDemand,
            description: wanted.description,
            retention: retention.checked_add(&extra).unwrap_or(TimeDelta::MAX),
            policy_items: Vec::new(),
        };
        let snapshot = create_snapshot(state, &cluster, call.now, occasion);
        Ok(ApiResponse::ok(view(call, &cluster, &snapshot, snapshot.sharded)))
    })
}

/// Default retention of an on-demand snapshot.
fn default_retention(state: &State, cluster: &Cluster) -> TimeDelta {
    let schedule = state.schedules.get(cluster.id);
    let item = schedule.and_then(|schedule| schedule.item(Frequency::OnDemand)).and_then(PolicyItem::retention);
    item.unwrap_or(DEFAULT_RETENTION)
}

/// Changes the retention of a snapshot, counted from its completion.
pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: Retention = call.body()?;
    let retention = retention(&wanted.retention_unit, wanted.retention_value)
        .ok_or_else(|| BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID.error("A snapshot is kept for at least one day."))?;
    call.store.write(|state| {
        let cluster = lookup::backed_up(call, state)?.clone();
        let known = find_in(call, state, &cluster)?;
        if call.now < known.timeline.ends {
            let detail = "The retention of a snapshot can be changed once it is complete.";
            return Err(CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION.error(detail));
        }
        if retention < known.retention {
            let code = &CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY;
            compliance::refuse_under_policy(state, cluster.project, call.now, code)?;
        }
        let id = known.id;
        let snapshot = state.snapshots.get_mut(id).ok_or_else(|| missing(call))?;
        snapshot.retention = retention;
        Ok(ApiResponse::ok(view(call, &cluster, snapshot, false)))
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    delete_of(call, false)
}

pub(crate) fn delete_sharded(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    delete_of(call, true)
}

fn delete_of(call: &Call<'_>, sharded: bool) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let part = call.parameter("snapshotId");
        if is_part(call, state, lookup::backed_up(call, state)?, part) {
            let detail = format!("{part} is a part of a snapshot, which is deleted as a whole.");
            return Err(CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT.error(detail).parameter(part));
        }
        let (cluster, snapshot) = find(call, state, sharded)?;
        let id = snapshot.id;
        if call.now < snapshot.timeline.ends {
            let detail = format!("Snapshot {id} is still being taken.");
            return Err(CANNOT_DELETE_IN_PROGRESS_SNAPSHOT.error(detail).parameter(id.to_string()));
        }
        compliance::refuse_under_policy(state, cluster.project, call.now, PROTECTED_BY_POLICY)?;
        state.snapshots.remove(id);
        Ok(ApiResponse::empty())
    })
}

/// The snapshot in the path with its cluster. Both must be of the kind that the operation serves.
fn find<'s>(call: &Call<'_>, state: &'s State, sharded: bool) -> Result<(&'s Cluster, &'s Snapshot), ApiError> {
    let cluster = lookup::backed_up(call, state)?;
    refuse_wrong_kind(cluster, sharded)?;
    let snapshot = find_in(call, state, cluster)?;
    if snapshot.sharded || !sharded { Ok((cluster, snapshot)) } else { Err(missing(call)) }
}

pub(crate) fn find_in<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster) -> Result<&'s Snapshot, ApiError> {
    let id = lookup::id(call, "snapshotId", "snapshot")?;
    find_unexpired(call, state, cluster, id).ok_or_else(|| missing(call))
}

/// The snapshot of `cluster` with this id, unless it has expired.
pub(crate) fn find_unexpired<'s>(
    call: &Call<'_>,
    state: &'s State,
    cluster: &Cluster,
    id: ObjectId,
) -> Option<&'s Snapshot> {
    state.snapshots.get_below(cluster.id, id).filter(|s| s.is_kept(call.now))
}

/// Whether `id` is one shard's part of a snapshot of `cluster`.
pub(crate) fn is_part(call: &Call<'_>, state: &State, cluster: &Cluster, id: &str) -> bool {
    let Ok(id) = id.parse::<ObjectId>() else { return false };
    let part = |s: &Snapshot| s.sharded && s.is_kept(call.now) && s.members.iter().any(|(member, _)| *member == id);
    state.snapshots.below(cluster.id).any(part)
}

fn missing(call: &Call<'_>) -> ApiError {
    ApiError::resource_not_found("snapshot", call.parameter("snapshotId"))
}

/// 400 where an operation of sharded clusters names another one.
fn refuse_wrong_kind(cluster: &Cluster, sharded: bool) -> Result<(), ApiError> {
    if cluster.kind.is_sharded() || !sharded {
        return Ok(());
    }
    let detail = format!("{} is not a sharded cluster.", cluster.name);
    Err(ATLAS_GENERAL_ERROR.error(detail).parameter(cluster.name.as_str()))
}

/// The snapshot as the operations of sharded clusters show it, or as all others do.
fn view(call: &Call<'_>, cluster: &Cluster, snapshot: &Snapshot, sharded: bool) -> Value {
    let phase = snapshot.timeline.phase(call.now);
    let status = JobKind::Snapshot.state(phase);
    let begun = phase != Phase::Queued;
    let done = phase == Phase::Done;
    let base = format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name);
    let kind = if sharded { "shardedCluster/" } else { "" };
    let mut document = json!({
        "createdAt": done.then(|| stamp(snapshot.timeline.ends)),
        "description": snapshot.description,
        "expiresAt": stamp(snapshot.expires(call.now)),
        "frequencyType": snapshot.frequency.as_str(),
        "id": snapshot.id.to_string(),
        "links": [
            call.link("self", &format!("{base}/backup/snapshots/{kind}{}", snapshot.id)),
            call.link("https://cloud.mongodb.com/cluster", &base),
        ],
        "mongodVersion": begun.then_some(&snapshot.mongodb_version),
        "policyItems": snapshot.policy_items.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "snapshotType": match snapshot.frequency {
            _ if snapshot.fallback => "fallback",
            Frequency::OnDemand => "onDemand",
            _ => "scheduled",
        },
        "status": status,
        "storageSizeBytes": if done { snapshot.storage_size_bytes } else { 0 },
        "type": if snapshot.sharded { "shardedCluster" } else { "replicaSet" },
    });
    document["masterKeyUUID"] = snapshot.key.as_ref().map(|key| uuid(key.master_key)).into();
    if sharded {
        let dedicated = cluster.has_dedicated_config_server();
        document["configServerType"] = if dedicated { "DEDICATED" } else { "EMBEDDED" }.into();
        let members =
            snapshot.members.iter().filter(|_| begun).map(
                |(id, set)| json!({"cloudProvider": snapshot.provider, "id": id.to_string(), "replicaSetName": set}),
            );
        document["members"] = members.collect();
        document["snapshotIds"] = snapshot.members.iter().map(|(id, _)| id.to_string()).collect();
    } else {
        document["cloudProvider"] = begun.then_some(snapshot.provider.as_str()).into();
        let there = |copy: &&SnapshotCopy| copy.ready <= call.now && copy.expires.is_none_or(|at| call.now < at);
        document["copyRegions"] = snapshot.copies.iter().filter(there).map(|copy| copy.region.as_str()).collect();
        document["replicaSetName"] = snapshot.members.first().map(|(_, set)| set.as_str()).into();
    }
    omit_nulls(document)
}

/// An ID in the form of a UUID.
fn uuid(id: ObjectId) -> String {
    let id = id.to_string();
    format!("{}-{}-4{}-8{}-{}000000", &id[..8], &id[8..12], &id[12..15], &id[15..18], &id[18..24])
}
