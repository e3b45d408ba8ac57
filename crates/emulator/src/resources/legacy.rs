//! Snapshots, checkpoints and the schedule of Legacy Backup.
//!
//! A cluster on cloud backups is refused with the code that says where to go instead. Checkpoints are not stored: they
//! follow from the clock, one at every full interval of the point-in-time window.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::lookup;
use crate::{
    call::{Answer, Call, present, stamp},
    errors::ApiError,
    legacy::{LegacyBackup, LegacySnapshot},
    paging::page,
    records::{Cluster, Phase},
    schema::Violation,
    state::{ObjectId, State},
};

/// How long before its end the shards are made to stand still.
const CHECKPOINT_TAKES: TimeDelta = TimeDelta::seconds(20);

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, _) = backed_up(call, state)?;
        let kept = |s: &&LegacySnapshot| s.is_kept(call.now) && s.timeline.phase(call.now) != Phase::Failed;
        let complete = call.query.get("completed").unwrap_or("true");
        let fits = |s: &&LegacySnapshot| match complete {
            "all" => true,
            "false" => call.now < s.timeline.ends,
            _ => call.now >= s.timeline.ends,
        };
        let snapshots = state.legacy_snapshots.below(cluster.id).rev().filter(kept).filter(fits).collect::<Vec<_>>();
        Ok(page(call, &snapshots, |s| view(call, cluster, s)))
    })
}

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, _) = backed_up(call, state)?;
        Ok(Answer::ok(view(call, cluster, find(call, state, cluster)?)))
    })
}

/// Moves the end of a snapshot, or takes it away.
pub(super) fn update(call: &Call<'_>) -> Result<Answer, ApiError> {
    let body = call.body.as_ref().unwrap_or(&Value::Null);
    let expires = body["expires"].as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let keep = body["doNotDelete"].as_bool();
    if expires.is_some() && keep == Some(true) {
        let description = "goes only without `doNotDelete`".to_owned();
        return Err(ApiError::validation(vec![Violation { field: "expires".to_owned(), description }]));
    }
    if expires.is_some_and(|expires| expires <= call.now) {
        return Err(ApiError::bad_request("EXPIRATION_DATE_IN_PAST", "A snapshot ends in the future."));
    }
    call.store.write(|state| {
        let (cluster, backup) = backed_up(call, state)?;
        let (cluster, usual) = (cluster.clone(), TimeDelta::days(backup.snapshot_retention_days));
        let id = find(call, state, &cluster)?.id;
        let snapshot = state.legacy_snapshots.get_mut(id).ok_or_else(|| missing(&cluster, call))?;
        snapshot.expires = match (expires, keep) {
            (Some(expires), _) => Some(expires),
            (None, Some(true)) => None,
            (None, Some(false)) => Some(snapshot.expires.unwrap_or(call.now + usual)),
            (None, None) => snapshot.expires,
        };
        Ok(Answer::ok(view(call, &cluster, snapshot)))
    })
}

pub(super) fn delete(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.write(|state| {
        let (cluster, _) = backed_up(call, state)?;
        let snapshot = find(call, state, cluster)?;
        let id = snapshot.id;
        let refused = match () {
            () if call.now < snapshot.timeline.ends => Some(("CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", "being taken")),
            () if snapshot.expires.is_none() => Some(("CANNOT_MODIFY_SNAPSHOT", "marked as not to be deleted")),
            () => None,
        };
        if let Some((code, why)) = refused {
            return Err(ApiError::bad_request(code, format!("Snapshot {id} is {why}.")).parameter(id.to_string()));
        }
        state.legacy_snapshots.remove(id);
        Ok(Answer::empty())
    })
}

pub(super) fn get_schedule(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, backup) = backed_up(call, state)?;
        Ok(Answer::ok(schedule_view(call, cluster, backup)))
    })
}

pub(super) fn update_schedule(call: &Call<'_>) -> Result<Answer, ApiError> {
    let body = call.body.as_ref().unwrap_or(&Value::Null);
    call.store.write(|state| {
        let (cluster, backup) = backed_up(call, state)?;
        let cluster = cluster.clone();
        let mut changed = serde_json::to_value(backup).unwrap_or_default();
        for (name, value) in changed.as_object_mut().into_iter().flatten() {
            if let Some(asked) = body.get(name).filter(|asked| asked.is_i64()) {
                value.clone_from(asked);
            }
        }
        let changed: LegacyBackup = serde_json::from_value(changed)
            .map_err(|e| ApiError::bad_request("INVALID_SNAPSHOT_SCHEDULE", e.to_string()))?;
        let wrong = changed.limits().into_iter().find(|(_, value, most)| !(0..=*most).contains(value));
        if let Some((field, _, most)) = wrong {
            let description = format!("must be between 0 and {most}");
            return Err(ApiError::validation(vec![Violation { field: field.to_owned(), description }]));
        }
        let answer = Answer::ok(schedule_view(call, &cluster, &changed));
        state.legacy_backups.insert(cluster.id, cluster.id, changed);
        state.replan();
        Ok(answer)
    })
}

pub(super) fn list_checkpoints(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, backup) = backed_up(call, state)?;
        Ok(page(call, &checkpoints(call, cluster, backup), |moment| checkpoint_view(call, cluster, *moment)))
    })
}

pub(super) fn get_checkpoint(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, backup) = backed_up(call, state)?;
        let asked = call.parameter("checkpointId");
        let known = checkpoints(call, cluster, backup);
        let moment = known.into_iter().find(|moment| checkpoint_id(cluster, *moment).to_string() == asked);
        let moment = moment.ok_or_else(|| {
            let detail = format!("{} has no checkpoint {asked}.", cluster.name);
            ApiError::not_found("CHECKPOINT_NOT_FOUND", detail).parameter(asked).parameter(cluster.name.as_str())
        })?;
        Ok(Answer::ok(checkpoint_view(call, cluster, moment)))
    })
}

/// The cluster in the path with its legacy backup.
pub(super) fn backed_up<'s>(call: &Call<'_>, state: &'s State) -> Result<(&'s Cluster, &'s LegacyBackup), ApiError> {
    let cluster = lookup::dedicated(call, state)?;
    let name = cluster.name.as_str();
    match state.legacy_backups.get(cluster.id) {
        Some(backup) => Ok((cluster, backup)),
        None if call.operation.id.contains("Checkpoint") => {
            let detail = format!("{name} is on Cloud Backups, which have no checkpoints.");
            Err(ApiError::bad_request("CHECKPOINTS_ONLY_ON_CONTINOUS_BACKUP", detail).parameter(name))
        }
        None => {
            let instead = format!("/api/atlas/v2/groups/{}/clusters/{name}/backup", cluster.project);
            let detail = format!("{name} is on Cloud Backups; use what is below {instead}.");
            Err(ApiError::bad_request("INCORRECT_BACKUP_API_ENDPOINT", detail).parameter(instead))
        }
    }
}

fn find<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster) -> Result<&'s LegacySnapshot, ApiError> {
    let id = call.parameter("snapshotId").parse().ok();
    let snapshot = id.and_then(|id| state.legacy_snapshots.get_below(cluster.id, id));
    snapshot.filter(|s| s.is_kept(call.now)).ok_or_else(|| missing(cluster, call))
}

fn missing(cluster: &Cluster, call: &Call<'_>) -> ApiError {
    let id = call.parameter("snapshotId");
    let detail = format!("{} has no snapshot {id}.", cluster.name);
    ApiError::not_found("SNAPSHOT_NOT_FOUND", detail).parameter(id).parameter(cluster.name.as_str())
}

/// The newest first; only sharded clusters have any.
fn checkpoints(call: &Call<'_>, cluster: &Cluster, backup: &LegacyBackup) -> Vec<DateTime<Utc>> {
    let interval = backup.cluster_checkpoint_interval_min.clamp(1, 60) * 60;
    let newest = call.now.timestamp() / interval;
    let oldest = (call.now - TimeDelta::hours(backup.point_in_time_window_hours)).max(cluster.ready).timestamp();
    let moments = (0..).map(|n| (newest - n) * interval).take_while(|moment| *moment > oldest);
    let moments = moments.filter(|_| cluster.kind.is_sharded());
    moments.filter_map(|seconds| DateTime::from_timestamp(seconds, 0)).collect()
}

fn checkpoint_id(cluster: &Cluster, moment: DateTime<Utc>) -> ObjectId {
    let mut bytes = cluster.id.0;
    bytes[..4].copy_from_slice(&(moment.timestamp() as u32).to_be_bytes());
    ObjectId(bytes)
}

/// The parts of a backup: each shard's replica set, and the config servers of a sharded cluster.
pub(super) fn parts(cluster: &Cluster) -> Vec<(String, &'static str)> {
    let mut parts: Vec<_> = cluster.replica_sets().into_iter().map(|set| (set, "REPLICA_SET")).collect();
    if cluster.kind.is_sharded() {
        parts.push((format!("{}-config-0", cluster.name), "CONFIG_SERVER_REPLICA_SET"));
    }
    parts
}

/// A moment as an entry of the oplog.
pub(super) fn oplog(moment: DateTime<Utc>) -> Value {
    json!({"date": stamp(moment), "increment": 1})
}

fn view(call: &Call<'_>, cluster: &Cluster, snapshot: &LegacySnapshot) -> Value {
    let complete = call.now >= snapshot.timeline.ends;
    let path = format!("/api/atlas/v2/groups/{}/clusters/{}/snapshots/{}", cluster.project, cluster.name, snapshot.id);
    let size = 1_073_741_824 + i64::from(snapshot.id.0[11]) * 65_536;
    let parts = parts(cluster).into_iter().filter(|_| complete).map(|(set, kind)| {
        json!({
            "clusterId": cluster.id.to_string(),
            "completedTime": stamp(snapshot.timeline.ends),
            "compressionSetting": "GZIP",
            "dataSizeBytes": size * 2,
            "encryptionEnabled": false,
            "fcv": snapshot.mongodb_version.splitn(3, '.').take(2).collect::<Vec<_>>().join("."),
            "fileSizeBytes": size + size / 2,
            "machineId": format!("{}.example.net:27017", set.to_lowercase()),
            "mongodVersion": snapshot.mongodb_version,
            "replicaSetName": set,
            "replicaState": "SECONDARY",
            "storageSizeBytes": size,
            "typeName": kind,
        })
    });
    present(json!({
        "clusterId": cluster.id.to_string(),
        "clusterName": cluster.name,
        "complete": complete,
        "created": oplog(snapshot.timeline.asked),
        "doNotDelete": snapshot.expires.is_none(),
        "expires": snapshot.expires.map(stamp),
        "groupId": cluster.project.to_string(),
        "id": snapshot.id.to_string(),
        "incremental": true,
        "lastOplogAppliedTimestamp": oplog(snapshot.timeline.asked),
        "links": [call.link("self", &path)],
        "parts": parts.collect::<Vec<_>>(),
    }))
}

fn schedule_view(call: &Call<'_>, cluster: &Cluster, backup: &LegacyBackup) -> Value {
    let path = format!("/api/atlas/v2/groups/{}/clusters/{}/snapshotSchedule", cluster.project, cluster.name);
    let mut document = serde_json::to_value(backup).unwrap_or_default();
    document["clusterId"] = cluster.id.to_string().into();
    document["groupId"] = cluster.project.to_string().into();
    document["links"] = json!([call.link("self", &path)]);
    document
}

fn checkpoint_view(call: &Call<'_>, cluster: &Cluster, moment: DateTime<Utc>) -> Value {
    let id = checkpoint_id(cluster, moment);
    let path = format!("/api/atlas/v2/groups/{}/clusters/{}/backupCheckpoints/{id}", cluster.project, cluster.name);
    let parts = parts(cluster).into_iter().map(|(set, kind)| {
        json!({
            "replicaSetName": set,
            "shardName": set,
            "tokenDiscovered": true,
            "tokenTimestamp": oplog(moment),
            "typeName": kind,
        })
    });
    json!({
        "clusterId": cluster.id.to_string(),
        "completed": stamp(moment),
        "groupId": cluster.project.to_string(),
        "id": id.to_string(),
        "links": [call.link("self", &path)],
        "parts": parts.collect::<Vec<_>>(),
        "restorable": true,
        "started": stamp(moment - CHECKPOINT_TAKES),
        "timestamp": stamp(moment),
    })
}
