//! Export jobs: write the data of a snapshot to a bucket.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        export_buckets, lookup,
        paging::page,
        snapshots,
    },
    domain::{
        clusters::Cluster, error::ApiError, job_kind::JobKind, jobs::ExportJob, projects::Tag,
        refusals::ATLAS_GENERAL_ERROR, timeline::Phase,
    },
    engine::exports::{create_export, prefix},
    state::tables::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportRequest {
    snapshot_id: String,
    export_bucket_id: String,
    #[serde(default)]
    custom_data: Vec<Tag>,
}

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::backed_up(call, state)?;
        // An automatic export is created with its snapshot and starts when the snapshot is complete.
        let begun = |job: &&ExportJob| job.timeline.asked <= call.now;
        let jobs: Vec<_> = state.export_jobs.below(cluster.id).rev().filter(begun).collect();
        Ok(page(call, &jobs, |job| view(call, state, cluster, job)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::backed_up(call, state)?;
        let id = lookup::id(call, "exportId", "export job")?;
        let job = state.export_jobs.get_below(cluster.id, id).filter(|job| job.timeline.asked <= call.now);
        let job = job.ok_or_else(|| ApiError::resource_not_found("export job", &id.to_string()))?;
        Ok(ApiResponse::ok(view(call, state, cluster, job)))
    })
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: ExportRequest = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::backed_up(call, state)?.clone();
        let bucket =
            wanted.export_bucket_id.parse().ok().and_then(|id| state.export_buckets.get_below(cluster.project, id));
        let bucket = bucket.ok_or_else(|| export_buckets::missing(&wanted.export_bucket_id))?.id;
        let snapshot =
            wanted.snapshot_id.parse().ok().and_then(|id| snapshots::find_unexpired(call, state, &cluster, id));
        let snapshot = snapshot.ok_or_else(|| ApiError::resource_not_found("snapshot", &wanted.snapshot_id))?.clone();
        if snapshot.timeline.phase(call.now) != Phase::Done {
            let detail = "Only a complete snapshot can be exported.";
            return Err(ATLAS_GENERAL_ERROR.error(detail).parameter(wanted.snapshot_id.as_str()));
        }
        if snapshot.fallback {
            let detail = "A fallback snapshot cannot be exported.";
            return Err(ATLAS_GENERAL_ERROR.error(detail).parameter(wanted.snapshot_id.as_str()));
        }
        let active = |job: &ExportJob| job.snapshot == snapshot.id && call.now < job.timeline.ends;
        if state.export_jobs.below(cluster.id).any(active) {
            let detail = "The snapshot is being exported already.";
            return Err(ATLAS_GENERAL_ERROR.error(detail).parameter(wanted.snapshot_id.as_str()));
        }
        let job = create_export(state, &cluster, &snapshot, bucket, call.now, wanted.custom_data);
        Ok(ApiResponse::ok(view(call, state, &cluster, &job)))
    })
}

fn view(call: &Call<'_>, state: &State, cluster: &Cluster, job: &ExportJob) -> Value {
    let phase = job.timeline.phase(call.now);
    let exported = if phase == Phase::Done { job.collections } else { 0 };
    let components = job.components.iter();
    let components: Vec<_> =
        components.map(|(id, set)| json!({"exportId": id.to_string(), "replicaSetName": set})).collect();
    omit_nulls(json!({
        "components": (!components.is_empty()).then_some(components),
        "createdAt": stamp(job.timeline.asked),
        "customData": job.custom_data,
        "exportBucketId": job.bucket.to_string(),
        "exportStatus": {"exportedCollections": exported, "totalCollections": job.collections},
        "finishedAt": job.timeline.ended(call.now).map(stamp),
        "id": job.id.to_string(),
        "prefix": prefix(state, cluster, job),
        "snapshotId": job.snapshot.to_string(),
        "state": JobKind::Export.state(phase),
        "stateReason": (phase == Phase::Failed).then(|| json!({
            "errorCode": "EXPORT_FAILED",
            "message": "The files could not be written to the bucket.",
        })),
    }))
}
