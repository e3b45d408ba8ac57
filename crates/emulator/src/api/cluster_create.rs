//! Creating and changing a dedicated cluster with any resource version's body.
//!
//! The three shapes of a request meet in one record. What a request leaves out gets the service's usual default; a disk
//! below the smallest is enlarged, as the service does it.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::Value;

use crate::{
    api::{
        call::{ApiResponse, Call},
        cluster_views::{ADVANCED, view},
        lookup,
    },
    domain::{
        clusters::{Cluster, ClusterKind, Region, Shard},
        durations,
        error::ApiError,
        ids::ObjectId,
        projects::Tag,
        refusals::{
            ATLAS_BACKUP_CONFLICTING_OPTIONS, ATLAS_GENERAL_ERROR, CANNOT_CREATE_PAUSED_CLUSTER,
            CANNOT_DISABLE_CLOUD_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY,
            CANNOT_DISABLE_PIT_WITH_BACKUUP_COMPLIANCE_POLICY, CANNOT_PAUSE_NVME_CLUSTER,
            CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER, CANNOT_UPDATE_AND_PAUSE_CLUSTER, CANNOT_UPDATE_PAUSED_CLUSTER,
            CLUSTER_ALREADY_PAUSED, CLUSTER_CANNOT_CHANGE_NAME, CLUSTER_NAME_TOO_LONG,
            CLUSTER_REPLICATION_FACTOR_INVALID, CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE,
            CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE, CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS,
            DUPLICATE_CLUSTER_NAME, DUPLICATE_CLUSTER_NAME_PREFIX, ENCRYPTION_AT_REST_NOT_ENABLED,
            INVALID_CLUSTER_CONFIGURATION, NVME_STORAGE_PROVIDER_BACKUP_REQUIRED, Refusal,
        },
        snapshots::Frequency,
    },
    engine::{clusters, compliance, targets},
    openapi::conformance::check_success,
    state::tables::State,
};

/// What a new cluster runs that asks for nothing else.
pub(crate) const DEFAULT_MAJOR: &str = "8.0";
const DEFAULT_MONGODB: &str = "8.0.29";
pub(crate) const MIN_DISK_GB: f64 = 10.0;
const MAX_SHARDS: usize = 70;

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let name = body["name"].as_str().ok_or_else(|| ApiError::required_field("name"))?;
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        refuse_duplicate_name(call, state, project, name)?;
        if body["paused"] == true {
            return Err(CANNOT_CREATE_PAUSED_CLUSTER.error("A cluster can be paused once it is there."));
        }
        let (kind, shards) = shape(call, state, body)?;
        let backup = backup(call, body, &CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS)?;
        let demands = compliance::requirements(state, project, call.now);
        let cluster = Cluster {
            id: state.new_id(call.now),
            project,
            name: name.to_owned(),
            kind,
            created: call.now,
            ready: call.now + durations::CLUSTER_CREATING,
            updated: None,
            deleted: None,
            mongodb_version: full_version(body["mongoDBMajorVersion"].as_str()),
            disk_size_gb: disk(body).unwrap_or(MIN_DISK_GB),
            // A compliance policy wants every cluster of its project backed up.
            backup_enabled: backup == Some(true) || demands.is_some(),
            retain_backups: false,
            pit_enabled: body["pitEnabled"] == true || demands.is_some_and(|demands| demands.point_in_time),
            pit_since: None,
            paused: false,
            resumed: None,
            termination_protection: body["terminationProtectionEnabled"].as_bool().unwrap_or(false),
            tags: tags(&body["tags"]),
            labels: tags(&body["labels"]),
            shards,
        };
        refuse_unsupported(call, &cluster)?;
        let answer = ApiResponse::with_status(StatusCode::CREATED, view(call, &cluster));
        compliance::enforce_on_schedule(state, &cluster, call.now);
        state.clusters.insert(project, cluster.id, cluster);
        Ok(answer)
    })
}

/// Whether the body switches backup on or off. In the oldest version `backupEnabled` means Legacy Backup, which no cluster
/// gets any more, and `providerBackupEnabled` the other kind.
///
/// # Errors
/// 400 with `code` where the body asks for Legacy Backup, 409 where it asks for both kinds.
fn backup(call: &Call<'_>, body: &Value, code: &Refusal) -> Result<Option<bool>, ApiError> {
    let (either, cloud) = (body["backupEnabled"].as_bool(), body["providerBackupEnabled"].as_bool());
    if call.version.date.as_str() >= ADVANCED {
        return Ok(cloud.or(either));
    }
    match (either, cloud) {
        (Some(true), Some(true)) => {
            let detail = "Legacy backup and cloud backup exclude each other.";
            Err(ATLAS_BACKUP_CONFLICTING_OPTIONS.error(detail))
        }
        (Some(true), _) => Err(code.error("No cluster gets Legacy Backup; use `providerBackupEnabled`.")),
        _ => Ok(cloud),
    }
}

/// Kind and shards of the cluster that a body describes.
pub(crate) fn shape(call: &Call<'_>, state: &mut State, body: &Value) -> Result<(ClusterKind, Vec<Shard>), ApiError> {
    let shards = shards(call, state, body)?;
    let kind = match body["clusterType"].as_str() {
        Some("SHARDED") => ClusterKind::Sharded,
        Some("GEOSHARDED") => ClusterKind::GeoSharded,
        _ => ClusterKind::ReplicaSet,
    };
    if kind == ClusterKind::ReplicaSet && shards.len() > 1 {
        let detail = "A replica set has one shard.";
        return Err(INVALID_CLUSTER_CONFIGURATION.error(detail));
    }
    Ok((kind, shards))
}

/// 400 where the cluster has a size or a region that its provider has not, or anything else that one of the resource
/// versions could not show. The request's own schema lets through what only makes sense elsewhere.
pub(crate) fn refuse_unsupported(call: &Call<'_>, cluster: &Cluster) -> Result<(), ApiError> {
    refuse_impossible_backup(call, cluster)?;
    let electable = |shard: &Shard| shard.regions.iter().map(|region| region.electable_nodes).sum::<i64>();
    if let Some(nodes) = cluster.shards.iter().map(electable).find(|nodes| ![3, 5, 7].contains(nodes)) {
        let detail = format!("A shard has 3, 5 or 7 electable nodes, not {nodes}.");
        return Err(CLUSTER_REPLICATION_FACTOR_INVALID.error(detail).parameter(nodes));
    }
    let operation = call.document.operations.iter().find(|operation| operation.id == "getGroupCluster");
    let Some(operation) = operation else { return Ok(()) };
    for version in &operation.versions {
        let shown = view(&Call { version, operation, body: None, ..*call }, cluster);
        let violations = check_success(call.document, operation, version, 200, &shown);
        if !violations.is_empty() {
            return Err(ApiError::validation(violations));
        }
    }
    Ok(())
}

/// 400 where backup, storage and keys do not go together.
fn refuse_impossible_backup(call: &Call<'_>, cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.pit_enabled && !cluster.backup_enabled {
        return Err(ATLAS_GENERAL_ERROR.error("Continuous backup needs cloud backup."));
    }
    if cluster.is_nvme() && !cluster.backup_enabled {
        return Err(NVME_STORAGE_PROVIDER_BACKUP_REQUIRED.error("A cluster on NVMe storage has cloud backup."));
    }
    match call.document_body()["encryptionAtRestProvider"].as_str() {
        None | Some("NONE") => Ok(()),
        Some(provider) => {
            let detail = "The project has no customer keys.";
            Err(ENCRYPTION_AT_REST_NOT_ENABLED.error(detail).parameter(provider))
        }
    }
}

/// Changes what the body names and leaves the rest.
pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let flag = |name: &str, known: bool| body[name].as_bool().unwrap_or(known);
    call.store.write(|state| {
        let mut cluster = lookup::dedicated(call, state)?.clone();
        clusters::refuse_deleted(&cluster)?;
        if body["name"].as_str().is_some_and(|name| name != cluster.name) {
            let error = CLUSTER_CANNOT_CHANGE_NAME.error("A cluster keeps its name.");
            return Err(error.parameter(cluster.name.as_str()));
        }
        if targets::is_being_restored(state, &cluster, call.now) {
            let detail = format!("A restore to {} is still running.", cluster.name);
            let error = CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE.error(detail);
            return Err(error.parameter(cluster.name.as_str()));
        }
        pause(call, &mut cluster)?;
        let before = cluster.clone();
        if body["replicationSpecs"].is_array() || body["providerSettings"].is_object() {
            cluster.shards = shards(call, state, body)?;
        }
        if let Some(major) = body["mongoDBMajorVersion"].as_str() {
            cluster.mongodb_version = full_version(Some(major));
        }
        if let Some(disk) = disk(body) {
            cluster.disk_size_gb = disk;
        }
        for (name, list) in [("tags", &mut cluster.tags), ("labels", &mut cluster.labels)] {
            if body[name].is_array() {
                *list = tags(&body[name]);
            }
        }
        let backup = backup(call, body, &CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE)?;
        cluster.backup_enabled = backup.unwrap_or(cluster.backup_enabled);
        // Without backup there is no continuous one; who switches the one off need not name the other.
        cluster.pit_enabled = flag("pitEnabled", cluster.pit_enabled && cluster.backup_enabled);
        if let Some(demands) = compliance::requirements(state, cluster.project, call.now) {
            let lost = [
                (!cluster.backup_enabled, &CANNOT_DISABLE_CLOUD_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY),
                (demands.point_in_time && !cluster.pit_enabled, &CANNOT_DISABLE_PIT_WITH_BACKUUP_COMPLIANCE_POLICY),
            ];
            if let Some((_, code)) = lost.into_iter().find(|(lost, _)| *lost) {
                compliance::refuse_under_policy(state, cluster.project, call.now, code)?;
            }
        }
        cluster.termination_protection = flag("terminationProtectionEnabled", cluster.termination_protection);
        cluster.updated = Some(call.now);
        refuse_unsupported(call, &cluster)?;
        if cluster.pit_enabled && !before.pit_enabled {
            let schedule = state.schedules.get(cluster.id);
            if schedule.is_some_and(|schedule| schedule.item(Frequency::Hourly).is_none()) {
                return Err(clusters::hourly_item_missing());
            }
            cluster.pit_since = Some(call.now);
        }
        if before.backup_enabled && !cluster.backup_enabled && body["retainBackups"] != true {
            let gone: Vec<_> = state.snapshots.below(cluster.id).map(|snapshot| snapshot.id).collect();
            gone.into_iter().for_each(|id| drop(state.snapshots.remove(id)));
        }
        let answer = ApiResponse::ok(view(call, &cluster));
        compliance::enforce_on_schedule(state, &cluster, call.now);
        if let Some(known) = state.clusters.get_mut(cluster.id) {
            *known = cluster;
        }
        Ok(answer)
    })
}

/// A cluster that was resumed runs for so long before it can be paused again.
const RUNS_AFTER_RESUMING: TimeDelta = TimeDelta::minutes(60);

/// Pauses or resumes `cluster`, if the body says so, and refuses other changes of a paused one.
fn pause(call: &Call<'_>, cluster: &mut Cluster) -> Result<(), ApiError> {
    let body = call.document_body();
    let name = cluster.name.clone();
    let refuse =
        |refusal: &Refusal, detail: &str| Err(refusal.error(format!("{name} {detail}.")).parameter(name.as_str()));
    let others = body.as_object().is_some_and(|fields| fields.keys().any(|field| field != "paused" && field != "name"));
    match (body["paused"].as_bool(), cluster.paused) {
        (Some(true), true) => refuse(&CLUSTER_ALREADY_PAUSED, "is paused already"),
        (Some(true), false) if others => refuse(&CANNOT_UPDATE_AND_PAUSE_CLUSTER, "is either changed or paused"),
        (Some(true), false) if cluster.is_nvme() => refuse(&CANNOT_PAUSE_NVME_CLUSTER, "has NVMe storage"),
        (Some(true), false) if cluster.resumed.is_some_and(|at| call.now < at + RUNS_AFTER_RESUMING) => {
            refuse(&CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER, "was resumed less than an hour ago")
        }
        (Some(true), false) => {
            cluster.paused = true;
            Ok(())
        }
        (Some(false), true) => {
            (cluster.paused, cluster.resumed) = (false, Some(call.now));
            Ok(())
        }
        (None, true) => refuse(&CANNOT_UPDATE_PAUSED_CLUSTER, "is paused"),
        (_, false) => Ok(()),
    }
}

/// The disk that the body asks for, but no smaller than there is.
pub(crate) fn disk(body: &Value) -> Option<f64> {
    let sizes = [&body["diskSizeGB"], &body["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]["diskSizeGB"]];
    sizes.into_iter().find_map(Value::as_f64).map(|size| size.max(MIN_DISK_GB))
}

const MAX_NAME_LENGTH: usize = 64;
/// Host names are made of so many characters of a cluster's name.
const NAME_PREFIX: usize = 23;

/// 400 where the project has a cluster of this name, of any kind, or of one that begins like it.
pub(crate) fn refuse_duplicate_name(
    call: &Call<'_>,
    state: &State,
    project: ObjectId,
    name: &str,
) -> Result<(), ApiError> {
    if name.chars().count() > MAX_NAME_LENGTH {
        let detail = format!("A cluster's name has at most {MAX_NAME_LENGTH} characters.");
        return Err(CLUSTER_NAME_TOO_LONG.error(detail).parameter(name));
    }
    if clusters::find_by_name(state, project, name, call.now).is_some() {
        let detail = format!("The project already has a cluster named {name}.");
        return Err(DUPLICATE_CLUSTER_NAME.error(detail).parameter(name).parameter(project.to_string()));
    }
    let protected = compliance::policy(state, project, call.now).is_some();
    if protected && clusters::deleted_with_backups(state, project, call.now).any(|former| former.name == name) {
        let detail = format!("The compliance policy keeps snapshots of a deleted cluster named {name}.");
        return Err(DUPLICATE_CLUSTER_NAME.error(detail).parameter(name).parameter(project.to_string()));
    }
    let prefix = |name: &str| name.chars().take(NAME_PREFIX).collect::<String>();
    let same = |c: &Cluster| prefix(&c.name) == prefix(name) && c.state_name(call.now).is_some();
    if state.clusters.below(project).any(same) {
        let detail = format!("The project has a cluster whose name begins with {}.", prefix(name));
        return Err(DUPLICATE_CLUSTER_NAME_PREFIX.error(detail).parameter(prefix(name)));
    }
    Ok(())
}

/// The tags or labels in a request.
pub(crate) fn tags(value: &Value) -> Vec<Tag> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

fn shards(call: &Call<'_>, state: &mut State, body: &Value) -> Result<Vec<Shard>, ApiError> {
    let mut shards = Vec::new();
    let specs = body["replicationSpecs"].as_array().map_or(&[][..], Vec::as_slice);
    let mut zones: Vec<(String, ObjectId)> = Vec::new();
    for (place, spec) in specs.iter().enumerate() {
        let regions = regions(spec, body, place)?;
        let zone_name = spec["zoneName"].as_str().unwrap_or("Zone 1");
        let zone = zones.iter().find(|(name, _)| name == zone_name).map(|(_, id)| *id);
        let zone = zone.unwrap_or_else(|| {
            let id = state.new_id(call.now);
            zones.push((zone_name.to_owned(), id));
            id
        });
        let count = spec["numShards"].as_u64().or(body["numShards"].as_u64()).unwrap_or(1);
        for _ in 0..count.clamp(1, MAX_SHARDS as u64) {
            let (id, zone_name) = (state.new_id(call.now), zone_name.to_owned());
            shards.push(Shard { id, zone, zone_name, regions: regions.clone() });
        }
    }
    if specs.is_empty() {
        let settings = &body["providerSettings"];
        let region = settings["regionName"].as_str().ok_or_else(|| ApiError::required_field("replicationSpecs"))?;
        let zone = state.new_id(call.now);
        for _ in 0..body["numShards"].as_u64().unwrap_or(1).clamp(1, MAX_SHARDS as u64) {
            let regions = vec![Region {
                provider: provider(&settings["providerName"], "providerSettings.providerName")?,
                name: region.to_owned(),
                priority: 7,
                instance_size: settings["instanceSizeName"].as_str().unwrap_or("M10").to_owned(),
                electable_nodes: body["replicationFactor"].as_i64().unwrap_or(3),
                read_only_nodes: 0,
                analytics_nodes: 0,
            }];
            shards.push(Shard { id: state.new_id(call.now), zone, zone_name: "Zone 1".to_owned(), regions });
        }
    }
    if shards.len() > MAX_SHARDS {
        let detail = format!("A cluster has at most {MAX_SHARDS} shards.");
        return Err(INVALID_CLUSTER_CONFIGURATION.error(detail));
    }
    Ok(shards)
}

/// The regions of one replication specification, of either form.
fn regions(spec: &Value, body: &Value, place: usize) -> Result<Vec<Region>, ApiError> {
    let at = |field: &str| format!("replicationSpecs.{place}.{field}");
    if let Some(legacy) = spec["regionsConfig"].as_object() {
        let settings = &body["providerSettings"];
        let regions = legacy.iter().map(|(name, nodes)| {
            Ok(Region {
                provider: provider(&settings["providerName"], "providerSettings.providerName")?,
                name: name.clone(),
                priority: nodes["priority"].as_i64().unwrap_or(7),
                instance_size: settings["instanceSizeName"].as_str().unwrap_or("M10").to_owned(),
                electable_nodes: nodes["electableNodes"].as_i64().unwrap_or(3),
                read_only_nodes: nodes["readOnlyNodes"].as_i64().unwrap_or(0),
                analytics_nodes: nodes["analyticsNodes"].as_i64().unwrap_or(0),
            })
        });
        return regions.collect();
    }
    let configs = spec["regionConfigs"].as_array().filter(|c| !c.is_empty());
    let configs = configs.ok_or_else(|| ApiError::required_field(at("regionConfigs")))?;
    let mut regions = configs
        .iter()
        .enumerate()
        .map(|(index, config)| {
            let at = |field: &str| at(&format!("regionConfigs.{index}.{field}"));
            let nodes = |specs: &str| config[specs]["nodeCount"].as_i64();
            let size = ["electableSpecs", "readOnlySpecs", "analyticsSpecs"].into_iter();
            let size = size.filter_map(|specs| config[specs]["instanceSize"].as_str()).next();
            Ok(Region {
                provider: provider(&config["providerName"], &at("providerName"))?,
                name: config["regionName"]
                    .as_str()
                    .ok_or_else(|| ApiError::required_field(at("regionName")))?
                    .to_owned(),
                priority: config["priority"].as_i64().unwrap_or(7),
                instance_size: size.unwrap_or("M10").to_owned(),
                electable_nodes: nodes("electableSpecs").unwrap_or(3),
                read_only_nodes: nodes("readOnlySpecs").unwrap_or(0),
                analytics_nodes: nodes("analyticsSpecs").unwrap_or(0),
            })
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    regions.sort_by_key(|r| -r.priority);
    Ok(regions)
}

/// The provider; tenants of shared hardware are created as flex clusters and nowhere else.
fn provider(value: &Value, at: &str) -> Result<String, ApiError> {
    match value.as_str() {
        Some(name @ ("AWS" | "AZURE" | "GCP")) => Ok(name.to_owned()),
        Some(name) => {
            let description = format!("{name} is not a provider of dedicated clusters");
            Err(ApiError::invalid_field(at, description))
        }
        None => Err(ApiError::required_field(at)),
    }
}

fn full_version(major: Option<&str>) -> String {
    match major {
        Some(major) if major.split('.').count() == 2 => format!("{major}.17"),
        Some(major) if major.split('.').count() == 3 => major.to_owned(),
        _ => DEFAULT_MONGODB.to_owned(),
    }
}
