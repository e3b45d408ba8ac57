//! The target cluster of a drill, dedicated or flex, and how a copy of the source is created.
//!
//! A cluster that the drill creates carries the drill ID as a tag. Before a deletion, the drill reads the cluster and
//! checks this tag: it deletes no cluster without the tag of this drill, whatever its name.

use atlas_backup::{
    AnyCluster, AnyClusterHandle, ClusterDocument, ClusterKind, FlexClusterDocument, HasState, JobState, NewCluster,
    NewFlexCluster, Project, Result,
    types::{CloudProvider, ClusterDescription, ResourceTag},
};
use serde_json::{Map, Value, json};

use crate::{
    drill::watch::StepWait,
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
    },
};

/// The key of the tag.
const TAG: &str = "atlas-backup-drill";

/// The target cluster.
#[derive(Debug, Clone)]
pub(super) struct ScratchCluster {
    pub(super) cluster: AnyClusterHandle,
    kind: ClusterKind,
}

/// The current state of an existing cluster.
#[derive(Debug)]
pub(super) struct ClusterStatus(pub(super) AnyCluster);

impl ClusterStatus {
    pub(super) fn is_idle(&self) -> bool {
        self.0.state() == JobState::Succeeded
    }

    pub(super) fn is_deleting(&self) -> bool {
        self.0.state() == JobState::Deleting
    }

    /// Whether this drill created the cluster.
    pub(super) fn has_tag_of(&self, drill: &str) -> bool {
        has_tag(self.0.tags(), drill)
    }
}

fn has_tag(tags: &[ResourceTag], drill: &str) -> bool {
    tags.iter().any(|tag| tag.key.as_deref() == Some(TAG) && tag.value.as_deref() == Some(drill))
}

/// A cluster to be created.
#[derive(Debug, Clone)]
pub(super) enum NewScratchCluster {
    Dedicated(Box<NewCluster>, String),
    Flex(Box<NewFlexCluster>, String),
}

impl NewScratchCluster {
    /// A cluster with the provider, regions, shards and MongoDB version of the source, with another tier if given, and
    /// without backups.
    ///
    /// # Errors
    /// The description of the source is incomplete.
    pub(super) fn from_dedicated(
        source: &ClusterDocument,
        name: &str,
        tier: Option<&str>,
        drill: &str,
    ) -> Outcome<Self> {
        let shards = source.replication_specs.iter().flatten().map(serde_json::to_value);
        let shards: std::result::Result<Vec<Value>, _> = shards.map(|shard| Ok(copy_shard(&shard?, tier))).collect();
        let description = shards.as_deref().map(describe_shards).unwrap_or_default();
        let new_cluster = shards.and_then(|shards| {
            serde_json::from_value::<ClusterDescription>(json!({
                "name": name,
                "clusterType": source.cluster_type,
                "mongoDBMajorVersion": source.mongo_db_major_version,
                "replicationSpecs": shards,
                "backupEnabled": false,
                "tags": [{"key": TAG, "value": drill}],
            }))
        });
        let new_cluster = new_cluster
            .map_err(|source| Failure::local("cannot copy the configuration of the source cluster", source))?;
        Ok(NewScratchCluster::Dedicated(Box::new(new_cluster.into()), description))
    }

    /// A flex cluster in the region of the source.
    ///
    /// # Errors
    /// The region of the source is unknown.
    pub(super) fn from_flex(source: &FlexClusterDocument, name: &str, drill: &str) -> Outcome<Self> {
        let place = source.provider_settings.as_ref();
        let provider: Option<CloudProvider> = place.and_then(|place| place.backing_provider_name.clone());
        let region = place.and_then(|place| place.region_name.clone());
        let (Some(provider), Some(region)) = (provider, region) else {
            return Err(Failure::usage(
                "cannot create a cluster like the source: its region is unknown",
                "pass an existing cluster with `--target`",
            ));
        };
        let description = format!("{provider} {region}, flex");
        let new_cluster = NewFlexCluster::new(name, provider, region)?.with_tag(TAG, drill);
        Ok(NewScratchCluster::Flex(Box::new(new_cluster), description))
    }

    /// Provider, regions and tier: `AWS US_EAST_1, M10 with 3 nodes`.
    pub(super) fn description(&self) -> &str {
        match self {
            NewScratchCluster::Dedicated(_, description) | NewScratchCluster::Flex(_, description) => description,
        }
    }

    /// Creates the cluster. Returns its ID.
    pub(super) async fn create(self, project: Project) -> Result<Option<String>> {
        Ok(match self {
            NewScratchCluster::Dedicated(new_cluster, _) => project.clusters().create(*new_cluster).await?.id.clone(),
            NewScratchCluster::Flex(new_cluster, _) => project.flex_clusters().create(*new_cluster).await?.id.clone(),
        })
    }
}

/// Describes shards for a confirmation: `2 shards, each AWS US_EAST_1, M30 with 3 nodes`.
fn describe_shards(shards: &[Value]) -> String {
    let regions = shards.iter().flat_map(|shard| shard["regionConfigs"].as_array()).flatten();
    let described = regions.map(|region| {
        let (text, nodes) = (|value: &Value| value.as_str().unwrap_or("?").to_owned(), &region["electableSpecs"]);
        let (provider, name) = (text(&region["providerName"]), text(&region["regionName"]));
        format!("{provider} {name}, {} with {} nodes", text(&nodes["instanceSize"]), nodes["nodeCount"])
    });
    let unique: std::collections::BTreeSet<String> = described.collect();
    let described = unique.into_iter().collect::<Vec<_>>().join("; ");
    if shards.len() > 1 { format!("{} shards, each {described}", shards.len()) } else { described }
}

/// The topology of a shard, without fields that only the service can set.
fn copy_shard(shard: &Value, tier: Option<&str>) -> Value {
    let regions = shard["regionConfigs"].as_array().into_iter().flatten();
    let regions = regions.filter(|region| region["electableSpecs"]["nodeCount"].as_u64() > Some(0)).map(|region| {
        let mut nodes = select_keys(&region["electableSpecs"], &["instanceSize", "nodeCount", "diskSizeGB"]);
        if let Some(tier) = tier {
            nodes.insert("instanceSize".to_owned(), json!(tier));
        }
        let mut kept = select_keys(region, &["providerName", "regionName", "priority"]);
        kept.insert("electableSpecs".to_owned(), Value::Object(nodes));
        Value::Object(kept)
    });
    let mut kept = select_keys(shard, &["zoneName"]);
    kept.insert("regionConfigs".to_owned(), regions.collect());
    Value::Object(kept)
}

fn select_keys(object: &Value, keys: &[&str]) -> Map<String, Value> {
    let kept = keys.iter().filter_map(|key| Some(((*key).to_owned(), object.get(key)?.clone())));
    kept.filter(|(_, value)| !value.is_null()).collect()
}

impl ScratchCluster {
    /// A cluster by name, of the kind of the source.
    pub(super) fn new(project: &Project, name: &str, kind: ClusterKind) -> Result<Self> {
        Ok(ScratchCluster { cluster: project.cluster_of_kind(name, kind)?, kind })
    }

    pub(super) fn name(&self) -> &str {
        self.cluster.name().as_str()
    }

    pub(super) fn project(&self) -> &str {
        self.cluster.project().id().as_str()
    }

    pub(super) fn is_dedicated(&self) -> bool {
        self.kind.is_dedicated()
    }

    /// Reads the current state.
    pub(super) async fn get(&self) -> Result<ClusterStatus> {
        self.cluster.get().await.map(ClusterStatus)
    }

    /// Waits until the cluster is idle. Returns its state.
    pub(super) async fn wait_idle(&self, wait: &StepWait<'_>) -> Outcome<ClusterStatus> {
        wait.run(self.cluster.wait(), AnyCluster::state_word).await.map(ClusterStatus)
    }

    /// Waits until the cluster is deleted.
    pub(super) async fn wait_deleted(&self, wait: &StepWait<'_>) -> Outcome {
        match self.is_dedicated() {
            true => wait.run(self.cluster.dedicated().wait_deleted(), |cluster| cluster.state_word()).await,
            false => wait.run(self.cluster.flex().wait_deleted(), |cluster| cluster.state_word()).await,
        }
    }

    /// Deletes the cluster. The caller must have checked that the drill created it.
    pub(super) async fn delete(&self) -> Result<()> {
        match self.is_dedicated() {
            true => self.cluster.dedicated().delete().await.map(drop),
            false => self.cluster.flex().delete().await.map(drop),
        }
    }

    /// The tag of clusters of a drill, as `key=value`.
    pub(super) fn tag(drill: &str) -> String {
        format!("{TAG}={drill}")
    }

    /// The command that deletes the cluster.
    pub(super) fn delete_command(&self) -> Command {
        let operation = match self.is_dedicated() {
            true => "api clusters deleteCluster --clusterName",
            false => "api flexClusters deleteFlexCluster --name",
        };
        Command::new(operation).arg(self.name()).arg("--groupId").arg(self.project()).without_project()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shard_copy_keeps_topology_without_read_only_fields() {
        let nodes = json!({"instanceSize": "M40", "nodeCount": 3, "diskSizeGB": 80.0, "diskIOPS": 3000});
        let none = json!({"instanceSize": "M40", "nodeCount": 0});
        let shard = json!({"id": "1", "zoneId": "2", "zoneName": "Zone 1", "regionConfigs": [
            {"providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7, "electableSpecs": nodes, "readOnlySpecs": none},
            {"providerName": "AWS", "regionName": "US_EAST_1", "priority": 0, "electableSpecs": none},
        ]});
        let kept = |tier: &str| {
            let nodes = json!({"instanceSize": tier, "nodeCount": 3, "diskSizeGB": 80.0});
            let region =
                json!({"providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7, "electableSpecs": nodes});
            json!({"zoneName": "Zone 1", "regionConfigs": [region]})
        };
        assert_eq!(copy_shard(&shard, None), kept("M40"));
        assert_eq!(copy_shard(&shard, Some("M10")), kept("M10"));
    }

    #[test]
    fn cluster_matches_only_tag_of_this_drill() {
        assert!(has_tag(&[ResourceTag::new("team", "a"), ResourceTag::new(TAG, "d1")], "d1"));
        for tags in [vec![], vec![ResourceTag::new(TAG, "d2")], vec![ResourceTag::new("other", "d1")]] {
            assert!(!has_tag(&tags, "d1"));
        }
    }
}
