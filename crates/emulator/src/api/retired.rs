//! The shared-tier and serverless operations, for a clock before their sunset.
//!
//! After the sunset the version check answers 410 before a handler runs. The handlers use the snapshots and restore
//! jobs of flex clusters, because the service converted those clusters. Only the documents differ.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        flex_restores, flex_snapshots, lookup,
        paging::{all_on_one_page, page},
    },
    domain::{
        clusters::Cluster, durations, error::ApiError, job_kind::JobKind, jobs::FlexRestore,
        refusals::INVALID_PIT_RESTORE_TIME, snapshots::FlexSnapshot, timeline::Phase,
    },
    state::tables::State,
};

/// Shared-tier lists have no paging.
pub(crate) fn list_tenant_snapshots(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        Ok(all_on_one_page(call, &flex_snapshots::unexpired(call, state, cluster), |s| flex_snapshots::view(call, s)))
    })
}

pub(crate) fn get_tenant_snapshot(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        let snapshot = flex_snapshots::in_path(call, state, cluster)?;
        Ok(ApiResponse::ok(flex_snapshots::view(call, snapshot)))
    })
}

pub(crate) fn list_tenant_restores(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        let jobs: Vec<_> = state.flex_restores.below(cluster.id).rev().collect();
        Ok(all_on_one_page(call, &jobs, |job| tenant_restore(call, cluster, job)))
    })
}

pub(crate) fn get_tenant_restore(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        let job = flex_restores::in_path(call, state, cluster, "restoreId")?;
        Ok(ApiResponse::ok(tenant_restore(call, cluster, job)))
    })
}

pub(crate) fn create_tenant_restore(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    start(call, true, tenant_restore)
}

/// The target in a download request is ignored.
pub(crate) fn download_tenant_snapshot(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    start(call, false, tenant_restore)
}

pub(crate) fn list_serverless_snapshots(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        Ok(page(call, &flex_snapshots::unexpired(call, state, cluster), |s| serverless_snapshot(call, cluster, s)))
    })
}

pub(crate) fn get_serverless_snapshot(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        Ok(ApiResponse::ok(serverless_snapshot(call, cluster, flex_snapshots::in_path(call, state, cluster)?)))
    })
}

pub(crate) fn list_serverless_restores(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        let jobs: Vec<_> = state.flex_restores.below(cluster.id).rev().collect();
        Ok(page(call, &jobs, |job| serverless_restore(call, cluster, job)))
    })
}

pub(crate) fn get_serverless_restore(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = shared(call, state)?;
        let job = flex_restores::in_path(call, state, cluster, "restoreJobId")?;
        Ok(ApiResponse::ok(serverless_restore(call, cluster, job)))
    })
}

pub(crate) fn create_serverless_restore(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let delivery = call.body.as_ref().map_or(&Value::Null, |body| &body["deliveryType"]);
    if delivery == "pointInTime" {
        let detail = "This emulator keeps no oplog of serverless instances.";
        return Err(INVALID_PIT_RESTORE_TIME.error(detail));
    }
    start(call, delivery != "download", serverless_restore)
}

/// The flex cluster that replaced a shared-tier cluster or serverless instance.
fn shared<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    lookup::flex(call, state)
}

fn start(
    call: &Call<'_>,
    restore: bool,
    view: impl Fn(&Call<'_>, &Cluster, &FlexRestore) -> Value,
) -> Result<ApiResponse, ApiError> {
    let wanted = call.body()?;
    call.store.write(|state| {
        let source = shared(call, state)?.clone();
        let job = flex_restores::start(call, state, &source, &wanted, restore)?;
        Ok(ApiResponse::ok(view(call, &source, &job)))
    })
}

/// A flex job, with the cluster under its former field name.
fn tenant_restore(call: &Call<'_>, cluster: &Cluster, job: &FlexRestore) -> Value {
    let mut document = flex_restores::view(call, cluster, job);
    if let Some(fields) = document.as_object_mut() {
        let name = fields.remove("instanceName").unwrap_or_default();
        fields.insert("clusterName".to_owned(), name);
        // Its schema requires a target, which a download does not have.
        let target = json!(cluster.name);
        fields.entry("targetDeploymentItemName").or_insert(target);
    }
    document
}

/// A flex job in the form of a dedicated cluster's job.
fn serverless_restore(call: &Call<'_>, cluster: &Cluster, job: &FlexRestore) -> Value {
    let phase = job.timeline.phase(call.now);
    let done = job.timeline.ended(call.now).filter(|_| phase == Phase::Done);
    let download = job.target.is_none();
    let expires = done.filter(|_| download).map(|at| at + durations::DOWNLOAD_LIFE);
    let expired = expires.is_some_and(|at| call.now >= at);
    let url = flex_restores::view(call, cluster, job)["snapshotUrl"].clone();
    let urls = Some(url).filter(|url| download && !expired && url.is_string());
    let (name, project) = job.target.clone().unwrap_or_else(|| (cluster.name.clone(), cluster.project));
    omit_nulls(json!({
        "cancelled": false,
        "deliveryType": if download { "download" } else { "automated" },
        "deliveryUrl": urls.into_iter().collect::<Vec<_>>(),
        "desiredTimestamp": {"date": null, "increment": null, "time": null},
        "expired": expired,
        "expiresAt": expires.map(stamp),
        "failed": phase == Phase::Failed,
        "finishedAt": done.filter(|_| !download).map(stamp),
        "id": job.id.to_string(),
        "links": [],
        "snapshotId": job.snapshot.to_string(),
        "targetClusterName": name,
        "targetGroupId": project.to_string(),
        "timestamp": stamp(job.snapshot_finished),
    }))
}

fn serverless_snapshot(call: &Call<'_>, cluster: &Cluster, snapshot: &FlexSnapshot) -> Value {
    let status = JobKind::Snapshot.state(snapshot.timeline.phase(call.now));
    let done = status == "completed";
    omit_nulls(json!({
        "createdAt": snapshot.timeline.ended(call.now).filter(|_| done).map(stamp),
        "expiresAt": stamp(snapshot.expires),
        "frequencyType": "daily",
        "id": snapshot.id.to_string(),
        "mongodVersion": snapshot.mongodb_version,
        "serverlessInstanceName": cluster.name,
        "snapshotType": "scheduled",
        "status": status,
    }))
}
