//! Finds what a path names, or refuses as the service does.
//!
//! A cluster of the wrong kind is a 400 of its own; what is deleted or expired by the clock was never there.

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
    if cluster.kind == ClusterKind::Flex {
        let detail = format!("{} is a flex cluster; the cluster API does not serve it.", cluster.name);
        let error = ApiError::bad_request("CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", detail);
        return Err(error.parameter(cluster.name.as_str()));
    }
    Ok(cluster)
}

/// The flex cluster named in the path.
pub(super) fn flex<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let cluster = cluster(call, state)?;
    if cluster.kind != ClusterKind::Flex {
        let detail = format!("{} is not a flex cluster; the flex API does not serve it.", cluster.name);
        let error = ApiError::bad_request("CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", detail);
        return Err(error.parameter(cluster.name.as_str()));
    }
    Ok(cluster)
}

/// The id in the path parameter `name`; 404 where it is none.
pub(super) fn id(call: &Call<'_>, name: &str, what: &str) -> Result<ObjectId, ApiError> {
    let text = call.parameter(name);
    text.parse().map_err(|()| ApiError::resource_not_found(what, text))
}
