//! Dedicated clusters: list, get, delete. Flex clusters share the namespace but are not in these lists.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call},
        cluster_views::{refuse_asymmetric, view},
        lookup,
        paging::page,
        snapshots::PROTECTED_BY_POLICY,
    },
    domain::{
        clusters::{Cluster, ClusterKind},
        error::ApiError,
        ids::ObjectId,
        projects::Project,
        refusals::CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED,
    },
    engine::{clusters, compliance},
    state::tables::State,
};

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?;
        // An older version omits clusters that it cannot represent.
        let shown = |c: &&Cluster| c.kind != ClusterKind::Flex && refuse_asymmetric(call, c).is_ok();
        let mut clusters = present(call, state, project).filter(shown).collect::<Vec<_>>();
        if call.query.flag("includeDeletedWithRetainedBackups") {
            clusters.extend(clusters::deleted_with_backups(state, project.id, call.now).filter(shown));
        }
        Ok(page(call, &clusters, |c| view(call, c)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        refuse_asymmetric(call, cluster)?;
        Ok(ApiResponse::ok(view(call, cluster)))
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?;
        let (id, project) = (deletable(cluster)?, cluster.project);
        let retain = call.query.flag("retainBackups");
        if !retain && state.snapshots.below(id).any(|s| s.is_kept(call.now)) {
            compliance::refuse_under_policy(state, project, call.now, PROTECTED_BY_POLICY)?;
        }
        clusters::delete(state, id, call.now, retain);
        Ok(ApiResponse::with_status(StatusCode::ACCEPTED, json!({})))
    })
}

/// The id of the cluster, unless it is protected or already being deleted.
pub(crate) fn deletable(cluster: &Cluster) -> Result<ObjectId, ApiError> {
    clusters::refuse_deleted(cluster)?;
    if !cluster.termination_protection {
        return Ok(cluster.id);
    }
    let detail = format!("{} is protected against termination.", cluster.name);
    let code = &CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED;
    Err(code.error(detail).parameter(cluster.name.as_str()))
}

/// The clusters of all projects in short form.
pub(crate) fn list_details(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let projects: Vec<_> = state.projects.all().filter(|p| call.access.sees(&p.id.to_string())).collect();
        Ok(page(call, &projects, |p| details(call, state, p)))
    })
}

fn details(call: &Call<'_>, state: &State, project: &Project) -> Value {
    let organization = state.organizations.get(project.organization).map(|o| o.name.as_str());
    let clusters = present(call, state, project).map(|c| {
        let nodes = c.shards.iter().flat_map(|s| &s.regions);
        let nodes = nodes.map(|r| r.electable_nodes + r.read_only_nodes + r.analytics_nodes).sum::<i64>();
        json!({
            "alertCount": 0,
            "authEnabled": true,
            "availability": "available",
            "backupEnabled": c.backup_enabled,
            "clusterId": c.id.to_string(),
            "dataSizeBytes": 0,
            "name": c.name,
            "nodeCount": nodes,
            "sslEnabled": true,
            "type": if c.kind.is_sharded() { "SHARDED_CLUSTER" } else { "REPLICA_SET" },
            "versions": [c.mongodb_version],
        })
    });
    json!({
        "clusters": clusters.collect::<Vec<_>>(),
        "groupId": project.id.to_string(),
        "groupName": project.name,
        "orgId": project.organization.to_string(),
        "orgName": organization,
        "planType": "Atlas",
        "tags": [],
    })
}

/// The clusters of `project` that exist now.
fn present<'s>(call: &Call<'_>, state: &'s State, project: &Project) -> impl Iterator<Item = &'s Cluster> {
    let now = call.now;
    state.clusters.below(project.id).filter(move |c| c.state_name(now).is_some())
}
