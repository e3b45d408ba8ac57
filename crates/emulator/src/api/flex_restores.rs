//! Restores and downloads of flex snapshots.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        flex_snapshots, lookup,
        paging::page,
    },
    domain::{
        clusters::Cluster,
        error::ApiError,
        job_kind::JobKind,
        jobs::FlexRestore,
        link_key::LinkKey,
        refusals::{CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT, TENANT_RESTORE_NOT_FOUND},
        timeline::Phase,
    },
    engine::{clusters, contents, job_failures, targets},
    state::tables::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestoreRequest {
    pub(crate) snapshot_id: String,
    #[serde(alias = "targetClusterName")]
    pub(crate) target_deployment_item_name: Option<String>,
    #[serde(alias = "targetGroupId")]
    pub(crate) target_project_id: Option<String>,
}

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::flex(call, state)?;
        let jobs: Vec<_> = state.flex_restores.below(cluster.id).rev().collect();
        Ok(page(call, &jobs, |job| view(call, cluster, job)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::flex(call, state)?;
        Ok(ApiResponse::ok(view(call, cluster, in_path(call, state, cluster, "restoreJobId")?)))
    })
}

/// Starts a restore into the target cluster.
pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: RestoreRequest = call.body()?;
    call.store.write(|state| {
        let source = lookup::flex(call, state)?.clone();
        let job = start(call, state, &source, &wanted, true)?;
        Ok(ApiResponse::ok(view(call, &source, &job)))
    })
}

/// Starts a download. Its URL is valid at once.
pub(crate) fn download(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: RestoreRequest = call.body()?;
    call.store.write(|state| {
        let source = lookup::flex(call, state)?.clone();
        let job = start(call, state, &source, &wanted, false)?;
        Ok(ApiResponse::ok(view(call, &source, &job)))
    })
}

/// Starts a job that restores a snapshot of `source` into the target of `wanted`, or packages it for download.
pub(crate) fn start(
    call: &Call<'_>,
    state: &mut State,
    source: &Cluster,
    wanted: &RestoreRequest,
    restore: bool,
) -> Result<FlexRestore, ApiError> {
    let target = if restore {
        let name = wanted.target_deployment_item_name.as_deref().unwrap_or_default();
        // The document calls it optional; the service requires it.
        let project = wanted.target_project_id.as_deref();
        let project = project.ok_or_else(|| ApiError::required_field("targetProjectId"))?;
        let project = clusters::project(state, project)?.id;
        let target = targets::for_flex(state, call.now, source, project, name)?;
        lookup::refuse_foreign_target(call, source, target)?;
        Some(target.clone())
    } else {
        None
    };
    let snapshot = wanted.snapshot_id.parse().ok().and_then(|id| flex_snapshots::find(call, state, source, id));
    let snapshot = snapshot.ok_or_else(|| flex_snapshots::missing(&source.name, &wanted.snapshot_id))?.clone();
    if snapshot.timeline.phase(call.now) != Phase::Done {
        let code = &CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT;
        let error = code.error("Only a complete snapshot can be restored.");
        return Err(error.parameter(wanted.snapshot_id.as_str()));
    }
    let job = FlexRestore {
        id: state.new_id(call.now),
        timeline: job_failures::timeline(state, JobKind::FlexRestore, call.now),
        snapshot: snapshot.id,
        snapshot_begun: snapshot.timeline.begins,
        snapshot_finished: snapshot.timeline.ends,
        target: target.as_ref().map(|cluster| (cluster.name.clone(), cluster.project)),
        link_key: LinkKey::new()?,
    };
    if let Some(target) = target.filter(|_| !job.timeline.fails) {
        let data = contents::of_snapshot(state, source.id, job.snapshot_begun);
        contents::plan_restore(state, target.id, (call.now, job.timeline.ends), job.id, data);
    }
    state.flex_restores.insert(source.id, job.id, job.clone());
    Ok(job)
}

/// The job in the path. `parameter` holds its id.
pub(crate) fn in_path<'s>(
    call: &Call<'_>,
    state: &'s State,
    cluster: &Cluster,
    parameter: &str,
) -> Result<&'s FlexRestore, ApiError> {
    let id = call.parameter(parameter);
    let job = id.parse().ok().and_then(|id| state.flex_restores.get_below(cluster.id, id));
    job.ok_or_else(|| {
        let detail = format!("{} has no restore job {id}.", cluster.name);
        TENANT_RESTORE_NOT_FOUND.error(detail).parameter(id).parameter(cluster.name.as_str())
    })
}

pub(crate) fn view(call: &Call<'_>, cluster: &Cluster, job: &FlexRestore) -> Value {
    omit_nulls(json!({
        "deliveryType": if job.target.is_some() { "RESTORE" } else { "DOWNLOAD" },
        "expirationDate": stamp(job.expires()),
        "id": job.id.to_string(),
        "instanceName": cluster.name,
        "projectId": cluster.project.to_string(),
        "restoreFinishedDate": job.timeline.ended(call.now).map(stamp),
        "restoreScheduledDate": stamp(job.timeline.asked),
        "snapshotFinishedDate": stamp(job.snapshot_finished),
        "snapshotId": job.snapshot.to_string(),
        "snapshotUrl": job.archive(cluster, call.now).map(|path| format!("{}{path}", call.base)),
        "status": JobKind::FlexRestore.state(job.timeline.phase(call.now)),
        "targetDeploymentItemName": job.target.as_ref().map(|(name, _)| name),
        "targetProjectId": job.target.as_ref().map(|(_, project)| project.to_string()),
    }))
}
