//! Projects, which the API calls groups.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        paging::page,
    },
    domain::{
        error::ApiError,
        ids::ObjectId,
        projects::{Project, Tag},
        refusals::{
            CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS, CANNOT_CLOSE_GROUP_ACTIVE_BACKUP_COMPLIANCE_POLICY,
            GROUP_ALREADY_EXISTS, GROUP_NAME_NOT_FOUND, INVALID_GROUP_NAME, INVALID_GROUP_NAME_10GEN,
            MAX_GROUPS_PER_ORG_EXCEEDED, ORG_NOT_FOUND,
        },
    },
    engine::{clusters, compliance},
    state::tables::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewProject {
    name: String,
    org_id: String,
    with_default_alerts_settings: Option<bool>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    name: Option<String>,
    tags: Option<Vec<Tag>>,
}

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let projects: Vec<_> = state.projects.all().filter(|p| call.access.sees(&p.id.to_string())).collect();
        Ok(page(call, &projects, |p| view(call, state, p)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, state, lookup::project(call, state)?))))
}

pub(crate) fn by_name(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let name = call.parameter("groupName");
    call.store.read(|state| {
        let mut seen = state.projects.all().filter(|p| call.access.sees(&p.id.to_string()));
        let project = seen.find(|p| p.name == name).ok_or_else(|| {
            let detail = format!("There is no project named {name}.");
            GROUP_NAME_NOT_FOUND.error(detail).parameter(name)
        })?;
        Ok(ApiResponse::ok(view(call, state, project)))
    })
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: NewProject = call.body()?;
    // The emulator has no users, so it accepts any ID of an owner.
    let _owner = call.query.get("projectOwnerId");
    call.store.write(|state| {
        let organization = wanted.org_id.parse().ok().and_then(|id| state.organizations.get(id)).map(|o| o.id);
        let organization = organization.ok_or_else(|| {
            let detail = format!("There is no organization {}.", wanted.org_id);
            ORG_NOT_FOUND.error(detail).parameter(wanted.org_id.as_str())
        })?;
        refuse_duplicate_name(state, organization, &wanted.name)?;
        if state.projects.below(organization).count() >= MAX_PROJECTS {
            let detail = format!("The organization already has {MAX_PROJECTS} projects.");
            return Err(MAX_GROUPS_PER_ORG_EXCEEDED.error(detail).parameter(organization.to_string()));
        }
        let project = Project {
            id: state.new_id(call.now),
            organization,
            name: wanted.name,
            created: call.now,
            with_default_alerts_settings: wanted.with_default_alerts_settings.unwrap_or(true),
            tags: wanted.tags,
            settings: BTreeMap::new(),
            fixed_slow_ms: false,
            customer_keys: BTreeMap::new(),
            search_nodes_encrypted: false,
        };
        let mut document = view(call, state, &project);
        if project.tags.is_empty() {
            // Only this response omits an empty list.
            document["tags"] = Value::Null;
        }
        // The specification says 200, but the service returns 201.
        document["links"] = links(call, project.id);
        let mut answer = ApiResponse::with_status(StatusCode::CREATED, omit_nulls(document));
        answer.location = Some(format!("{}/api/atlas/v2/groups/{}", call.base, project.id));
        state.projects.insert(organization, project.id, project);
        Ok(answer)
    })
}

pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let changes: Changes = call.body()?;
    call.store.write(|state| {
        let mut project = lookup::project(call, state)?.clone();
        if let Some(name) = changes.name.filter(|name| *name != project.name) {
            // Only the schema of a new project limits the length of its name.
            if !(1..=64).contains(&name.chars().count()) {
                let detail = "A project's name has between 1 and 64 characters.";
                return Err(INVALID_GROUP_NAME.error(detail).parameter(name));
            }
            refuse_duplicate_name(state, project.organization, &name)?;
            project.name = name;
        }
        project.tags = changes.tags.unwrap_or(project.tags);
        if let Some(known) = state.projects.get_mut(project.id) {
            known.clone_from(&project);
        }
        Ok(ApiResponse::ok(view(call, state, &project)))
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        if clusters(call, state, project) > 0 {
            let detail = format!("Project {project} still has clusters.");
            let error = CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS.error(detail);
            return Err(error.parameter(project.to_string()));
        }
        let kept = clusters::deleted_with_backups(state, project, call.now).next().is_some();
        if kept && compliance::policy(state, project, call.now).is_some() {
            let code = &CANNOT_CLOSE_GROUP_ACTIVE_BACKUP_COMPLIANCE_POLICY;
            let detail = format!("Project {project} still has backups that its compliance policy protects.");
            return Err(code.error(detail).parameter(project.to_string()));
        }
        state.forget(project);
        // The specification says 204, but the service returns 202 with an empty document.
        Ok(ApiResponse::with_status(StatusCode::ACCEPTED, json!({})))
    })
}

/// The links of a new project: to itself and to what it can hold, by the names that the service has for that.
fn links(call: &Call<'_>, project: ObjectId) -> Value {
    let path = format!("/api/atlas/v2/groups/{project}");
    let below = ["containers", "clusters", "databaseUsers", "peers", "processes", "whitelist"];
    let below = below
        .into_iter()
        .map(|name| call.link(&format!("https://cloud.mongodb.com/{name}"), &format!("{path}/{name}")));
    std::iter::once(call.link("self", &path)).chain(below).collect()
}

/// An organization has so many projects.
const MAX_PROJECTS: usize = 250;
/// In front of the name of a project, or behind it, the vendor's own.
const RESERVED: &str = "10gen";

fn refuse_duplicate_name(state: &State, organization: ObjectId, name: &str) -> Result<(), ApiError> {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with(&format!("{RESERVED}-")) || lower.ends_with(&format!("-{RESERVED}")) {
        return Err(INVALID_GROUP_NAME_10GEN.error(format!("{RESERVED} is reserved.")).parameter(name));
    }
    if !state.projects.below(organization).any(|p| p.name == name) {
        return Ok(());
    }
    let detail = format!("The organization already has a project named {name}.");
    Err(GROUP_ALREADY_EXISTS.error(detail).parameter(name))
}

fn clusters(call: &Call<'_>, state: &State, project: ObjectId) -> usize {
    state.clusters.below(project).filter(|c| c.state_name(call.now).is_some()).count()
}

pub(crate) fn view(call: &Call<'_>, state: &State, project: &Project) -> Value {
    let path = format!("/api/atlas/v2/groups/{}", project.id);
    json!({
        "clusterCount": clusters(call, state, project.id),
        "created": stamp(project.created),
        "id": project.id.to_string(),
        "links": [call.link("self", &path)],
        "name": project.name,
        "orgId": project.organization.to_string(),
        "tags": project.tags,
        "withDefaultAlertsSettings": project.with_default_alerts_settings,
    })
}
