//! Snapshots of flex clusters. Only the service's daily schedule takes them.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        paging::page,
    },
    domain::{
        clusters::Cluster, durations, error::ApiError, ids::ObjectId, job_kind::JobKind,
        refusals::TENANT_SNAPSHOT_NOT_FOUND, snapshots::FlexSnapshot, timeline::Phase,
    },
    state::tables::State,
};

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::flex(call, state)?;
        Ok(page(call, &unexpired(call, state, cluster), |s| view(call, s)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::flex(call, state)?;
        Ok(ApiResponse::ok(view(call, in_path(call, state, cluster)?)))
    })
}

/// The snapshot in the path.
pub(crate) fn in_path<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster) -> Result<&'s FlexSnapshot, ApiError> {
    let id = call.parameter("snapshotId");
    let snapshot = id.parse().ok().and_then(|id| find(call, state, cluster, id));
    snapshot.ok_or_else(|| missing(&cluster.name, id))
}

pub(crate) fn missing(cluster: &str, id: &str) -> ApiError {
    TENANT_SNAPSHOT_NOT_FOUND.error(format!("{cluster} has no snapshot {id}.")).parameter(id).parameter(cluster)
}

pub(crate) fn find<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster, id: ObjectId) -> Option<&'s FlexSnapshot> {
    state.flex_snapshots.get_below(cluster.id, id).filter(|s| call.now < s.expires)
}

/// The unexpired snapshots, newest first.
pub(crate) fn unexpired<'s>(call: &Call<'_>, state: &'s State, cluster: &Cluster) -> Vec<&'s FlexSnapshot> {
    state.flex_snapshots.below(cluster.id).rev().filter(|s| call.now < s.expires).collect()
}

pub(crate) fn view(call: &Call<'_>, snapshot: &FlexSnapshot) -> Value {
    let phase = snapshot.timeline.phase(call.now);
    omit_nulls(json!({
        "expiration": stamp(snapshot.expires),
        "finishTime": snapshot.timeline.ended(call.now).map(stamp),
        "id": snapshot.id.to_string(),
        "mongoDBVersion": snapshot.mongodb_version,
        "scheduledTime": stamp(snapshot.timeline.asked),
        "startTime": (phase != Phase::Queued).then(|| stamp(snapshot.timeline.begins)),
        // It is scheduled for a time and then queued.
        "status": if call.now < snapshot.timeline.asked + durations::FLEX_SNAPSHOT_PENDING { "PENDING" } else { JobKind::FlexSnapshot.state(phase) },
    }))
}
