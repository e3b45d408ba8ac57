//! Flex clusters: small shared clusters, restorable only through the flex operations.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, stamp},
        cluster_create::{self, refuse_duplicate_name, tags},
        clusters::deletable,
        connection_strings, lookup,
        paging::page,
    },
    domain::{
        clusters::{Cluster, ClusterKind, Region, Shard},
        durations,
        error::ApiError,
    },
    engine::{clusters, scheduler},
};

/// Disk size of every flex cluster.
pub(crate) const DISK_GB: f64 = 5.0;

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?;
        let present = |c: &&Cluster| c.kind == ClusterKind::Flex && c.state_name(call.now).is_some();
        let clusters: Vec<_> = state.clusters.below(project.id).filter(present).collect();
        Ok(page(call, &clusters, |c| view(call, c)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, lookup::flex(call, state)?))))
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = text(&body["name"]);
    let settings = &body["providerSettings"];
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        refuse_duplicate_name(call, state, project, &name)?;
        let region = Region {
            provider: text(&settings["backingProviderName"]),
            name: text(&settings["regionName"]),
            priority: 7,
            instance_size: "FLEX".to_owned(),
            electable_nodes: 3,
            read_only_nodes: 0,
            analytics_nodes: 0,
            settings: Map::new(),
        };
        let (id, zone) = (state.new_id(call.now), state.new_id(call.now));
        let cluster = Cluster {
            id: state.new_id(call.now),
            project,
            name,
            kind: ClusterKind::Flex,
            created: call.now,
            ready: call.now + durations::CLUSTER_CREATING,
            updated: None,
            deleted: None,
            mongodb_version: "8.0.29".to_owned(),
            disk_size_gb: DISK_GB,
            backup_enabled: true,
            retain_backups: false,
            pit_enabled: false,
            pit_since: None,
            kept_window_days: None,
            paused: false,
            resumed: None,
            termination_protection: body["terminationProtectionEnabled"].as_bool().unwrap_or(false),
            tags: tags(&body["tags"]),
            labels: Vec::new(),
            settings: Map::new(),
            process_arguments: Map::new(),
            port: None,
            shards: vec![Shard { id, zone, zone_name: "Zone 1".to_owned(), regions: vec![region] }],
        };
        let answer = ApiResponse::with_status(StatusCode::CREATED, view(call, &cluster));
        let (id, ready) = (cluster.id, cluster.ready);
        state.clusters.insert(project, id, cluster);
        scheduler::start_following(state, id, ready);
        Ok(answer)
    })
}

pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    call.store.write(|state| {
        let mut cluster = lookup::flex(call, state)?.clone();
        clusters::refuse_deleted(&cluster)?;
        if body["tags"].is_array() {
            cluster.tags = tags(&body["tags"]);
        }
        cluster.termination_protection =
            body["terminationProtectionEnabled"].as_bool().unwrap_or(cluster.termination_protection);
        cluster.updated = Some(call.now);
        let answer = ApiResponse::ok(view(call, &cluster));
        if let Some(known) = state.clusters.get_mut(cluster.id) {
            *known = cluster;
        }
        Ok(answer)
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let id = deletable(lookup::flex(call, state)?)?;
        clusters::delete(state, id, call.now, false);
        Ok(ApiResponse::empty())
    })
}

/// Upgrades a flex cluster to a dedicated one and keeps its data. From then on the flex operations refuse it.
pub(crate) fn upgrade(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let name = body["name"].as_str().unwrap_or_default();
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let known = clusters::find_by_name(state, project, name, call.now);
        let mut cluster = known.ok_or_else(|| ApiError::cluster_not_found(name, &project.to_string()))?.clone();
        clusters::refuse_not_flex(&cluster)?;
        clusters::refuse_deleted(&cluster)?;
        // The response is the last flex document of the cluster.
        cluster.updated = Some(call.now);
        let answer = ApiResponse::ok(view(call, &cluster));
        cluster_create::become_dedicated(call, state, &mut cluster, body["backupEnabled"] == true)?;
        Ok(answer)
    })
}

fn view(call: &Call<'_>, cluster: &Cluster) -> Value {
    let state = cluster.state_name(call.now).unwrap_or("DELETING");
    json!({
        "backupSettings": {"enabled": true},
        "clusterType": "REPLICASET",
        "connectionStrings": connection_strings::view(call, cluster),
        "createDate": stamp(cluster.created),
        "groupId": cluster.project.to_string(),
        "id": cluster.id.to_string(),
        "mongoDBVersion": cluster.mongodb_version,
        "name": cluster.name,
        "providerSettings": {
            "backingProviderName": cluster.provider(),
            "diskSizeGB": cluster.disk_size_gb,
            "providerName": "FLEX",
            "regionName": cluster.home().map(|r| r.name.as_str()),
        },
        "stateName": state,
        "tags": cluster.tags,
        "terminationProtectionEnabled": cluster.termination_protection,
        "versionReleaseSystem": "LTS",
    })
}
