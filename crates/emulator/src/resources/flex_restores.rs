//! Restores and downloads of flex snapshots.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{flex_snapshots, lookup};
use crate::{
    call::{Answer, Call, present, stamp},
    downloads::LinkKey,
    errors::ApiError,
    paging::page,
    records::{Cluster, FlexRestore, Phase, Timeline, pace},
    state::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    snapshot_id: String,
    target_deployment_item_name: Option<String>,
    target_project_id: Option<String>,
}

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::flex(call, state)?;
        let jobs: Vec<_> = state.flex_restores.below(cluster.id).rev().collect();
        Ok(page(call, &jobs, |job| view(call, cluster, job)))
    })
}

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::flex(call, state)?;
        let id = lookup::id(call, "restoreJobId", "restore job")?;
        let job = state.flex_restores.get_below(cluster.id, id);
        let job = job.ok_or_else(|| ApiError::resource_not_found("restore job", &id.to_string()))?;
        Ok(Answer::ok(view(call, cluster, job)))
    })
}

/// Starts a restore over the target cluster.
pub(super) fn create(call: &Call<'_>) -> Result<Answer, ApiError> {
    let wanted: Wanted = call.body()?;
    call.store.write(|state| {
        let source = lookup::flex(call, state)?.clone();
        let name = wanted.target_deployment_item_name.clone().unwrap_or_default();
        let project = match &wanted.target_project_id {
            Some(id) => lookup::project_by_id(id, state)?.id,
            None => source.project,
        };
        let target = lookup::named(call, state, project, &name).map(|cluster| cluster.id);
        let target = target.ok_or_else(|| ApiError::cluster_not_found(&name, &project.to_string()))?;
        let job = start(call, state, &source, &wanted, Some((name, project)))?;
        let data = state.data_of_snapshot(source.id, job.snapshot_begun);
        state.plan_restore(target, (call.now, job.timeline.ends), job.id, data);
        Ok(Answer::ok(view(call, &source, &job)))
    })
}

/// Starts a download; the job ends with a URL.
pub(super) fn download(call: &Call<'_>) -> Result<Answer, ApiError> {
    let wanted: Wanted = call.body()?;
    call.store.write(|state| {
        let source = lookup::flex(call, state)?.clone();
        let job = start(call, state, &source, &wanted, None)?;
        Ok(Answer::ok(view(call, &source, &job)))
    })
}

fn start(
    call: &Call<'_>,
    state: &mut State,
    source: &Cluster,
    wanted: &Wanted,
    target: Option<(String, crate::state::ObjectId)>,
) -> Result<FlexRestore, ApiError> {
    let snapshot = wanted.snapshot_id.parse().ok().and_then(|id| flex_snapshots::find(call, state, source, id));
    let snapshot = snapshot.ok_or_else(|| ApiError::resource_not_found("snapshot", &wanted.snapshot_id))?;
    let Some(snapshot_finished) = snapshot.timeline.ended(call.now) else {
        return Err(ApiError::bad_request("SNAPSHOT_NOT_COMPLETE", "The snapshot is not complete yet."));
    };
    let (snapshot, snapshot_begun) = (snapshot.id, snapshot.timeline.begins);
    let timeline = Timeline::new(call.now, pace::FLEX_RESTORE_PENDING, pace::FLEX_RESTORE_RUNNING);
    let link_key = LinkKey::new()?;
    let job = FlexRestore {
        id: state.new_id(call.now),
        timeline,
        snapshot,
        snapshot_begun,
        snapshot_finished,
        target,
        link_key,
    };
    state.flex_restores.insert(source.id, job.id, job.clone());
    Ok(job)
}

fn view(call: &Call<'_>, cluster: &Cluster, job: &FlexRestore) -> Value {
    let phase = job.timeline.phase(call.now);
    let status = if phase == Phase::Queued { "PENDING" } else { flex_snapshots::status(phase) };
    present(json!({
        "deliveryType": if job.target.is_some() { "RESTORE" } else { "DOWNLOAD" },
        "expirationDate": stamp(job.timeline.asked + pace::FLEX_RESTORE_LIFE),
        "id": job.id.to_string(),
        "instanceName": cluster.name,
        "projectId": cluster.project.to_string(),
        "restoreFinishedDate": job.timeline.ended(call.now).map(stamp),
        "restoreScheduledDate": stamp(job.timeline.asked),
        "snapshotFinishedDate": stamp(job.snapshot_finished),
        "snapshotId": job.snapshot.to_string(),
        "snapshotUrl": job.archive(cluster, call.now).map(|path| format!("{}{path}", call.base)),
        "status": status,
        "targetDeploymentItemName": job.target.as_ref().map(|(name, _)| name),
        "targetProjectId": job.target.as_ref().map(|(_, project)| project.to_string()),
    }))
}
