//! Projects and clusters of a state, and the refusals shared by all operations on a cluster.
//!
//! A cluster whose deletion time has passed counts as missing.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        clusters::{Cluster, ClusterKind},
        error::ApiError,
        ids::ObjectId,
        projects::Project,
        refusals::{
            ATLAS_GENERAL_ERROR, CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API, CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API,
            CLUSTER_ALREADY_REQUESTED_DELETION,
        },
    },
    engine::scheduler,
    state::tables::State,
};

/// The project with this id.
pub(crate) fn project<'s>(state: &'s State, id: &str) -> Result<&'s Project, ApiError> {
    let found = id.parse().ok().and_then(|id| state.projects.get(id));
    found.ok_or_else(|| ApiError::group_not_found(id))
}

/// The cluster of `project` with this name that exists now.
pub(crate) fn find_by_name<'s>(
    state: &'s State,
    project: ObjectId,
    name: &str,
    now: DateTime<Utc>,
) -> Option<&'s Cluster> {
    state.clusters.below(project).rfind(|c| c.name == name && c.state_name(now).is_some())
}

/// The deleted clusters of `project` with retained backups.
pub(crate) fn deleted_with_backups(
    state: &State,
    project: ObjectId,
    now: DateTime<Utc>,
) -> impl Iterator<Item = &Cluster> {
    let gone = move |c: &&Cluster| c.deleted.is_some() && c.state_name(now).is_none();
    let kept = move |c: &&Cluster| state.snapshots.below(c.id).any(|s| s.is_kept(now));
    state.clusters.below(project).filter(gone).filter(kept)
}

/// 400 for a cluster that is being deleted.
pub(crate) fn refuse_deleted(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.deleted.is_none() {
        return Ok(());
    }
    let detail = format!("{} is being deleted.", cluster.name);
    Err(CLUSTER_ALREADY_REQUESTED_DELETION.error(detail).parameter(cluster.name.as_str()))
}

/// 400 for a flex cluster.
pub(crate) fn refuse_flex(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.kind != ClusterKind::Flex {
        return Ok(());
    }
    let detail = format!("{} is a flex cluster; the cluster API does not serve it.", cluster.name);
    let error = CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API.error(detail);
    Err(error.parameter(cluster.name.as_str()))
}

/// 400 for a cluster that is not a flex cluster.
pub(crate) fn refuse_not_flex(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.kind == ClusterKind::Flex {
        return Ok(());
    }
    let detail = format!("{} is not a flex cluster; the flex API does not serve it.", cluster.name);
    let error = CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API.error(detail);
    Err(error.parameter(cluster.name.as_str()))
}

/// Starts the deletion of a cluster.
pub(crate) fn delete(state: &mut State, id: ObjectId, now: DateTime<Utc>, retain_backups: bool) {
    let window = state.schedules.get(id).map(|schedule| schedule.restore_window_days);
    if let Some(cluster) = state.clusters.get_mut(id) {
        cluster.kept_window_days = window.filter(|_| retain_backups && cluster.pit_enabled);
        cluster.deleted.get_or_insert(now);
        cluster.retain_backups = retain_backups;
    }
    // It may be deleted before it was ready, and its schedule ran from then on.
    scheduler::start_following(state, id, now);
}

/// 400 for continuous backup without hourly snapshots. Clients search for this text.
pub(crate) fn hourly_item_missing() -> ApiError {
    ATLAS_GENERAL_ERROR.error("Continuous Cloud Backup cannot be on without an hourly policy item.")
}
