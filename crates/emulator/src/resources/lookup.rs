//! Finds what a path names, or refuses as the service does.
//!
//! A cluster of the wrong kind is a 400 of its own; what is deleted or expired by the clock was never there.

use chrono::{DateTime, Utc};

use crate::{
    call::Call,
    errors::ApiError,
    records::{Cluster, ClusterKind, Project},
    state::{ObjectId, State},
};

/// The project in the path.
pub(super) fn project<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Project, ApiError> {
    let id = call.parameter("groupId");
    project_by_id(id, state)
}

/// The project with this id.
pub(super) fn project_by_id<'s>(id: &str, state: &'s State) -> Result<&'s Project, ApiError> {
    let found = id.parse().ok().and_then(|id| state.projects.get(id));
    found.ok_or_else(|| ApiError::group_not_found(id))
}

/// The cluster named in the path, of any kind.
pub(super) fn cluster<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let project = project(call, state)?;
    let name = Some(call.parameter("clusterName")).filter(|n| !n.is_empty()).unwrap_or(call.parameter("name"));
    named(call, state, project.id, name).ok_or_else(|| ApiError::cluster_not_found(name, &project.id.to_string()))
}

/// The cluster of `project` with this name that is there now.
pub(super) fn named<'s>(call: &Call<'_>, state: &'s State, project: ObjectId, name: &str) -> Option<&'s Cluster> {
    state.clusters.below(project).rfind(|c| c.name == name && c.state_name(call.now).is_some())
}

/// The dedicated cluster named in the path.
pub(super) fn dedicated<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let cluster = cluster(call, state)?;
    refuse_flex(cluster)?;
    Ok(cluster)
}

/// The deleted clusters of `project` whose backups are still kept.
pub(super) fn former(state: &State, project: ObjectId, now: DateTime<Utc>) -> impl Iterator<Item = &Cluster> {
    let gone = move |c: &&Cluster| c.deleted.is_some() && c.state_name(now).is_none();
    let kept = move |c: &&Cluster| state.snapshots.below(c.id).any(|s| s.is_kept(now));
    state.clusters.below(project).filter(gone).filter(kept)
}

/// 400 for a cluster that somebody has asked to delete.
pub(super) fn refuse_deleted(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.deleted.is_none() {
        return Ok(());
    }
    let detail = format!("{} is being deleted.", cluster.name);
    Err(ApiError::bad_request("CLUSTER_ALREADY_REQUESTED_DELETION", detail).parameter(cluster.name.as_str()))
}

/// 400 for a flex cluster.
pub(super) fn refuse_flex(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.kind != ClusterKind::Flex {
        return Ok(());
    }
    let detail = format!("{} is a flex cluster; the cluster API does not serve it.", cluster.name);
    let error = ApiError::bad_request("CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", detail);
    Err(error.parameter(cluster.name.as_str()))
}

/// The dedicated cluster named in the path, or a deleted one of that name whose backups were kept.
pub(super) fn backed_up<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let (project, name) = (project(call, state)?, call.parameter("clusterName"));
    if named(call, state, project.id, name).is_none()
        && let Some(former) = former(state, project.id, call.now).filter(|c| c.name == name).last()
    {
        return Ok(former);
    }
    dedicated(call, state)
}

/// The flex cluster named in the path.
pub(super) fn flex<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let cluster = cluster(call, state)?;
    refuse_not_flex(cluster)?;
    Ok(cluster)
}

/// 400 for any cluster that is not flex.
pub(super) fn refuse_not_flex(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.kind == ClusterKind::Flex {
        return Ok(());
    }
    let detail = format!("{} is not a flex cluster; the flex API does not serve it.", cluster.name);
    let error = ApiError::bad_request("CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", detail);
    Err(error.parameter(cluster.name.as_str()))
}

/// The id in the path parameter `name`; 404 where it is none.
pub(super) fn id(call: &Call<'_>, name: &str, what: &str) -> Result<ObjectId, ApiError> {
    let text = call.parameter(name);
    text.parse().map_err(|()| ApiError::resource_not_found(what, text))
}
