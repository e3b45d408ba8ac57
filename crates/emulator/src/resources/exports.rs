//! Export jobs: a snapshot's data written to a bucket.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{lookup, snapshots};
use crate::{
    call::{Answer, Call, present, stamp},
    errors::ApiError,
    exporting::prefix,
    paging::page,
    records::{Cluster, ExportJob, Phase, Tag, Timeline, pace},
    state::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    snapshot_id: String,
    export_bucket_id: String,
    #[serde(default)]
    custom_data: Vec<Tag>,
}

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        let jobs: Vec<_> = state.export_jobs.below(cluster.id).rev().collect();
        Ok(page(call, &jobs, |job| view(call, state, cluster, job)))
    })
}

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        let id = lookup::id(call, "exportId", "export job")?;
        let job = state.export_jobs.get_below(cluster.id, id);
        let job = job.ok_or_else(|| ApiError::resource_not_found("export job", &id.to_string()))?;
        Ok(Answer::ok(view(call, state, cluster, job)))
    })
}

pub(super) fn create(call: &Call<'_>) -> Result<Answer, ApiError> {
    let wanted: Wanted = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        let bucket =
            wanted.export_bucket_id.parse().ok().and_then(|id| state.export_buckets.get_below(cluster.project, id));
        let bucket = bucket.ok_or_else(|| ApiError::resource_not_found("export bucket", &wanted.export_bucket_id))?.id;
        let snapshot = wanted.snapshot_id.parse().ok().and_then(|id| snapshots::kept(call, state, &cluster, id));
        let snapshot = snapshot.ok_or_else(|| ApiError::resource_not_found("snapshot", &wanted.snapshot_id))?;
        if snapshot.timeline.phase(call.now) != Phase::Done {
            let detail = "Only a complete snapshot can be exported.";
            return Err(ApiError::bad_request("SNAPSHOT_NOT_COMPLETE", detail).parameter(wanted.snapshot_id.as_str()));
        }
        let (snapshot, snapshot_taken) = (snapshot.id, snapshot.timeline.asked);
        let sets = if cluster.kind.is_sharded() { cluster.replica_sets() } else { Vec::new() };
        let job = ExportJob {
            id: state.new_id(call.now),
            timeline: Timeline::new(call.now, pace::EXPORT_QUEUED, pace::EXPORT_RUNNING),
            bucket,
            snapshot,
            snapshot_taken,
            custom_data: wanted.custom_data,
            collections: 0,
            components: sets.into_iter().map(|set| (state.new_id(call.now), set)).collect(),
        };
        let answer = Answer::ok(view(call, state, &cluster, &job));
        state.export_jobs.insert(cluster.id, job.id, job);
        Ok(answer)
    })
}

fn view(call: &Call<'_>, state: &State, cluster: &Cluster, job: &ExportJob) -> Value {
    let phase = job.timeline.phase(call.now);
    let exported = if phase == Phase::Done { job.collections } else { 0 };
    let components = job.components.iter();
    let components: Vec<_> =
        components.map(|(id, set)| json!({"exportId": id.to_string(), "replicaSetName": set})).collect();
    present(json!({
        "components": (!components.is_empty()).then_some(components),
        "createdAt": stamp(job.timeline.asked),
        "customData": job.custom_data,
        "exportBucketId": job.bucket.to_string(),
        "exportStatus": {"exportedCollections": exported, "totalCollections": job.collections},
        "finishedAt": job.timeline.ended(call.now).map(stamp),
        "id": job.id.to_string(),
        "prefix": prefix(state, cluster, job),
        "snapshotId": job.snapshot.to_string(),
        "state": match phase {
            Phase::Queued => "Queued",
            Phase::Running => "InProgress",
            Phase::Done => "Successful",
            Phase::Failed => "Failed",
        },
    }))
}
