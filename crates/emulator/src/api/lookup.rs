//! Finds the records that a path names, with the errors of the service.
//!
//! A cluster of the wrong kind is a 400 with its own code. Deleted and expired records count as missing.

use crate::{
    api::call::Call,
    domain::{
        clusters::Cluster, error::ApiError, ids::ObjectId, projects::Project, refusals::CANNOT_RESTORE_TO_TARGET,
    },
    engine::clusters,
    state::tables::State,
};

/// The project in the path.
pub(crate) fn project<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Project, ApiError> {
    let id = call.parameter("groupId");
    clusters::project(state, id)
}

/// The cluster named in the path, of any kind.
pub(crate) fn cluster<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let project = project(call, state)?;
    let name = Some(call.parameter("clusterName")).filter(|n| !n.is_empty()).unwrap_or(call.parameter("name"));
    clusters::find_by_name(state, project.id, name, call.now)
        .ok_or_else(|| ApiError::cluster_not_found(name, &project.id.to_string()))
}

/// The dedicated cluster named in the path.
pub(crate) fn dedicated<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let cluster = cluster(call, state)?;
    clusters::refuse_flex(cluster)?;
    Ok(cluster)
}

/// The dedicated cluster named in the path, or a deleted one of that name with retained backups.
pub(crate) fn backed_up<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let (project, name) = (project(call, state)?, call.parameter("clusterName"));
    if clusters::find_by_name(state, project.id, name, call.now).is_none()
        && let Some(former) =
            clusters::deleted_with_backups(state, project.id, call.now).filter(|c| c.name == name).last()
    {
        return Ok(former);
    }
    dedicated(call, state)
}

/// The flex cluster named in the path.
pub(crate) fn flex<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s Cluster, ApiError> {
    let cluster = cluster(call, state)?;
    clusters::refuse_not_flex(cluster)?;
    Ok(cluster)
}

/// The id in the path parameter `name`. 404 if it is not a valid id.
pub(crate) fn id(call: &Call<'_>, name: &str, what: &str) -> Result<ObjectId, ApiError> {
    let text = call.parameter(name);
    text.parse().map_err(|()| ApiError::resource_not_found(what, text))
}

/// 403 if a restore writes to another project in which the credentials lack the role of the operation.
pub(crate) fn refuse_foreign_target(call: &Call<'_>, source: &Cluster, target: &Cluster) -> Result<(), ApiError> {
    let project = target.project.to_string();
    if target.project == source.project || call.access.permit(&call.operation.roles, false, Some(&project)).is_ok() {
        return Ok(());
    }
    let detail = format!("The credentials may not restore to project {project}.");
    Err(CANNOT_RESTORE_TO_TARGET.error(detail).parameter(project))
}
