//! Restore jobs of dedicated clusters.
//!
//! A job has no status. An automated job has ended when `finishedAt` is set, a download when `deliveryUrl` is filled. A
//! download never gets a `finishedAt`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        paging::page,
        snapshots,
    },
    domain::{
        clusters::Cluster,
        durations,
        error::ApiError,
        ids::ObjectId,
        job_kind::JobKind,
        jobs::{Delivery, RestoreJob},
        link_key::LinkKey,
        refusals::{
            ALREADY_EXPIRED, ATLAS_GENERAL_ERROR, AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED,
            CANNOT_CANCEL_AUTOMATED_RESTORE, CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT,
            CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY, CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT,
            CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT, CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT,
            INVALID_ATTRIBUTE, INVALID_PIT_RESTORE_TIME, SNAPSHOT_NOT_FOUND, TOO_MANY_SNAPSHOT_DOWNLOADS,
            UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME,
        },
        snapshots::Snapshot,
        timeline::{Phase, Timeline},
    },
    engine::{clusters, contents, job_failures, targets},
    state::tables::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestoreRequest {
    delivery_type: String,
    snapshot_id: Option<String>,
    target_cluster_name: Option<String>,
    target_group_id: Option<String>,
    #[serde(rename = "pointInTimeUTCSeconds")]
    point_in_time_utc_seconds: Option<i64>,
    oplog_ts: Option<i64>,
    oplog_inc: Option<i64>,
}

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::backed_up(call, state)?;
        let jobs: Vec<_> = state.restore_jobs.below(cluster.id).rev().collect();
        Ok(page(call, &jobs, |job| view(call, state, cluster, job)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::backed_up(call, state)?;
        Ok(ApiResponse::ok(view(call, state, cluster, find(call, state, cluster)?)))
    })
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: RestoreRequest = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::backed_up(call, state)?.clone();
        let source = if wanted.delivery_type == "pointInTime" {
            moment(call, state, &cluster, &wanted)?
        } else {
            wanted.refuse_moment()?;
            snapshot(call, state, &cluster, &wanted)?
        };
        let delivery = delivery(call, state, &cluster, &wanted)?;
        if let Some(target) = target(call, state, &delivery).and_then(|id| state.clusters.get(id)) {
            let snapshot = source.snapshot.and_then(|id| state.snapshots.get(id));
            targets::refuse_other_data(state, target, &cluster, snapshot)?;
        }
        if let (Delivery::Download, Some(snapshot)) = (&delivery, source.snapshot) {
            refuse_surplus_download(call, state, &cluster, snapshot)?;
        }
        let target = target(call, state, &delivery);
        let job = RestoreJob {
            id: state.new_id(call.now),
            timeline: job_failures::timeline(state, JobKind::Restore, call.now),
            delivery,
            snapshot: source.snapshot,
            snapshot_begun: source.snapshot_begun.unwrap_or(call.now),
            snapshot_taken: source.shows,
            oplog: wanted.oplog_ts.zip(wanted.oplog_inc),
            cancelled: false,
            link_key: LinkKey::new()?,
        };
        if let Some(target) = target.filter(|_| !job.timeline.fails) {
            let data = match source.snapshot_begun {
                Some(begins) => contents::of_snapshot(state, cluster.id, begins),
                None => contents::at(state, cluster.id, source.shows),
            };
            contents::plan_restore(state, target, (call.now, job.timeline.ends), job.id, data);
        }
        let answer = ApiResponse::ok(view(call, state, &cluster, &job));
        state.restore_jobs.insert(cluster.id, job.id, job);
        Ok(answer)
    })
}

impl RestoreRequest {
    /// Only a restore to a point in time names one.
    fn refuse_moment(&self) -> Result<(), ApiError> {
        let named = [
            ("pointInTimeUTCSeconds", self.point_in_time_utc_seconds),
            ("oplogTs", self.oplog_ts),
            ("oplogInc", self.oplog_inc),
        ];
        match named.into_iter().find(|(_, value)| value.is_some()) {
            Some((name, _)) => {
                let detail = format!("A restore with deliveryType {} does not take {name}.", self.delivery_type);
                Err(INVALID_ATTRIBUTE.error(detail).parameter(name))
            }
            None => Ok(()),
        }
    }
}

/// The most downloads of a project that run or can be fetched. The service has a limit and does not publish it.
const MOST_DOWNLOADS: usize = 20;

/// 400 where the snapshot is being prepared for another download, or the project has as many downloads as it may.
fn refuse_surplus_download(
    call: &Call<'_>,
    state: &State,
    cluster: &Cluster,
    snapshot: ObjectId,
) -> Result<(), ApiError> {
    let running = |job: &RestoreJob| job.is_download() && !job.cancelled && call.now < job.timeline.ends;
    if state.restore_jobs.below(cluster.id).any(|job| job.snapshot == Some(snapshot) && running(job)) {
        let detail = format!("Snapshot {snapshot} is being prepared for another download.");
        return Err(CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY.error(detail).parameter(snapshot.to_string()));
    }
    let clusters = state.clusters.below(cluster.project);
    let jobs = clusters.flat_map(|c| state.restore_jobs.below(c.id).map(move |job| (c, job)));
    let live = jobs.filter(|(c, job)| running(job) || job.archives(c, call.now).is_some()).count();
    if live >= MOST_DOWNLOADS {
        let detail = format!("The project already has {live} active downloads.");
        return Err(TOO_MANY_SNAPSHOT_DOWNLOADS.error(detail).parameter(cluster.project.to_string()));
    }
    Ok(())
}

/// The data source of a restore.
struct Source {
    snapshot: Option<ObjectId>,
    /// Start time of that snapshot.
    snapshot_begun: Option<DateTime<Utc>>,
    /// Point in time of the restored data.
    shows: DateTime<Utc>,
}

/// The snapshot that a request names.
fn snapshot(call: &Call<'_>, state: &State, cluster: &Cluster, wanted: &RestoreRequest) -> Result<Source, ApiError> {
    let id = wanted.snapshot_id.as_ref();
    let id = id.ok_or_else(|| SNAPSHOT_NOT_FOUND.error("The request does not name a snapshot.").parameter(""))?;
    let snapshot = id.parse().ok().and_then(|id| snapshots::find_unexpired(call, state, cluster, id));
    let snapshot = snapshot.ok_or_else(|| match snapshots::is_part(call, state, cluster, id) {
        true => {
            AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED.error("A snapshot is restored as a whole.").parameter(id.as_str())
        }
        false => ApiError::resource_not_found("snapshot", id),
    })?;
    if cluster.deleted.is_some() && !cluster.retain_backups {
        let detail = format!("{} is being deleted with its snapshots.", cluster.name);
        let code = match snapshot.sharded {
            true => &CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT,
            false => &CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT,
        };
        return Err(code.error(detail).parameter(id.as_str()));
    }
    if snapshot.timeline.phase(call.now) != Phase::Done {
        let code = match wanted.delivery_type.as_str() {
            "download" => &CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT,
            _ => &CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT,
        };
        let error = code.error("Only a complete snapshot can be restored.");
        return Err(error.parameter(id.as_str()));
    }
    let Timeline { begins, ends, .. } = snapshot.timeline;
    Ok(Source { snapshot: Some(snapshot.id), snapshot_begun: Some(begins), shows: ends })
}

/// The point in time of a request: a second, or both halves of an oplog timestamp.
fn moment(call: &Call<'_>, state: &State, cluster: &Cluster, wanted: &RestoreRequest) -> Result<Source, ApiError> {
    let seconds = match (wanted.point_in_time_utc_seconds, wanted.oplog_ts, wanted.oplog_inc) {
        (Some(seconds), None, None) | (None, Some(seconds), Some(_)) => seconds,
        _ => return Err(not_a_moment("Give a second, or both halves of an oplog timestamp.")),
    };
    restorable(call, state, cluster, seconds)?;
    let shows = DateTime::from_timestamp(seconds, 0).unwrap_or(call.now);
    Ok(Source { snapshot: None, snapshot_begun: None, shows })
}

/// Whether the cluster can be restored to this second.
pub(crate) fn restorable(call: &Call<'_>, state: &State, cluster: &Cluster, seconds: i64) -> Result<(), ApiError> {
    let days = match cluster.kept_window_days {
        Some(days) => Some(days),
        None => state.schedules.get(cluster.id).map(|schedule| schedule.restore_window_days),
    };
    let days = days.filter(|_| cluster.pit_enabled);
    let window = days.ok_or_else(|| not_a_moment("The cluster has no continuous backup."))?.saturating_mul(86_400);
    let now = call.now.timestamp();
    // The log of a deleted cluster ends with it.
    let end = cluster.deleted.map_or(now, |deleted| deleted.timestamp());
    if !(now.saturating_sub(window)..=end).contains(&seconds) {
        return Err(not_a_moment("It does not lie within the restore window."));
    }
    if cluster.pit_since.is_some_and(|since| seconds < since.timestamp()) {
        return Err(not_a_moment("Continuous backup was switched on later."));
    }
    let before = |s: &Snapshot| s.timeline.ends.timestamp() <= seconds && s.timeline.phase(call.now) == Phase::Done;
    if !state.snapshots.below(cluster.id).any(before) {
        let detail = "There is no snapshot before that moment.";
        return Err(UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME.error(detail));
    }
    Ok(())
}

pub(crate) fn not_a_moment(detail: &str) -> ApiError {
    INVALID_PIT_RESTORE_TIME.error(format!("The point in time cannot be restored. {detail}"))
}

pub(crate) fn cancel(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let cluster = lookup::backed_up(call, state)?;
        let job = find(call, state, cluster)?;
        let refused = match () {
            () if !job.is_download() => Some((&CANNOT_CANCEL_AUTOMATED_RESTORE, "writes to a cluster")),
            () if job.cancelled => Some((&ATLAS_GENERAL_ERROR, "is already cancelled")),
            () if job.timeline.phase(call.now) == Phase::Failed => Some((&ATLAS_GENERAL_ERROR, "has failed")),
            () if call.now >= job.timeline.ends + durations::DOWNLOAD_LIFE => Some((&ALREADY_EXPIRED, "has expired")),
            () => None,
        };
        let id = job.id;
        if let Some((code, why)) = refused {
            return Err(code.error(format!("Restore job {id} {why}.")).parameter(id.to_string()));
        }
        if let Some(job) = state.restore_jobs.get_mut(id) {
            job.cancelled = true;
        }
        Ok(ApiResponse::empty())
    })
}

fn delivery(call: &Call<'_>, state: &State, source: &Cluster, wanted: &RestoreRequest) -> Result<Delivery, ApiError> {
    if wanted.delivery_type == "download" {
        return Ok(Delivery::Download);
    }
    let target_cluster =
        wanted.target_cluster_name.clone().ok_or_else(|| ApiError::required_field("targetClusterName"))?;
    let target_project = wanted.target_group_id.as_deref().ok_or_else(|| ApiError::required_field("targetGroupId"))?;
    let target = targets::dedicated(state, call.now, source, target_project, &target_cluster)?;
    lookup::refuse_foreign_target(call, source, target)?;
    let target_project = target.project;
    if wanted.delivery_type != "pointInTime" {
        return Ok(Delivery::Automated { target_cluster, target_project });
    }
    let seconds = wanted.point_in_time_utc_seconds.or(wanted.oplog_ts).unwrap_or_default();
    Ok(Delivery::PointInTime { target_cluster, target_project, seconds })
}

/// The target cluster of a restore. A download has none.
fn target(call: &Call<'_>, state: &State, delivery: &Delivery) -> Option<ObjectId> {
    match delivery {
        Delivery::Automated { target_cluster, target_project }
        | Delivery::PointInTime { target_cluster, target_project, .. } => {
            clusters::find_by_name(state, *target_project, target_cluster, call.now).map(|cluster| cluster.id)
        }
        Delivery::Download => None,
    }
}

fn find<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster) -> Result<&'s RestoreJob, ApiError> {
    let id = lookup::id(call, "restoreJobId", "restore job")?;
    let job = state.restore_jobs.get_below(cluster.id, id);
    job.ok_or_else(|| ApiError::resource_not_found("restore job", &id.to_string()))
}

fn view(call: &Call<'_>, state: &State, cluster: &Cluster, job: &RestoreJob) -> Value {
    let ended = job.timeline.ended(call.now).filter(|_| !job.cancelled);
    let failed = job.timeline.fails && ended.is_some();
    // Only a successful job has results.
    let ended = ended.filter(|_| !failed);
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
    let url_expires = ended.filter(|_| download).map(|at| at + durations::DOWNLOAD_LIFE);
    let expired = url_expires.is_some_and(|at| call.now >= at);
    let urls = job.archives(cluster, call.now).unwrap_or_default().into_iter();
    let urls: Vec<String> = urls.map(|path| format!("{}{path}", call.base)).collect();
    let components = cluster.kind.is_sharded() && !urls.is_empty();
    let components = components.then(|| {
        let sets = cluster.replica_sets().into_iter().zip(&urls);
        sets.map(|(set, url)| json!({"downloadUrl": url, "replicaSetName": set})).collect::<Vec<_>>()
    });
    let base = format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name);
    let mut links = vec![call.link("self", &format!("{base}/backup/restoreJobs/{}", job.id))];
    if let Some(snapshot) = job.snapshot {
        links.push(call.link("https://cloud.mongodb.com/snapshot", &format!("{base}/backup/snapshots/{snapshot}")));
    }
    links.push(call.link("https://cloud.mongodb.com/cluster", &base));
    let project = format!("/api/atlas/v2/groups/{}", cluster.project);
    links.push(call.link("https://cloud.mongodb.com/group", &project));
    let item = target.and_then(|(name, project)| clusters::find_by_name(state, *project, name, call.now));
    omit_nulls(json!({
        "cancelled": job.cancelled,
        "components": components,
        "deliveryType": kind,
        "deliveryUrl": urls,
        // All three are null on every job that the service was seen to send.
        "desiredTimestamp": {"date": null, "increment": null, "time": null},
        "expired": expired,
        "expiresAt": url_expires.map(stamp),
        "failed": failed,
        "finishedAt": ended.filter(|_| !download).map(stamp),
        "id": job.id.to_string(),
        "links": links,
        "oplogInc": job.oplog.map(|(_, inc)| inc),
        "oplogTs": job.oplog.map(|(seconds, _)| seconds),
        "pointInTimeUTCSeconds": seconds.filter(|_| job.oplog.is_none()),
        "snapshotId": job.snapshot.map(|id| id.to_string()),
        "targetClusterName": target.map(|(name, _)| name),
        "targetDeploymentItemName": item.map(|c| format!("atlas-{}", &c.id.to_string()[18..])),
        "targetGroupId": target.map(|(_, project)| project.to_string()),
        "timestamp": stamp(job.snapshot_taken),
    }))
}
