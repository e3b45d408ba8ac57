//! Creates and changes dedicated clusters with the body of any resource version.
//!
//! The three request forms are converted to one record. Missing values get the service's defaults. A disk below the
//! minimum size is enlarged, as the service does.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, merged, omit_nulls},
        cluster_views::{ADVANCED, SETTINGS, refuse_asymmetric, view},
        lookup, process_arguments,
    },
    domain::{
        clusters::{Cluster, ClusterKind, Region, Shard, TENANT},
        durations,
        error::ApiError,
        ids::ObjectId,
        projects::{CustomerKey, Tag},
        refusals::{
            ATLAS_BACKUP_CONFLICTING_OPTIONS, ATLAS_GENERAL_ERROR, ATLAS_RESERVED_CLUSTER_NAME,
            CANNOT_CREATE_PAUSED_CLUSTER, CANNOT_DISABLE_CLOUD_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY,
            CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY,
            CANNOT_DISABLE_PIT_WITH_BACKUUP_COMPLIANCE_POLICY, CANNOT_PAUSE_NVME_CLUSTER,
            CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER, CANNOT_UPDATE_AND_PAUSE_CLUSTER, CANNOT_UPDATE_PAUSED_CLUSTER,
            CANNOT_USE_ENCRYPTION_AT_REST_TENANT, CLUSTER_ALREADY_PAUSED, CLUSTER_CANNOT_CHANGE_NAME,
            CLUSTER_NAME_INVALID, CLUSTER_NAME_PREFIX_INVALID, CLUSTER_NAME_TOO_LONG,
            CLUSTER_REPLICATION_FACTOR_INVALID, CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE,
            CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE, CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS,
            DISK_SIZE_GB_INCONSISTENT, DUPLICATE_CLUSTER_NAME, DUPLICATE_CLUSTER_NAME_PREFIX,
            ENCRYPTION_AT_REST_NOT_ENABLED, INVALID_CLUSTER_CONFIGURATION, INVALID_TENANT_BACKUP_ENABLED,
            INVALID_TENANT_CONFIGURATION, NVME_STORAGE_PROVIDER_BACKUP_REQUIRED, Refusal,
            TENANT_CLUSTER_UPDATE_UNSUPPORTED,
        },
        snapshots::Frequency,
    },
    engine::{clusters, compliance, copy_settings, scheduler, targets},
    openapi::conformance::check_success,
    state::tables::State,
};

/// Default MongoDB version of a new cluster.
pub(crate) const DEFAULT_MAJOR: &str = "8.0";
const DEFAULT_MONGODB: &str = "8.0.29";
pub(crate) const MIN_DISK_GB: f64 = 10.0;
const TENANT_DISK_GB: f64 = 0.5;
/// The service's default for a project.
const MAX_CLUSTERS: usize = 25;
const MAX_SHARDS: usize = 70;

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let name = body["name"].as_str().ok_or_else(|| ApiError::required_field("name"))?;
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        refuse_duplicate_name(call, state, project, name)?;
        if state.clusters.below(project).filter(|c| c.state_name(call.now).is_some()).count() >= MAX_CLUSTERS {
            let detail = format!("The project already has {MAX_CLUSTERS} clusters.");
            return Err(ATLAS_GENERAL_ERROR.error(detail).parameter(project.to_string()));
        }
        if body["paused"] == true {
            return Err(CANNOT_CREATE_PAUSED_CLUSTER.error("A cluster can be paused once it is there."));
        }
        let (kind, shards) = shape(call, state, body)?;
        let backup = backup(call, body, &CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_NEW_CLUSTERS)?;
        let demands = compliance::requirements(state, project, call.now);
        let tenant = shards.iter().flat_map(|shard| &shard.regions).any(|region| region.provider == TENANT);
        if tenant && (backup == Some(true) || body["pitEnabled"] == true) {
            return Err(INVALID_TENANT_BACKUP_ENABLED.error("A free cluster has no backups."));
        }
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
            disk_size_gb: if tenant { TENANT_DISK_GB } else { disk(body)?.unwrap_or(MIN_DISK_GB) },
            // A compliance policy requires backup on every cluster of its project that supports it.
            backup_enabled: !tenant && (backup == Some(true) || demands.is_some()),
            retain_backups: false,
            pit_enabled: !tenant
                && (body["pitEnabled"] == true || demands.is_some_and(|demands| demands.point_in_time)),
            pit_since: None,
            kept_window_days: None,
            paused: false,
            resumed: None,
            termination_protection: body["terminationProtectionEnabled"].as_bool().unwrap_or(false),
            tags: tags(&body["tags"]),
            labels: tags(&body["labels"]),
            settings: settings(body),
            process_arguments: process_arguments::sent_with_cluster(body),
            port: None,
            shards,
        };
        refuse_missing_key(call, state, &cluster, &ATLAS_GENERAL_ERROR)?;
        refuse_unsupported(call, &cluster)?;
        let mut document = view(call, &cluster);
        if cluster.tags.is_empty() {
            // Only this answer leaves an empty list out.
            document["tags"] = Value::Null;
        }
        let answer = ApiResponse::with_status(StatusCode::CREATED, omit_nulls(document));
        compliance::enforce_on_schedule(state, &cluster, call.now);
        state.clusters.insert(project, cluster.id, cluster);
        Ok(answer)
    })
}

/// Whether the body enables or disables backup. In the oldest version `backupEnabled` means Legacy Backup, which no
/// cluster can enable, and `providerBackupEnabled` means Cloud Backups.
///
/// # Errors
/// 400 with `code` if the body requests Legacy Backup, 409 if it requests both kinds.
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

/// Type and shards of the cluster that a body describes.
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

/// Upgrades a free cluster to a dedicated one and keeps its data.
pub(crate) fn upgrade_tenant(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let name = body["name"].as_str().unwrap_or_default();
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let known = clusters::find_by_name(state, project, name, call.now);
        let mut cluster = known.ok_or_else(|| ApiError::cluster_not_found(name, &project.to_string()))?.clone();
        clusters::refuse_flex(&cluster)?;
        clusters::refuse_deleted(&cluster)?;
        if !cluster.is_tenant() {
            let detail = format!("{name} is not a free cluster.");
            return Err(INVALID_TENANT_CONFIGURATION.error(detail).parameter(name));
        }
        cluster.updated = Some(call.now);
        let backup = backup(call, body, &CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE)?;
        become_dedicated(call, state, &mut cluster, backup == Some(true))?;
        Ok(ApiResponse::ok(view(call, &cluster)))
    })
}

/// Applies the body, which describes a dedicated cluster, to `cluster`.
pub(crate) fn become_dedicated(
    call: &Call<'_>,
    state: &mut State,
    cluster: &mut Cluster,
    backup: bool,
) -> Result<(), ApiError> {
    let body = call.document_body();
    (cluster.kind, cluster.shards) = shape(call, state, body)?;
    cluster.disk_size_gb = disk(body)?.unwrap_or(MIN_DISK_GB);
    cluster.backup_enabled = backup;
    cluster.pit_enabled = body["pitEnabled"] == true;
    cluster.settings.extend(settings(body));
    refuse_missing_key(call, state, cluster, &ATLAS_GENERAL_ERROR)?;
    refuse_unsupported(call, cluster)?;
    if let Some(known) = state.clusters.get_mut(cluster.id) {
        known.clone_from(cluster);
    }
    state.followed.remove(cluster.id);
    compliance::enforce_on_schedule(state, cluster, call.now);
    scheduler::start_following(state, cluster.id, call.now);
    Ok(())
}

/// 400 if the cluster has a size or region that its provider does not offer, or anything that a resource version cannot
/// represent. The request schema does not check these combinations.
pub(crate) fn refuse_unsupported(call: &Call<'_>, cluster: &Cluster) -> Result<(), ApiError> {
    refuse_impossible_backup(cluster)?;
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
            let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
            let detail = format!("The cluster cannot be shown in version {}: {}.", version.date, fields.join(", "));
            return Err(INVALID_CLUSTER_CONFIGURATION.error(detail).fields(violations));
        }
    }
    Ok(())
}

/// 400 if backup and storage are not compatible.
fn refuse_impossible_backup(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.pit_enabled && !cluster.backup_enabled {
        return Err(ATLAS_GENERAL_ERROR.error("Continuous backup needs cloud backup."));
    }
    if cluster.is_nvme() && !cluster.backup_enabled {
        return Err(NVME_STORAGE_PROVIDER_BACKUP_REQUIRED.error("A cluster on NVMe storage has cloud backup."));
    }
    Ok(())
}

/// 400 for a cluster whose customer key the project does not have, or that lacks the one that its policy requires.
fn refuse_missing_key(call: &Call<'_>, state: &State, cluster: &Cluster, code: &Refusal) -> Result<(), ApiError> {
    let Some(service) = cluster.key_service() else {
        let required = compliance::requirements(state, cluster.project, call.now).is_some_and(|it| it.customer_keys);
        if required && !cluster.is_tenant() {
            let detail = "The project's backup compliance policy requires encryption with customer keys.";
            return Err(code.error(detail).parameter(cluster.name.as_str()));
        }
        return Ok(());
    };
    if cluster.is_tenant() {
        let detail = "A free cluster is not encrypted with customer keys.";
        return Err(CANNOT_USE_ENCRYPTION_AT_REST_TENANT.error(detail).parameter(service));
    }
    let key = state.projects.get(cluster.project).and_then(|project| project.customer_keys.get(service));
    if key.is_some_and(CustomerKey::is_enabled) {
        return Ok(());
    }
    let detail = format!("The project has no enabled customer key of {service}.");
    Err(ENCRYPTION_AT_REST_NOT_ENABLED.error(detail).parameter(service))
}

/// Changes the fields that the body contains and keeps the others.
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
        if cluster.is_tenant() {
            let detail = format!("{} is a free cluster; upgrade it to change it.", cluster.name);
            return Err(TENANT_CLUSTER_UPDATE_UNSUPPORTED.error(detail).parameter(cluster.name.as_str()));
        }
        refuse_asymmetric(call, &cluster)?;
        if body["replicationSpecs"].is_array() || body["providerSettings"].is_object() {
            cluster.shards = keeping_ids(shards(call, state, body)?, &cluster.shards);
        }
        cluster.settings.extend(settings(body));
        cluster.process_arguments.extend(process_arguments::sent_with_cluster(body));
        if let Some(major) = body["mongoDBMajorVersion"].as_str() {
            cluster.mongodb_version = full_version(Some(major));
        }
        if let Some(disk) = disk(body)? {
            cluster.disk_size_gb = disk;
        }
        for (name, list) in [("tags", &mut cluster.tags), ("labels", &mut cluster.labels)] {
            if body[name].is_array() {
                *list = tags(&body[name]);
            }
        }
        let backup = backup(call, body, &CONTINUOUS_BACKUP_NOT_SUPPORTED_ON_CLUSTER_UPDATE)?;
        cluster.backup_enabled = backup.unwrap_or(cluster.backup_enabled);
        // Continuous backup requires backup. A request that disables backup need not disable continuous backup.
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
        let code = &CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY;
        refuse_missing_key(call, state, &cluster, code)?;
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
        if let Some(schedule) = state.schedules.get_mut(cluster.id) {
            copy_settings::follow(schedule, &before, &cluster);
        }
        compliance::enforce_on_schedule(state, &cluster, call.now);
        if let Some(known) = state.clusters.get_mut(cluster.id) {
            *known = cluster;
        }
        Ok(answer)
    })
}

/// Minimum running time between resuming and pausing a cluster.
const RUNS_AFTER_RESUMING: TimeDelta = TimeDelta::minutes(60);

/// Pauses or resumes `cluster` if the body says so, and refuses other changes of a paused cluster.
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

/// The requested disk size, but at least the current size.
///
/// # Errors
/// 400 if shards or nodes request different disk sizes.
pub(crate) fn disk(body: &Value) -> Result<Option<f64>, ApiError> {
    let regions = body["replicationSpecs"].as_array().into_iter().flatten();
    let regions = regions.flat_map(|spec| spec["regionConfigs"].as_array().into_iter().flatten());
    let sizes = regions.flat_map(|region| HARDWARE.iter().filter_map(|kind| region[*kind]["diskSizeGB"].as_f64()));
    let mut sizes = body["diskSizeGB"].as_f64().into_iter().chain(sizes);
    let Some(size) = sizes.next() else { return Ok(None) };
    if sizes.any(|other| other != size) {
        return Err(DISK_SIZE_GB_INCONSISTENT.error("All nodes of a cluster have disks of one size."));
    }
    Ok(Some(size.max(MIN_DISK_GB)))
}

/// The hardware fields of a region.
const HARDWARE: [&str; 3] = ["electableSpecs", "readOnlySpecs", "analyticsSpecs"];

/// The attributes that are stored without interpretation.
fn settings(body: &Value) -> Map<String, Value> {
    SETTINGS.iter().filter_map(|(name, _)| Some(((*name).to_owned(), body.get(*name)?.clone()))).collect()
}

/// The new shards with the ids of the shards that they replace, and the ids of zones of the same name.
fn keeping_ids(mut shards: Vec<Shard>, before: &[Shard]) -> Vec<Shard> {
    for (place, shard) in shards.iter_mut().enumerate() {
        shard.id = before.get(place).map_or(shard.id, |known| known.id);
        shard.zone =
            before.iter().find(|known| known.zone_name == shard.zone_name).map_or(shard.zone, |known| known.zone);
    }
    shards
}

/// Auto-scaling of the oldest version in the form of the others, and the disk.
fn legacy_settings(body: &Value) -> Map<String, Value> {
    let (scaling, provider) = (&body["autoScaling"], &body["providerSettings"]);
    let mut settings = Map::new();
    if scaling.is_object() {
        let limits = provider["autoScaling"]["compute"].clone();
        let compute = merged(scaling["compute"].clone(), limits);
        let scaling = json!({"compute": compute, "diskGB": {"enabled": scaling["diskGBEnabled"] == true}});
        settings.insert("autoScaling".to_owned(), scaling);
    }
    let disk = omit_nulls(json!({"diskIOPS": provider["diskIOPS"], "ebsVolumeType": provider["volumeType"]}));
    settings.insert("electableSpecs".to_owned(), disk);
    if let Some(backing) = provider.get("backingProviderName") {
        settings.insert("backingProviderName".to_owned(), backing.clone());
    }
    settings
}

const MAX_NAME_LENGTH: usize = 64;
/// Number of characters of a cluster name that appear in host names.
const NAME_PREFIX: usize = 23;

/// 400 if the project has a cluster with this name, of any kind, or with the same prefix.
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
    let well_formed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !name.bytes().all(well_formed) || name.is_empty() || name.starts_with('-') {
        let detail = "A cluster's name has letters, digits and hyphens, and begins with a letter or digit.";
        return Err(CLUSTER_NAME_INVALID.error(detail).parameter(name));
    }
    if name.chars().take(NAME_PREFIX).last() == Some('-') {
        let detail = format!("The first {NAME_PREFIX} characters of a cluster's name do not end with a hyphen.");
        return Err(CLUSTER_NAME_PREFIX_INVALID.error(detail).parameter(name));
    }
    if name.strip_prefix("atlas-").is_some_and(|rest| rest.len() == 6 && !rest.contains('-')) {
        return Err(ATLAS_RESERVED_CLUSTER_NAME.error("Generated host names have this form.").parameter(name));
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

/// The tags or labels of a request.
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
                settings: legacy_settings(body),
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

/// The regions of one replication specification, in either form.
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
                settings: legacy_settings(body),
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
                settings: region_settings(config),
            })
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    regions.sort_by_key(|r| -r.priority);
    Ok(regions)
}

/// The hardware and auto-scaling fields of a region.
fn region_settings(config: &Value) -> Map<String, Value> {
    let kept = HARDWARE.into_iter().chain(["autoScaling", "analyticsAutoScaling", "backingProviderName"]);
    kept.filter_map(|name| Some((name.to_owned(), config.get(name)?.clone()))).collect()
}

/// The provider. Of the clusters on shared hardware, only free ones can be created here.
fn provider(value: &Value, at: &str) -> Result<String, ApiError> {
    match value.as_str() {
        Some(name @ ("AWS" | "AZURE" | "GCP" | TENANT)) => Ok(name.to_owned()),
        Some(name) => {
            let description = format!("{name} does not offer dedicated clusters");
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
