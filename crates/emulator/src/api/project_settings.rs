//! Project data besides clusters and backups: settings, limits, addresses, teams, the threshold for slow operations.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call},
        lookup,
        paging::page,
    },
    domain::{error::ApiError, projects::Project},
    state::tables::State,
};

/// The settings, each with its value in a new project.
const SETTINGS: [(&str, bool); 11] = [
    ("isClusterAiAssistantEnabled", true),
    ("isCollectDatabaseSpecificsStatisticsEnabled", true),
    ("isDataExplorerEnabled", true),
    ("isDataExplorerGenAIFeaturesEnabled", true),
    ("isDataExplorerGenAISampleDocumentPassingEnabled", false),
    ("isDataValidationEnabled", true),
    ("isExtendedStorageSizesEnabled", false),
    ("isNativeRerankingEnabled", false),
    ("isPerformanceAdvisorEnabled", true),
    ("isRealtimePerformancePanelEnabled", true),
    ("isSchemaAdvisorEnabled", true),
];

/// The limits: name, default and maximum.
const LIMITS: [(&str, u64, u64); 6] = [
    (CLUSTERS, 25, 100),
    ("atlas.project.deployment.nodesPerPrivateLinkRegion", 50, 90),
    ("atlas.project.security.databaseAccess.customRoles", 100, 1400),
    (USERS, 100, 100),
    ("atlas.project.security.networkAccess.crossRegionEntries", 40, 220),
    (ENTRIES, 200, 200),
];
const CLUSTERS: &str = "atlas.project.deployment.clusters";
const USERS: &str = "atlas.project.security.databaseAccess.users";
const ENTRIES: &str = "atlas.project.security.networkAccess.entries";

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(settings(lookup::project(call, state)?))))
}

pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    change(call, |project| {
        let sent = SETTINGS.iter().filter_map(|(name, _)| Some(((*name).to_owned(), body[*name].as_bool()?)));
        project.settings.extend(sent);
        ApiResponse::ok(settings(project))
    })
}

fn settings(project: &Project) -> Value {
    let value = |name: &str, default| project.settings.get(name).copied().unwrap_or(default);
    SETTINGS
        .iter()
        .map(|(name, default)| ((*name).to_owned(), value(name, *default).into()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

pub(crate) fn managed_slow_ms(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok((!lookup::project(call, state)?.fixed_slow_ms).into())))
}

pub(crate) fn enable_managed_slow_ms(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    change(call, |project| {
        project.fixed_slow_ms = false;
        ApiResponse::empty()
    })
}

pub(crate) fn disable_managed_slow_ms(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    change(call, |project| {
        project.fixed_slow_ms = true;
        ApiResponse::empty()
    })
}

fn change(call: &Call<'_>, change: impl FnOnce(&mut Project) -> ApiResponse) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let id = lookup::project(call, state)?.id;
        let project = state.projects.get_mut(id).ok_or_else(|| ApiError::group_not_found(&id.to_string()))?;
        Ok(change(project))
    })
}

/// Organizations of the emulator have no users, and therefore no teams.
pub(crate) fn teams(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| lookup::project(call, state).map(|_| page::<()>(call, &[], |()| Value::Null)))
}

pub(crate) fn limits(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?;
        let limit = |(name, default, maximum): &(&str, u64, u64)| {
            json!({
                "currentUsage": usage(call, state, project, name),
                "defaultLimit": default,
                "maximumLimit": maximum,
                "name": name,
                "value": default,
            })
        };
        Ok(ApiResponse::ok(LIMITS.iter().map(limit).collect()))
    })
}

/// Current usage of a limit.
fn usage(call: &Call<'_>, state: &State, project: &Project, limit: &str) -> usize {
    let (now, project) = (call.now, project.id);
    match limit {
        CLUSTERS => state.clusters.below(project).filter(|cluster| cluster.state_name(now).is_some()).count(),
        USERS => state.database_users.below(project).filter(|user| user.is_there(now)).count(),
        ENTRIES => state.access_list.below(project).filter(|entry| entry.is_there(now)).count(),
        _ => 0,
    }
}

/// Clusters of the emulator have no reachable address.
pub(crate) fn ip_addresses(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?;
        let clusters = state.clusters.below(project.id).filter(|cluster| cluster.state_name(call.now).is_some());
        let clusters = clusters.map(|cluster| {
            json!({"clusterName": cluster.name, "futureInbound": [], "futureOutbound": [], "inbound": [], "outbound": []})
        });
        Ok(ApiResponse::ok(json!({
            "groupId": project.id.to_string(),
            "services": {"clusters": clusters.collect::<Vec<_>>()},
        })))
    })
}
