//! Private endpoints for exports and downloads to object storage: one per region, on AWS only.
//!
//! An endpoint is `INITIATING`, then waits for its acceptance, which is automatic, then is `ACTIVE`. A deleted endpoint
//! is listed until its deletion is complete.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls},
        lookup,
        paging::page,
    },
    domain::{
        error::ApiError, job_kind::JobKind, jobs::PrivateEndpoint,
        refusals::PRIVATELINK_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION, timeline::Phase,
    },
    engine::job_failures,
    state::tables::State,
};

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?;
        let there = |e: &&PrivateEndpoint| e.exists_at(call.now);
        let endpoints: Vec<_> = state.private_endpoints.below(project.id).filter(there).collect();
        Ok(page(call, &endpoints, |e| view(call, e)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, find(call, state)?))))
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let text = |name: &str| body[name].as_str().map(ToOwned::to_owned);
    let region = text("regionName").ok_or_else(|| ApiError::required_field("regionName"))?;
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let vpc_region = text("vpcRegionName");
        let same = |e: &PrivateEndpoint| e.region == region && e.vpc_region() == vpc_region.as_ref().unwrap_or(&region);
        if state.private_endpoints.below(project).any(|e| e.exists_at(call.now) && same(e)) {
            let detail = format!("The project already has a private endpoint for {region}.");
            let code = &PRIVATELINK_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION;
            return Err(code.error(detail).parameter(region.as_str()));
        }
        let endpoint = PrivateEndpoint {
            id: state.new_id(call.now),
            timeline: job_failures::timeline(state, JobKind::PrivateEndpoint, call.now),
            region,
            vpc_region,
            deleted: None,
        };
        let answer = ApiResponse::with_status(StatusCode::CREATED, view(call, &endpoint));
        state.private_endpoints.insert(project, endpoint.id, endpoint);
        Ok(answer)
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let id = find(call, state)?.id;
        if let Some(endpoint) = state.private_endpoints.get_mut(id) {
            endpoint.deleted.get_or_insert(call.now);
        }
        Ok(ApiResponse::empty())
    })
}

fn find<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s PrivateEndpoint, ApiError> {
    let project = lookup::project(call, state)?;
    let id = lookup::id(call, "endpointId", "private endpoint")?;
    let endpoint = state.private_endpoints.get_below(project.id, id).filter(|e| e.exists_at(call.now));
    endpoint.ok_or_else(|| ApiError::resource_not_found("private endpoint", &id.to_string()))
}

fn view(call: &Call<'_>, endpoint: &PrivateEndpoint) -> Value {
    let phase = endpoint.timeline.phase(call.now);
    let state = JobKind::PrivateEndpoint.state(phase);
    let status = if endpoint.deleted.is_some() { "DELETING" } else { state };
    let name = format!("vpce-{}", &endpoint.id.to_string()[..17]);
    omit_nulls(json!({
        "cloudProvider": "AWS",
        "errorMessage": (phase == Phase::Failed).then_some("The connection could not be set up."),
        "id": endpoint.id.to_string(),
        "privateEndpointConnectionName": (phase != Phase::Queued).then_some(name),
        "regionName": endpoint.region,
        "status": status,
        "vpcRegionName": endpoint.vpc_region(),
    }))
}
