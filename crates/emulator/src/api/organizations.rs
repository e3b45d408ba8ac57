//! Organizations. Read-only: the seed creates them.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call},
        paging::page,
        projects,
    },
    domain::{error::ApiError, ids::ObjectId, projects::Organization, refusals::ORG_NOT_FOUND},
    state::tables::State,
};

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let named = call.query.get("name").unwrap_or_default().to_lowercase();
        let fits = |o: &&Organization| o.name.to_lowercase().starts_with(&named);
        let organizations: Vec<_> = state.organizations.below(ObjectId::default()).filter(fits).collect();
        Ok(page(call, &organizations, |o| view(call, o)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, find(call, state)?))))
}

/// The projects of one organization.
pub(crate) fn projects(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let named = call.query.get("name").unwrap_or_default().to_lowercase();
        let below = state.projects.below(find(call, state)?.id);
        let shown = below.filter(|p| call.access.sees(&p.id.to_string()) && p.name.to_lowercase().starts_with(&named));
        Ok(page(call, &shown.collect::<Vec<_>>(), |p| projects::view(call, state, p)))
    })
}

fn find<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Organization, ApiError> {
    let id = call.parameter("orgId");
    let organization = id.parse().ok().and_then(|id| state.organizations.get(id));
    organization.ok_or_else(|| ORG_NOT_FOUND.error(format!("There is no organization {id}.")).parameter(id))
}

fn view(call: &Call<'_>, organization: &Organization) -> Value {
    let path = format!("/api/atlas/v2/orgs/{}", organization.id);
    json!({
        "id": organization.id.to_string(),
        "name": organization.name,
        "isDeleted": false,
        "links": [call.link("self", &path)],
    })
}
