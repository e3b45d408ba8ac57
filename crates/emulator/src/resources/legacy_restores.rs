//! Restore jobs of Legacy Backup: into a cluster, or as files to download. A sharded cluster's is a batch of jobs, one a
//! part.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    legacy::{backed_up, oplog, parts},
    lookup, targets,
};
use crate::{
    call::{Answer, Call, present, stamp},
    errors::ApiError,
    failures::JobKind,
    legacy::{LegacyBackup, LegacyRestore},
    paging::{page, whole},
    records::{Cluster, Phase},
    schema::Violation,
    state::{ObjectId, State},
};

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, _) = backed_up(call, state)?;
        let batch = call.query.get("batchId");
        let fits = |job: &&LegacyRestore| batch.is_none_or(|batch| job.batch.is_some_and(|id| id.to_string() == batch));
        let jobs: Vec<_> = state.legacy_restores.below(cluster.id).rev().filter(fits).collect();
        Ok(page(call, &jobs, |job| view(call, cluster, job)))
    })
}

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let (cluster, _) = backed_up(call, state)?;
        let id = call.parameter("jobId");
        let job = id.parse().ok().and_then(|id| state.legacy_restores.get_below(cluster.id, id));
        let job = job.ok_or_else(|| {
            let detail = format!("{} has no restore job {id}.", cluster.name);
            ApiError::not_found("RESTORE_JOB_NOT_FOUND", detail).parameter(id).parameter(cluster.name.as_str())
        })?;
        Ok(Answer::ok(view(call, cluster, job)))
    })
}

/// Answers with a page of the jobs that were started.
pub(super) fn create(call: &Call<'_>) -> Result<Answer, ApiError> {
    let body = call.body.as_ref().unwrap_or(&Value::Null);
    let delivery = &body["delivery"];
    let automated = match delivery["methodName"].as_str() {
        Some("AUTOMATED_RESTORE") => true,
        Some("HTTP") => false,
        other => {
            let detail = format!("{} is no way to deliver a restore any more.", other.unwrap_or_default());
            return Err(ApiError::bad_request("UNSUPPORTED_DELIVERY_METHOD", detail));
        }
    };
    call.store.write(|state| {
        let (cluster, backup) = backed_up(call, state)?;
        let cluster = cluster.clone();
        let Source { snapshot, shows: moment, begins } = source(call, state, &cluster, backup, automated)?;
        let target = if automated { Some(target(call, state, &cluster, delivery)?) } else { None };
        let parts = parts(&cluster).len();
        let batch = (parts > 1).then(|| state.new_id(call.now));
        let timeline = state.timeline(JobKind::Legacy, call.now);
        let jobs: Vec<_> = (0..parts)
            .map(|_| LegacyRestore {
                id: state.new_id(call.now),
                timeline,
                batch,
                snapshot,
                moment,
                target: target.as_ref().map(|cluster| (cluster.name.clone(), cluster.project)),
                key: state.new_id(call.now),
                expiration_hours: delivery["expirationHours"].as_i64().unwrap_or(1).clamp(1, 1_000_000),
                max_downloads: delivery["maxDownloads"].as_i64().unwrap_or(1),
            })
            .collect();
        if let (Some(target), Some(first)) = (target, jobs.first().filter(|_| !timeline.fails)) {
            let data = state.data_of_snapshot(cluster.id, begins);
            state.plan_restore(target.id, (call.now, timeline.ends), first.id, data);
        }
        let answer = whole(call, &jobs, |job| view(call, &cluster, job));
        for job in jobs {
            state.legacy_restores.insert(cluster.id, job.id, job);
        }
        Ok(answer)
    })
}

/// Where a restore takes its data from.
struct Source {
    snapshot: Option<ObjectId>,
    /// The moment whose data it is said to bring.
    shows: DateTime<Utc>,
    /// The moment whose data it brings.
    begins: DateTime<Utc>,
}

fn source(
    call: &Call<'_>,
    state: &State,
    cluster: &Cluster,
    backup: &LegacyBackup,
    automated: bool,
) -> Result<Source, ApiError> {
    let body = call.body.as_ref().unwrap_or(&Value::Null);
    let moment = body["pointInTimeUTCMillis"].as_i64().and_then(DateTime::from_timestamp_millis);
    let moment = moment.or_else(|| body["oplogTs"].as_str().and_then(|text| text.parse().ok()));
    if !body["checkpointId"].is_null() {
        let detail = "This operation restores no checkpoints.";
        return Err(ApiError::bad_request("CHECKPOINT_RESTORE_UNSUPPORTED_FOR_REPLICA_SETS", detail));
    }
    match (body["snapshotId"].as_str(), moment) {
        (Some(id), None) => {
            let snapshot = id.parse().ok().and_then(|id| state.legacy_snapshots.get_below(cluster.id, id));
            let snapshot = snapshot.filter(|s| s.is_kept(call.now)).ok_or_else(|| {
                let detail = format!("{} has no snapshot {id}.", cluster.name);
                ApiError::not_found("SNAPSHOT_NOT_FOUND", detail).parameter(id).parameter(cluster.name.as_str())
            })?;
            if snapshot.timeline.phase(call.now) != Phase::Done {
                let detail = "Only a complete snapshot can be restored.";
                return Err(ApiError::bad_request("SNAPSHOT_NOT_COMPLETE", detail).parameter(id));
            }
            Ok(Source { snapshot: Some(snapshot.id), shows: snapshot.timeline.asked, begins: snapshot.timeline.begins })
        }
        (None, Some(_)) if cluster.kind.is_sharded() => {
            let detail = "A sharded cluster is restored to a checkpoint, not to any moment.";
            Err(ApiError::bad_request("PIT_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS", detail))
        }
        (None, Some(moment)) => {
            let oldest = call.now - TimeDelta::hours(backup.point_in_time_window_hours);
            if automated && oldest <= moment && moment <= call.now {
                return Ok(Source { snapshot: None, shows: moment, begins: moment });
            }
            let detail = "Give a moment within the window, for an automated restore.";
            Err(ApiError::bad_request("INVALID_PIT_RESTORE_TIME", detail))
        }
        _ => {
            let description = "is required, or one moment instead".to_owned();
            Err(ApiError::validation(vec![Violation { field: "snapshotId".to_owned(), description }]))
        }
    }
}

/// The cluster that an automated restore writes to, named or by its id.
fn target(call: &Call<'_>, state: &State, source: &Cluster, delivery: &Value) -> Result<Cluster, ApiError> {
    let project = delivery["targetGroupId"].as_str().map_or_else(|| source.project.to_string(), ToOwned::to_owned);
    let by_id = delivery["targetClusterId"].as_str().and_then(|id| id.parse().ok());
    let by_id = by_id.and_then(|id| state.clusters.get(id)).map(|cluster| cluster.name.clone());
    let name = delivery["targetClusterName"].as_str().map(ToOwned::to_owned).or(by_id);
    let name = name.ok_or_else(|| {
        let field = "delivery.targetClusterName".to_owned();
        ApiError::validation(vec![Violation { field, description: "is required".to_owned() }])
    })?;
    lookup::project_by_id(&project, state)?;
    targets::dedicated(call, state, source, &project, &name).cloned().map_err(ApiError::into_bad_request)
}

fn view(call: &Call<'_>, cluster: &Cluster, job: &LegacyRestore) -> Value {
    let phase = job.timeline.phase(call.now);
    let base = format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name);
    let download = job.target.is_none();
    let ready = download && phase == Phase::Done;
    let expires = job.timeline.ends + TimeDelta::hours(job.expiration_hours);
    let url = format!("{}/download/{}.tar.gz", call.base, job.id);
    let live = ready && call.now < expires;
    let status = match phase {
        Phase::Queued | Phase::Running => "IN_PROGRESS",
        Phase::Done => "FINISHED",
        Phase::Failed => "BROKEN",
    };
    let delivered = match phase {
        Phase::Failed => "FAILED",
        Phase::Done if download && !live => "EXPIRED",
        Phase::Done => "READY",
        _ => "IN_PROGRESS",
    };
    present(json!({
        "batchId": job.batch.map(|id| id.to_string()),
        "clusterId": cluster.id.to_string(),
        "clusterName": cluster.name,
        "created": stamp(job.timeline.asked),
        "delivery": present(json!({
            "authHeader": live.then_some("X-Restore-Key"),
            "authValue": live.then(|| job.key.to_string()),
            "expirationHours": download.then_some(job.expiration_hours),
            "expires": ready.then(|| stamp(expires)),
            "maxDownloads": download.then_some(job.max_downloads),
            "methodName": if download { "HTTP" } else { "AUTOMATED_RESTORE" },
            "statusName": delivered,
            "targetClusterName": job.target.as_ref().map(|(name, _)| name),
            "targetGroupId": job.target.as_ref().map(|(_, project)| project.to_string()),
            "url": live.then(|| format!("{url}?key={}", job.key)),
            "urlV2": live.then_some(url),
        })),
        "encryptionEnabled": false,
        "groupId": cluster.project.to_string(),
        "hashes": [],
        "id": job.id.to_string(),
        "links": [call.link("self", &format!("{base}/restoreJobs/{}", job.id))],
        "snapshotId": job.snapshot.map(|id| id.to_string()),
        "statusName": status,
        "timestamp": oplog(job.moment),
    }))
}
