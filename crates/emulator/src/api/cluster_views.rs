//! Cluster documents of each resource version.
//!
//! All versions share one record. The oldest version has one provider, the next groups shards by zone with `numShards`,
//! and the newest lists every shard with its own hardware.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{Call, merged, omit_nulls, stamp},
        connection_strings,
    },
    domain::{
        clusters::{Cluster, ClusterKind, KEY_SERVICE, Region, Shard, TENANT},
        error::ApiError,
        refusals::ASYMMETRIC_SHARD_UNSUPPORTED,
    },
};

/// First version with one replication specification per shard.
pub(crate) const SHARD_BY_SHARD: &str = "2024-08-05";
/// First version with clusters across several providers.
pub(crate) const ADVANCED: &str = "2023-02-01";

pub(crate) fn view(call: &Call<'_>, cluster: &Cluster) -> Value {
    let newest_version = call.version.date.as_str() >= SHARD_BY_SHARD;
    let more = match call.version.date.as_str() {
        _ if newest_version => newest(cluster),
        date if date >= ADVANCED => advanced(cluster),
        _ => legacy(call, cluster),
    };
    let kept = SETTINGS.iter().filter(|(_, from)| newest_version || from.is_empty());
    let kept = kept.filter_map(|(name, _)| Some(((*name).to_owned(), cluster.settings.get(*name)?.clone())));
    omit_nulls(merged(merged(shared(call, cluster), more), Value::Object(kept.collect())))
}

/// Attributes that are returned as they were sent, each with the first version that returns it.
pub(crate) const SETTINGS: [(&str, &str); 12] = [
    ("acceptDataRisksAndForceReplicaSetReconfig", ""),
    ("biConnector", ""),
    ("configServerManagementMode", ""),
    ("diskWarmingMode", ""),
    (KEY_SERVICE, ""),
    ("globalClusterSelfManagedSharding", ""),
    ("redactClientLogData", SHARD_BY_SHARD),
    ("replicaSetScalingStrategy", ""),
    ("rootCertType", ""),
    ("useAwsTimeBasedSnapshotCopyForFastInitialSync", SHARD_BY_SHARD),
    ("adaptiveCapacity", SHARD_BY_SHARD),
    ("versionReleaseSystem", ""),
];

/// 400 for a cluster with different shards in a version that has one form for all shards.
pub(crate) fn refuse_asymmetric(call: &Call<'_>, cluster: &Cluster) -> Result<(), ApiError> {
    if call.version.date.as_str() >= SHARD_BY_SHARD || !cluster.is_asymmetric() {
        return Ok(());
    }
    let detail = format!("{} has shards of different forms, which this version does not show.", cluster.name);
    Err(ASYMMETRIC_SHARD_UNSUPPORTED.error(detail).parameter(cluster.name.as_str()))
}

/// Fields of all versions.
fn shared(call: &Call<'_>, cluster: &Cluster) -> Value {
    let path = format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name);
    let state = cluster.state_name(call.now).unwrap_or("DELETING");
    let major: Vec<&str> = cluster.mongodb_version.splitn(3, '.').take(2).collect();
    json!({
        "advancedConfiguration": advanced_configuration(cluster),
        "clusterType": match cluster.kind {
            ClusterKind::Sharded => "SHARDED",
            ClusterKind::GeoSharded => "GEOSHARDED",
            ClusterKind::ReplicaSet | ClusterKind::Flex => "REPLICASET",
        },
        "connectionStrings": connection_strings::view(call, cluster),
        "createDate": stamp(cluster.created),
        "diskWarmingMode": "FULLY_WARMED",
        KEY_SERVICE: "NONE",
        "featureCompatibilityVersion": major.join("."),
        "globalClusterSelfManagedSharding": false,
        "groupId": cluster.project.to_string(),
        "id": cluster.id.to_string(),
        "labels": cluster.labels,
        "links": [
            call.link("self", &path),
            call.link("https://cloud.mongodb.com/restoreJobs", &format!("{path}/backup/restoreJobs")),
            call.link("https://cloud.mongodb.com/snapshots", &format!("{path}/backup/snapshots")),
        ],
        "mongoDBMajorVersion": major.join("."),
        "mongoDBVersion": cluster.mongodb_version,
        "name": cluster.name,
        "paused": cluster.paused,
        "pitEnabled": cluster.pit_enabled,
        "rootCertType": "ISRGROOTX1",
        "stateName": state,
        "tags": cluster.tags,
        "terminationProtectionEnabled": cluster.termination_protection,
        "versionReleaseSystem": "LTS",
    })
}

fn newest(cluster: &Cluster) -> Value {
    let shards = cluster.shards.iter().map(|shard| replication(shard, Some(cluster.disk_size_gb)));
    let config_server = if cluster.has_dedicated_config_server() { "DEDICATED" } else { "EMBEDDED" };
    let shards = shards.collect::<Vec<_>>();
    let mut document = json!({
        "backupEnabled": cluster.backup_enabled,
        // The service sends lower case, although the specification lists upper case.
        "biConnector": {"enabled": false, "readPreference": "secondary"},
        "redactClientLogData": false,
        "replicaSetScalingStrategy": "WORKLOAD_TYPE",
        "effectiveReplicationSpecs": shards,
        "internalClusterRole": "NONE",
        "replicationSpecs": shards,
        "retainBackups": false,
    });
    if cluster.kind.is_sharded() {
        document["configServerType"] = config_server.into();
    }
    document
}

fn advanced(cluster: &Cluster) -> Value {
    let mut specs: Vec<Value> = Vec::new();
    let mut zones: Vec<&Shard> = Vec::new();
    for shard in &cluster.shards {
        match zones.iter().position(|zone| zone.zone == shard.zone) {
            Some(known) => specs[known]["numShards"] = (specs[known]["numShards"].as_i64().unwrap_or(0) + 1).into(),
            None => {
                let mut spec = replication(shard, None);
                spec["numShards"] = 1.into();
                zones.push(shard);
                specs.push(spec);
            }
        }
    }
    json!({
        "backupEnabled": cluster.backup_enabled,
        "biConnector": {"enabled": false, "readPreference": "secondary"},
        "diskSizeGB": documented_disk(cluster),
        "replicationSpecs": specs,
    })
}

fn legacy(call: &Call<'_>, cluster: &Cluster) -> Value {
    let home = cluster.home();
    let scaling = home.map(auto_scaling).unwrap_or_default();
    // Clients of the oldest version read these fields without checking that they exist.
    let (uri, with_options, srv) = connection_strings::all(call, cluster);
    let regions = |shard: &Shard| {
        let regions = shard.regions.iter().map(|r| {
            let nodes = json!({
                "analyticsNodes": r.analytics_nodes,
                "electableNodes": r.electable_nodes,
                "priority": r.priority,
                "readOnlyNodes": r.read_only_nodes,
            });
            (r.name.clone(), nodes)
        });
        Value::Object(regions.collect())
    };
    let spec = cluster.shards.first().map(|shard| {
        json!({
            "id": shard.id.to_string(),
            "numShards": cluster.shards.len(),
            "regionsConfig": regions(shard),
            "zoneName": shard.zone_name,
        })
    });
    json!({
        "autoScaling": {
            "compute": {"enabled": scaling["compute"]["enabled"], "scaleDownEnabled": scaling["compute"]["scaleDownEnabled"]},
            "diskGBEnabled": scaling["diskGB"]["enabled"],
        },
        "backupEnabled": false,
        "biConnector": {"enabled": false, "readPreference": "secondary"},
        "diskSizeGB": documented_disk(cluster),
        "mongoURI": uri,
        "mongoURIUpdated": stamp(cluster.updated.unwrap_or(cluster.ready)),
        "mongoURIWithOptions": with_options,
        "numShards": cluster.shards.len(),
        "providerBackupEnabled": cluster.backup_enabled,
        "providerSettings": home.map(|r| omit_nulls(json!({
            "backingProviderName": r.settings.get("backingProviderName"),
            "diskIOPS": r.settings.get("electableSpecs").and_then(|specs| specs.get("diskIOPS")),
            "instanceSizeName": r.instance_size,
            "providerName": r.provider,
            "regionName": r.name,
            "volumeType": r.settings.get("electableSpecs").and_then(|specs| specs.get("ebsVolumeType")),
        }))),
        "replicationFactor": cluster.shards.first().map_or(3, |shard| shard.regions.iter().map(|r| r.electable_nodes).sum()),
        "replicationSpecs": spec.into_iter().collect::<Vec<_>>(),
        "srvAddress": srv,
    })
}

fn replication(shard: &Shard, disk_size_gb: Option<f64>) -> Value {
    json!({
        "id": shard.id.to_string(),
        "regionConfigs": shard.regions.iter().map(|r| region(r, disk_size_gb)).collect::<Vec<_>>(),
        "zoneId": shard.zone.to_string(),
        "zoneName": shard.zone_name,
    })
}

fn region(region: &Region, disk_size_gb: Option<f64>) -> Value {
    let tenant = region.provider == TENANT;
    let hardware = |kind: &str, nodes: i64| {
        let mut hardware = json!({"instanceSize": region.instance_size});
        if !tenant {
            hardware["nodeCount"] = nodes.into();
        }
        if region.provider == "AWS" {
            hardware["diskIOPS"] = 3000.into();
            hardware["ebsVolumeType"] = "STANDARD".into();
        }
        let mut hardware = merged(hardware, region.settings.get(kind).cloned().unwrap_or_default());
        match (disk_size_gb, hardware.as_object_mut()) {
            (Some(size), _) => hardware["diskSizeGB"] = size.into(),
            (None, Some(fields)) => fields.retain(|name, _| !["diskSizeGB", "diskThroughput"].contains(&name.as_str())),
            (None, None) => {}
        }
        hardware
    };
    let mut document = json!({
        "electableSpecs": hardware("electableSpecs", region.electable_nodes),
        "priority": region.priority,
        "providerName": region.provider,
        "regionName": region.name,
    });
    if !tenant {
        document["analyticsSpecs"] = hardware("analyticsSpecs", region.analytics_nodes);
        document["autoScaling"] = auto_scaling(region);
        document["readOnlySpecs"] = hardware("readOnlySpecs", region.read_only_nodes);
    }
    for name in ["analyticsAutoScaling", "backingProviderName"] {
        if let Some(value) = region.settings.get(name) {
            document[name] = value.clone();
        }
    }
    document
}

/// The disk size in the older versions, which omit it for free clusters because their disks are below the documented
/// minimum.
fn documented_disk(cluster: &Cluster) -> Option<f64> {
    (!cluster.is_tenant()).then_some(cluster.disk_size_gb)
}

/// Process arguments that the cluster document contains too.
fn advanced_configuration(cluster: &Cluster) -> Value {
    let mut shown = json!({
        "customOpensslCipherConfigTls12": [],
        "customOpensslCipherConfigTls13": [],
        "minimumEnabledTlsProtocol": "TLS1_2",
        "tlsCipherConfigMode": "DEFAULT",
    });
    if let Some(shown) = shown.as_object_mut() {
        for (name, value) in shown.iter_mut() {
            if let Some(set) = cluster.process_arguments.get(name) {
                *value = set.clone();
            }
        }
    }
    shown
}

/// The requested auto-scaling merged into the default, which is off.
fn auto_scaling(region: &Region) -> Value {
    let sent = region.settings.get("autoScaling").cloned().unwrap_or_default();
    json!({
        "compute": merged(json!({"enabled": false, "scaleDownEnabled": false}), sent["compute"].clone()),
        "diskGB": merged(json!({"enabled": false}), sent["diskGB"].clone()),
    })
}
