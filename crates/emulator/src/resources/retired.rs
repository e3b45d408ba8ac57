//! The shared-tier and serverless reads, for a clock that stands before their sunset.
//!
//! Past it the version check answers 410 before a handler is reached. Both show the flex cluster's snapshots, which is
//! where the service moved them.

use serde_json::{Value, json};

use super::{flex_snapshots, lookup};
use crate::{
    call::{Answer, Call, present, stamp},
    errors::ApiError,
    paging::{page, whole},
    records::{Cluster, FlexSnapshot, Phase},
};

/// Shared-tier lists do not page.
pub(super) fn list_tenant_snapshots(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::cluster(call, state)?;
        Ok(whole(call, &flex_snapshots::kept(call, state, cluster), |s| flex_snapshots::view(call, s)))
    })
}

pub(super) fn get_tenant_snapshot(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::cluster(call, state)?;
        Ok(Answer::ok(flex_snapshots::view(call, flex_snapshots::in_path(call, state, cluster)?)))
    })
}

pub(super) fn list_serverless_snapshots(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::cluster(call, state)?;
        Ok(page(call, &flex_snapshots::kept(call, state, cluster), |s| serverless(call, cluster, s)))
    })
}

pub(super) fn get_serverless_snapshot(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::cluster(call, state)?;
        Ok(Answer::ok(serverless(call, cluster, flex_snapshots::in_path(call, state, cluster)?)))
    })
}

fn serverless(call: &Call<'_>, cluster: &Cluster, snapshot: &FlexSnapshot) -> Value {
    let status = match snapshot.timeline.phase(call.now) {
        Phase::Queued => "queued",
        Phase::Running => "inProgress",
        Phase::Done => "completed",
        Phase::Failed => "failed",
    };
    present(json!({
        "createdAt": snapshot.timeline.ended(call.now).map(stamp),
        "expiresAt": stamp(snapshot.expires),
        "frequencyType": "daily",
        "id": snapshot.id.to_string(),
        "mongodVersion": snapshot.mongodb_version,
        "serverlessInstanceName": cluster.name,
        "snapshotType": "scheduled",
        "status": status,
    }))
}
