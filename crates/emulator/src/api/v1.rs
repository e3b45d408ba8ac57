//! What only the older `/api/atlas/v1.0` form has, as far as its clients call it: lookups that the curated document
//! leaves out, and two calls about a cluster that touch nothing that is modelled.
//!
//! Everything else under that form is the document's operation in its oldest version. Each entry here borrows rate limit
//! and roles from an operation of the document; nothing here may grow a behaviour that the newer form lacks.

use http::Method;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, Handler},
        lookup, organizations,
        paging::page,
        projects,
    },
    domain::{
        error::ApiError,
        refusals::{GROUP_NAME_NOT_FOUND, ORG_NOT_FOUND},
    },
    openapi::router::V1Route,
};

/// A route of its own, and what answers it.
pub(crate) struct V1Operation {
    pub(crate) route: V1Route,
    pub(crate) handler: Handler,
}

const fn v1_operation(method: Method, path: &'static str, like: &'static str, handler: Handler) -> V1Operation {
    V1Operation { route: V1Route { method, path, like }, handler }
}

/// All of them.
pub(crate) static V1_OPERATIONS: [V1Operation; 5] = [
    v1_operation(Method::GET, "/api/atlas/v1.0/groups/byName/{groupName}", "getGroup", project_by_name),
    v1_operation(Method::GET, "/api/atlas/v1.0/orgs/{orgId}", "listOrgs", organization),
    v1_operation(Method::GET, "/api/atlas/v1.0/orgs/{orgId}/groups", "listGroups", projects_of_organization),
    v1_operation(
        Method::GET,
        "/api/atlas/v1.0/groups/{groupId}/clusters/{clusterName}/processArgs",
        "getGroupCluster",
        process_arguments,
    ),
    v1_operation(
        Method::POST,
        "/api/atlas/v1.0/groups/{groupId}/clusters/{clusterName}/restartPrimaries",
        "updateGroupCluster",
        restart_primaries,
    ),
];

fn project_by_name(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let name = call.parameter("groupName");
    call.store.read(|state| {
        let mut seen = state.projects.all().filter(|p| call.access.sees(&p.id.to_string()));
        let project = seen.find(|p| p.name == name).ok_or_else(|| {
            let detail = format!("There is no project named {name}.");
            GROUP_NAME_NOT_FOUND.error(detail).parameter(name)
        })?;
        Ok(ApiResponse::ok(projects::view(call, state, project)))
    })
}

fn organization(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let id = call.parameter("orgId");
    call.store.read(|state| {
        let organization = id.parse().ok().and_then(|id| state.organizations.get(id));
        organization.map(|o| ApiResponse::ok(organizations::view(call, o))).ok_or_else(|| no_organization(id))
    })
}

fn projects_of_organization(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let id = call.parameter("orgId");
    call.store.read(|state| {
        let organization =
            id.parse().ok().and_then(|id| state.organizations.get(id)).ok_or_else(|| no_organization(id))?;
        let below = state.projects.below(organization.id);
        let projects: Vec<_> = below.filter(|p| call.access.sees(&p.id.to_string())).collect();
        Ok(page(call, &projects, |p| projects::view(call, state, p)))
    })
}

/// The settings of every cluster, since none of them can be changed here.
fn process_arguments(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        lookup::dedicated(call, state)?;
        Ok(ApiResponse::ok(json!({
            "failIndexKeyTooLong": null,
            "javascriptEnabled": true,
            "minimumEnabledTlsProtocol": "TLS1_2",
            "noTableScan": false,
            "oplogSizeMB": null,
            "sampleRefreshIntervalBIConnector": null,
            "sampleSizeBIConnector": null,
        })))
    })
}

/// A new election leaves a cluster as it was.
fn restart_primaries(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store
        .read(|state| lookup::dedicated(call, state).map(|_| ApiResponse::ok(Value::Object(serde_json::Map::new()))))
}

fn no_organization(id: &str) -> ApiError {
    ORG_NOT_FOUND.error(format!("There is no organization {id}.")).parameter(id)
}
