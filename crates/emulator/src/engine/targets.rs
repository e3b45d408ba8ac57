//! Target clusters of restores: which are suitable, and which are in use.
//!
//! All kinds of restore use these checks, so a cluster is never the target of two restores at once.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        clusters::{Cluster, major_version},
        error::ApiError,
        ids::ObjectId,
        jobs::Delivery,
        projects::CustomerKey,
        refusals::{
            ATLAS_CLUSTER_RESTORE_IN_PROGRESS, CLUSTER_PAUSED_CANNOT_RESTORE, DB_VERSION_NOT_SUPPORTED,
            INVALID_SNAPSHOT_RESTORE_ENCRYPTION, RESTORE_INITIATION_FAILED, TENANT_RESTORE_DESTINATION_ENCRYPTION,
            TENANT_RESTORE_DESTINATION_UNAVAILABLE, TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY,
            TENANT_RESTORE_VERSION_MISMATCH,
        },
        snapshots::Snapshot,
    },
    engine::clusters,
    state::tables::State,
};

/// The dedicated target cluster of a restore of `source`.
pub(crate) fn dedicated<'s>(
    state: &'s State,
    now: DateTime<Utc>,
    source: &Cluster,
    project: &str,
    name: &str,
) -> Result<&'s Cluster, ApiError> {
    let target = target_named(state, clusters::project(state, project)?.id, name, now)?;
    clusters::refuse_flex(target)?;
    if source.kind.is_sharded() && !target.kind.is_sharded() {
        let detail = format!("{} is another kind of cluster than {}.", target.name, source.name);
        return Err(not_started(target, detail));
    }
    if source.kind.is_sharded() && source.shards.len() != target.shards.len() {
        let detail = format!("{} has another number of shards than {}.", target.name, source.name);
        return Err(not_started(target, detail));
    }
    if !accepts_data(target, now) {
        return Err(not_started(target, format!("{} takes no restores now.", target.name)));
    }
    if target.paused {
        let error = CLUSTER_PAUSED_CANNOT_RESTORE.error(format!("{} is paused.", target.name));
        return Err(error.parameter(target.name.as_str()));
    }
    refuse_busy(state, target, now)?;
    Ok(target)
}

/// Refuses data that do not fit into `target`: those of a snapshot, or those of `source` at a point in time.
pub(crate) fn refuse_other_data(
    state: &State,
    target: &Cluster,
    source: &Cluster,
    snapshot: Option<&Snapshot>,
) -> Result<(), ApiError> {
    if snapshot.is_some_and(|snapshot| snapshot.sharded && snapshot.members.len() != target.shards.len()) {
        return Err(not_started(target, format!("{} has another number of shards than the snapshot.", target.name)));
    }
    if source.has_dedicated_config_server() != target.has_dedicated_config_server() {
        return Err(not_started(
            target,
            format!("{} has another type of config server than {}.", target.name, source.name),
        ));
    }
    let version = snapshot.map_or(&source.mongodb_version, |snapshot| &snapshot.mongodb_version);
    if target.major_version() < major_version(version) {
        let detail = format!("{} runs an older MongoDB version than {version}.", target.name);
        return Err(DB_VERSION_NOT_SUPPORTED.error(detail).parameter(target.mongodb_version.as_str()));
    }
    refuse_other_keys(state, target, source, snapshot)
}

/// Refuses encrypted data if their key cannot be used, or the target has keys of another service. AWS keys of two
/// projects must be in the same region.
fn refuse_other_keys(
    state: &State,
    target: &Cluster,
    source: &Cluster,
    snapshot: Option<&Snapshot>,
) -> Result<(), ApiError> {
    let service = match snapshot {
        Some(snapshot) => snapshot.key.as_ref().map(|key| key.service.as_str()),
        None => source.key_service(),
    };
    let Some(service) = service else { return Ok(()) };
    let refuse = |detail| Err(INVALID_SNAPSHOT_RESTORE_ENCRYPTION.error(detail).parameter(target.name.as_str()));
    if target.key_service() != Some(service) {
        return refuse(format!("{} is not encrypted with a key of {service}.", target.name));
    }
    let key = |project| state.projects.get(project).and_then(|project| project.customer_keys.get(service));
    let (from, to) = (key(source.project), key(target.project));
    if !from.is_some_and(CustomerKey::is_enabled) {
        return refuse(format!("The key of {service} in the project of {} is not enabled.", source.name));
    }
    let region = |key: Option<&CustomerKey>| key.and_then(|key| key.settings.get("region")).cloned();
    if service == "AWS" && region(from) != region(to) {
        return refuse("The keys of the two projects are in different regions.".to_owned());
    }
    Ok(())
}

/// The target cluster of a flex restore: a flex cluster or a dedicated replica set.
pub(crate) fn for_flex<'s>(
    state: &'s State,
    now: DateTime<Utc>,
    source: &Cluster,
    project: ObjectId,
    name: &str,
) -> Result<&'s Cluster, ApiError> {
    let target = target_named(state, project, name, now)?;
    if target.major_version() != source.major_version() {
        let detail = format!("{} runs another MongoDB version than the snapshot.", target.name);
        return Err(TENANT_RESTORE_VERSION_MISMATCH.error(detail));
    }
    if target.kind.is_sharded() {
        let detail = format!("{} is sharded and takes no flex snapshot.", target.name);
        return Err(TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY.error(detail));
    }
    if let Some(service) = target.key_service() {
        let detail = format!("{} is encrypted with a key of {service}.", target.name);
        return Err(TENANT_RESTORE_DESTINATION_ENCRYPTION.error(detail).parameter(target.name.as_str()));
    }
    if !accepts_data(target, now) {
        let detail = format!("{} takes no restores now.", target.name);
        return Err(TENANT_RESTORE_DESTINATION_UNAVAILABLE.error(detail));
    }
    refuse_busy(state, target, now)?;
    Ok(target)
}

fn target_named<'s>(
    state: &'s State,
    project: ObjectId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<&'s Cluster, ApiError> {
    clusters::find_by_name(state, project, name, now)
        .ok_or_else(|| ApiError::cluster_not_found(name, &project.to_string()))
}

/// A cluster that is being created or deleted cannot be a target.
fn accepts_data(target: &Cluster, now: DateTime<Utc>) -> bool {
    !matches!(target.state_name(now), None | Some("CREATING" | "DELETING"))
}

fn not_started(target: &Cluster, detail: String) -> ApiError {
    RESTORE_INITIATION_FAILED.error(detail).parameter(target.name.as_str())
}

/// 409 while another restore writes to the cluster.
pub(crate) fn refuse_busy(state: &State, target: &Cluster, now: DateTime<Utc>) -> Result<(), ApiError> {
    if !is_being_restored(state, target, now) {
        return Ok(());
    }
    let detail = format!("A restore to {} is still running.", target.name);
    let error = ATLAS_CLUSTER_RESTORE_IN_PROGRESS.error(detail);
    Err(error.parameter(target.name.as_str()))
}

/// Whether any kind of restore writes to the cluster at `now`.
pub(crate) fn is_being_restored(state: &State, target: &Cluster, now: DateTime<Utc>) -> bool {
    let mut collections = state.collection_restores.all().filter(|job| now < job.timeline.ends);
    is_being_replaced(state, target, now) || collections.any(|job| job.target == target.id)
}

/// Whether a restore replaces all data of the cluster at `now`. It serves no data meanwhile.
pub(crate) fn is_being_replaced(state: &State, target: &Cluster, now: DateTime<Utc>) -> bool {
    let is_target = |name: &str, project: ObjectId| name == target.name && project == target.project;
    let restores = state.restore_jobs.all().filter(|job| !job.cancelled && now < job.timeline.ends);
    let mut restores = restores.filter_map(|job| match &job.delivery {
        Delivery::Automated { target_cluster, target_project }
        | Delivery::PointInTime { target_cluster, target_project, .. } => Some((target_cluster, *target_project)),
        Delivery::Download => None,
    });
    let flex = state.flex_restores.all().filter(|job| now < job.timeline.ends).filter_map(|job| job.target.as_ref());
    let mut flex = flex.map(|(name, project)| (name, *project));
    restores.any(|(name, project)| is_target(name, project)) || flex.any(|(name, project)| is_target(name, project))
}
