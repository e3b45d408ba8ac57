//! A cluster as each resource version shows it.
//!
//! The record is one; the oldest version flattens it to one provider, the next groups shards by zone under `numShards`, and
//! the newest lists every shard with its own hardware.

use serde_json::{Value, json};

use crate::{
    api::call::{Call, stamp},
    domain::clusters::{Cluster, ClusterKind, Region, Shard},
};

/// From this version on each shard has its own replication specification.
const SHARD_BY_SHARD: &str = "2024-08-05";
/// From this version on a cluster may span providers.
pub(crate) const ADVANCED: &str = "2023-02-01";

pub(crate) fn view(call: &Call<'_>, cluster: &Cluster) -> Value {
    let mut document = shared(call, cluster);
    let more = match call.version.date.as_str() {
        date if date >= SHARD_BY_SHARD => newest(cluster),
        date if date >= ADVANCED => advanced(cluster),
        _ => legacy(cluster),
    };
    if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
        document.extend(more);
    }
    document
}

/// The name under which a cluster would be reached.
fn host(cluster: &Cluster) -> String {
    format!("{}.example.net", cluster.name.to_lowercase())
}

/// What all versions have.
fn shared(call: &Call<'_>, cluster: &Cluster) -> Value {
    let path = format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name);
    let state = cluster.state_name(call.now).unwrap_or("DELETING");
    let host = host(cluster);
    let strings = if state == "CREATING" {
        json!({})
    } else {
        json!({"standard": format!("mongodb://{host}:27017/?ssl=true"), "standardSrv": format!("mongodb+srv://{host}")})
    };
    let major: Vec<&str> = cluster.mongodb_version.splitn(3, '.').take(2).collect();
    json!({
        "advancedConfiguration": {
            "customOpensslCipherConfigTls12": [],
            "customOpensslCipherConfigTls13": [],
            "minimumEnabledTlsProtocol": "TLS1_2",
            "tlsCipherConfigMode": "DEFAULT",
        },
        "clusterType": match cluster.kind {
            ClusterKind::Sharded => "SHARDED",
            ClusterKind::GeoSharded => "GEOSHARDED",
            ClusterKind::ReplicaSet | ClusterKind::Flex => "REPLICASET",
        },
        "connectionStrings": strings,
        "createDate": stamp(cluster.created),
        "diskWarmingMode": "FULLY_WARMED",
        "encryptionAtRestProvider": "NONE",
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
    json!({
        "backupEnabled": cluster.backup_enabled,
        // The service sends the preference in lower case, though the specification lists upper case.
        "biConnector": {"enabled": false, "readPreference": "secondary"},
        "redactClientLogData": false,
        "replicationSpecs": shards.collect::<Vec<_>>(),
    })
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
        "diskSizeGB": cluster.disk_size_gb,
        "replicationSpecs": specs,
    })
}

fn legacy(cluster: &Cluster) -> Value {
    let home = cluster.home();
    // Clients of the oldest version read these without asking whether they are there.
    let uri = |scheme: &str, rest: &str| format!("{scheme}{}{rest}", host(cluster));
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
        "autoScaling": {"compute": {"enabled": false, "scaleDownEnabled": false}, "diskGBEnabled": false},
        "backupEnabled": false,
        "biConnector": {"enabled": false, "readPreference": "secondary"},
        "diskSizeGB": cluster.disk_size_gb,
        "mongoURI": uri("mongodb://", ":27017"),
        "mongoURIUpdated": stamp(cluster.updated.unwrap_or(cluster.ready)),
        "mongoURIWithOptions": uri("mongodb://", ":27017/?ssl=true"),
        "numShards": cluster.shards.len(),
        "providerBackupEnabled": cluster.backup_enabled,
        "providerSettings": home.map(|r| json!({
            "providerName": r.provider,
            "instanceSizeName": r.instance_size,
            "regionName": r.name,
        })),
        "replicationFactor": home.map_or(3, |r| r.electable_nodes),
        "replicationSpecs": spec.into_iter().collect::<Vec<_>>(),
        "srvAddress": uri("mongodb+srv://", ""),
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
    let hardware = |nodes: i64| {
        let mut hardware = json!({"instanceSize": region.instance_size, "nodeCount": nodes});
        if region.provider == "AWS" {
            hardware["diskIOPS"] = 3000.into();
            hardware["ebsVolumeType"] = "STANDARD".into();
        }
        if let Some(size) = disk_size_gb {
            hardware["diskSizeGB"] = size.into();
        }
        hardware
    };
    json!({
        "analyticsSpecs": hardware(region.analytics_nodes),
        "autoScaling": {"compute": {"enabled": false, "scaleDownEnabled": false}, "diskGB": {"enabled": false}},
        "electableSpecs": hardware(region.electable_nodes),
        "priority": region.priority,
        "providerName": region.provider,
        "readOnlySpecs": hardware(region.read_only_nodes),
        "regionName": region.name,
    })
}
