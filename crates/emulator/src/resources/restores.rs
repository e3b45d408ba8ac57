//! Restore jobs of dedicated clusters.
//!
//! A job has no status: an automated one is over when `finishedAt` is there, a download when `deliveryUrl` holds
//! something, and a download never gets a `finishedAt`.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{lookup, snapshots};
use crate::{
    call::{Answer, Call, present, stamp},
    downloads::LinkKey,
    errors::ApiError,
    paging::page,
    records::{Cluster, Delivery, Phase, RestoreJob, Timeline, pace},
    schema::Violation,
    state::{ObjectId, State},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    delivery_type: String,
    snapshot_id: Option<String>,
    target_cluster_name: Option<String>,
    target_group_id: Option<String>,
    #[serde(rename = "pointInTimeUTCSeconds")]
    point_in_time_utc_seconds: Option<i64>,
    oplog_ts: Option<i64>,
}

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        let jobs: Vec<_> = state.restore_jobs.below(cluster.id).rev().collect();
        Ok(page(call, &jobs, |job| view(call, state, cluster, job)))
    })
}

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        Ok(Answer::ok(view(call, state, cluster, find(call, state, cluster)?)))
    })
}

pub(super) fn create(call: &Call<'_>) -> Result<Answer, ApiError> {
    let wanted: Wanted = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        let snapshot = match &wanted.snapshot_id {
            Some(id) => {
                let snapshot = id.parse().ok().and_then(|id| snapshots::kept(call, state, &cluster, id));
                let snapshot = snapshot.ok_or_else(|| ApiError::resource_not_found("snapshot", id))?;
                if snapshot.timeline.phase(call.now) != Phase::Done {
                    let detail = "Only a complete snapshot can be restored.";
                    return Err(ApiError::bad_request("SNAPSHOT_NOT_COMPLETE", detail).parameter(id.as_str()));
                }
                Some((snapshot.id, snapshot.timeline.begins, snapshot.timeline.ends))
            }
            None if wanted.delivery_type == "pointInTime" => None,
            None => return Err(missing("snapshotId")),
        };
        let delivery = delivery(call, state, &wanted)?;
        let job = RestoreJob {
            id: state.new_id(call.now),
            timeline: Timeline::new(call.now, chrono::TimeDelta::zero(), pace::RESTORE_RUNNING),
            delivery,
            snapshot: snapshot.map(|(id, _, _)| id),
            snapshot_begun: snapshot.map_or(call.now, |(_, begun, _)| begun),
            snapshot_taken: snapshot.map_or(call.now, |(_, _, taken)| taken),
            cancelled: false,
            link_key: LinkKey::new()?,
        };
        if let Some(target) = target(call, state, &job.delivery) {
            let data = match &job.delivery {
                Delivery::PointInTime { seconds, .. } => {
                    let moment = DateTime::from_timestamp(*seconds, 0).unwrap_or(call.now);
                    state.data_at(cluster.id, moment)
                }
                _ => state.data_of_snapshot(cluster.id, job.snapshot_begun),
            };
            state.plan_restore(target, (call.now, job.timeline.ends), job.id, data);
        }
        let answer = Answer::ok(view(call, state, &cluster, &job));
        state.restore_jobs.insert(cluster.id, job.id, job);
        Ok(answer)
    })
}

pub(super) fn cancel(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?;
        let job = find(call, state, cluster)?;
        if job.timeline.ended(call.now).is_some() {
            let detail = "The restore job is already over.";
            return Err(ApiError::bad_request("CANNOT_CANCEL_RESTORE_JOB", detail).parameter(job.id.to_string()));
        }
        let (id, target) = (job.id, target(call, state, &job.delivery));
        if let Some(job) = state.restore_jobs.get_mut(id) {
            job.cancelled = true;
        }
        if let Some(target) = target {
            state.withdraw_restore(target, id);
        }
        Ok(Answer::empty())
    })
}

fn delivery(call: &Call<'_>, state: &State, wanted: &Wanted) -> Result<Delivery, ApiError> {
    if wanted.delivery_type == "download" {
        return Ok(Delivery::Download);
    }
    let target_cluster = wanted.target_cluster_name.clone().ok_or_else(|| missing("targetClusterName"))?;
    let target_project = wanted.target_group_id.as_deref().ok_or_else(|| missing("targetGroupId"))?;
    let target_project = lookup::project_by_id(target_project, state)?.id;
    if lookup::named(call, state, target_project, &target_cluster).is_none() {
        return Err(ApiError::cluster_not_found(&target_cluster, &target_project.to_string()));
    }
    if wanted.delivery_type != "pointInTime" {
        return Ok(Delivery::Automated { target_cluster, target_project });
    }
    let seconds = wanted.point_in_time_utc_seconds.or(wanted.oplog_ts);
    let seconds = seconds.ok_or_else(|| missing("pointInTimeUTCSeconds"))?;
    Ok(Delivery::PointInTime { target_cluster, target_project, seconds })
}

/// The cluster that a restore writes to; a download has none.
fn target(call: &Call<'_>, state: &State, delivery: &Delivery) -> Option<ObjectId> {
    match delivery {
        Delivery::Automated { target_cluster, target_project }
        | Delivery::PointInTime { target_cluster, target_project, .. } => {
            lookup::named(call, state, *target_project, target_cluster).map(|cluster| cluster.id)
        }
        Delivery::Download => None,
    }
}

fn missing(field: &str) -> ApiError {
    ApiError::validation(vec![Violation { field: field.to_owned(), description: "is required".to_owned() }])
}

fn find<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster) -> Result<&'s RestoreJob, ApiError> {
    let id = lookup::id(call, "restoreJobId", "restore job")?;
    let job = state.restore_jobs.get_below(cluster.id, id);
    job.ok_or_else(|| ApiError::resource_not_found("restore job", &id.to_string()))
}

fn view(call: &Call<'_>, state: &State, cluster: &Cluster, job: &RestoreJob) -> Value {
    let ended = job.timeline.ended(call.now).filter(|_| !job.cancelled);
    let (kind, target, seconds) = match &job.delivery {
        Delivery::Automated { target_cluster, target_project } => {
            ("automated", Some((target_cluster, target_project)), None)
        }
        Delivery::PointInTime { target_cluster, target_project, seconds } => {
            ("pointInTime", Some((target_cluster, target_project)), Some(*seconds))
        }
        Delivery::Download => ("download", None, None),
    };
    let download = target.is_none();
    let url_expires = ended.filter(|_| download).map(|at| at + pace::DOWNLOAD_LIFE);
    let expired = url_expires.is_some_and(|at| call.now >= at);
    let urls = job.archives(cluster, call.now).unwrap_or_default().into_iter();
    let base = format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name);
    let mut links = vec![call.link("self", &format!("{base}/backup/restoreJobs/{}", job.id))];
    if let Some(snapshot) = job.snapshot {
        links.push(call.link("https://cloud.mongodb.com/snapshot", &format!("{base}/backup/snapshots/{snapshot}")));
    }
    links.push(call.link("https://cloud.mongodb.com/cluster", &base));
    let project = format!("/api/atlas/v2/groups/{}", cluster.project);
    links.push(call.link("https://cloud.mongodb.com/group", &project));
    let item = target.and_then(|(name, project)| lookup::named(call, state, *project, name));
    present(json!({
        "cancelled": job.cancelled,
        "deliveryType": kind,
        "deliveryUrl": urls.map(|path| format!("{}{path}", call.base)).collect::<Vec<_>>(),
        // All three are null on every job that the service was seen to send.
        "desiredTimestamp": {"date": null, "increment": null, "time": null},
        "expired": expired,
        "expiresAt": url_expires.map(stamp),
        "failed": job.timeline.fails && ended.is_some(),
        "finishedAt": ended.filter(|_| !download).map(stamp),
        "id": job.id.to_string(),
        "links": links,
        "pointInTimeUTCSeconds": seconds,
        "snapshotId": job.snapshot.map(|id| id.to_string()),
        "targetClusterName": target.map(|(name, _)| name),
        "targetDeploymentItemName": item.map(|c| format!("atlas-{}", &c.id.to_string()[18..])),
        "targetGroupId": target.map(|(_, project)| project.to_string()),
        "timestamp": stamp(job.snapshot_taken),
    }))
}
