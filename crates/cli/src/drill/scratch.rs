//! The cluster that a drill restores into, of either family, and how one of the source's shape is created.
//!
//! A cluster that the drill creates carries the drill's id as a tag. Deleting goes by what the service says at that
//! moment: without the tag of this very drill nothing is ever deleted, whatever its name is.

use atlas_backup::{
    Cluster, ClusterDocument, FlexCluster, FlexClusterDocument, NewCluster, NewFlexCluster, Project, Result, Wait,
    types::{CloudProvider, ClusterDescription20240805, ClusterState, ResourceTag},
};
use serde_json::{Map, Value, json};

use crate::ui::{
    exit::{Failure, Outcome},
    hints::Command,
};

/// The key of the tag.
const TAG: &str = "atlas-backup-drill";

/// A cluster of either family.
#[derive(Debug, Clone)]
pub(super) enum Scratch {
    Dedicated(Cluster),
    Flex(FlexCluster),
}

/// What is known of a cluster that is there.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) state: Option<ClusterState>,
    pub(super) protected: bool,
    tags: Vec<ResourceTag>,
    /// Where programs connect to.
    pub(super) address: Option<String>,
}

impl Seen {
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, Some(ClusterState::Idle))
    }

    pub(super) fn is_deleting(&self) -> bool {
        matches!(self.state, Some(ClusterState::Deleting))
    }

    /// Whether this very drill has created it.
    pub(super) fn is_of(&self, drill: &str) -> bool {
        self.tags.iter().any(|tag| tag.key.as_deref() == Some(TAG) && tag.value.as_deref() == Some(drill))
    }
}

/// A cluster to be created.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Dedicated(Box<NewCluster>),
    Flex(Box<NewFlexCluster>),
}

impl Wanted {
    /// A cluster with the source's provider, regions, shards and MongoDB, of another tier if one is named, without
    /// backups of its own.
    ///
    /// # Errors
    /// The source's description lacks what a cluster is made from.
    pub(super) fn like(source: &ClusterDocument, name: &str, tier: Option<&str>, drill: &str) -> Outcome<Self> {
        let shards = source.replication_specs.iter().flatten().map(serde_json::to_value);
        let shards: std::result::Result<Vec<Value>, _> = shards.map(|shard| Ok(shape(&shard?, tier))).collect();
        let wanted = shards.and_then(|shards| {
            serde_json::from_value::<ClusterDescription20240805>(json!({
                "name": name,
                "clusterType": source.cluster_type,
                "mongoDBMajorVersion": source.mongo_db_major_version,
                "replicationSpecs": shards,
                "backupEnabled": false,
                "tags": [{"key": TAG, "value": drill}],
            }))
        });
        let wanted = wanted.map_err(|source| Failure::local("the source can't be copied", source))?;
        Ok(Wanted::Dedicated(Box::new(wanted.into())))
    }

    /// A flex cluster where the source is.
    ///
    /// # Errors
    /// The source's description does not say where it is.
    pub(super) fn like_flex(source: &FlexClusterDocument, name: &str, drill: &str) -> Outcome<Self> {
        let place = source.provider_settings.as_ref();
        let provider: Option<CloudProvider> = place.and_then(|place| place.backing_provider_name.clone());
        let region = place.and_then(|place| place.region_name.clone());
        let (Some(provider), Some(region)) = (provider, region) else {
            return Err(Failure::usage("the source does not say in which region it is", "name a `--target` instead"));
        };
        Ok(Wanted::Flex(Box::new(NewFlexCluster::new(name, provider, region)?.with_tag(TAG, drill))))
    }

    /// Creates it; under which id.
    pub(super) async fn create(self, project: Project) -> Result<Option<String>> {
        Ok(match self {
            Wanted::Dedicated(wanted) => project.clusters().create(*wanted).await?.id.clone(),
            Wanted::Flex(wanted) => project.flex_clusters().create(*wanted).await?.id.clone(),
        })
    }
}

/// Of a shard only what makes its shape: what the service sets by itself can't be asked for.
fn shape(shard: &Value, tier: Option<&str>) -> Value {
    let regions = shard["regionConfigs"].as_array().into_iter().flatten();
    let regions = regions.filter(|region| region["electableSpecs"]["nodeCount"].as_u64() > Some(0)).map(|region| {
        let mut nodes = only(&region["electableSpecs"], &["instanceSize", "nodeCount", "diskSizeGB"]);
        if let Some(tier) = tier {
            nodes.insert("instanceSize".to_owned(), json!(tier));
        }
        let mut kept = only(region, &["providerName", "regionName", "priority"]);
        kept.insert("electableSpecs".to_owned(), Value::Object(nodes));
        Value::Object(kept)
    });
    let mut kept = only(shard, &["zoneName"]);
    kept.insert("regionConfigs".to_owned(), regions.collect());
    Value::Object(kept)
}

fn only(object: &Value, keys: &[&str]) -> Map<String, Value> {
    let kept = keys.iter().filter_map(|key| Some(((*key).to_owned(), object.get(key)?.clone())));
    kept.filter(|(_, value)| !value.is_null()).collect()
}

impl Scratch {
    pub(super) fn name(&self) -> &str {
        match self {
            Scratch::Dedicated(cluster) => cluster.name().as_str(),
            Scratch::Flex(cluster) => cluster.name().as_str(),
        }
    }

    pub(super) fn project(&self) -> &str {
        match self {
            Scratch::Dedicated(cluster) => cluster.project_id().as_str(),
            Scratch::Flex(cluster) => cluster.project_id().as_str(),
        }
    }

    /// Looks at it.
    pub(super) async fn see(&self) -> Result<Seen> {
        Ok(match self {
            Scratch::Dedicated(cluster) => seen_dedicated(&cluster.get().await?),
            Scratch::Flex(cluster) => seen_flex(&cluster.get().await?),
        })
    }

    /// Waits until it is idle; what it is then. `adjust` has the last word on how, for either family.
    pub(super) async fn wait_idle(&self, wait: &super::watch::Watch<'_>) -> Outcome<Seen> {
        let state = |state: Option<&ClusterState>| state.map(ToString::to_string);
        match self {
            Scratch::Dedicated(cluster) => {
                let done = wait.on(cluster.wait(), move |cluster| state(cluster.state_name.as_ref())).await?;
                Ok(seen_dedicated(&done))
            }
            Scratch::Flex(cluster) => {
                let done = wait.on(cluster.wait(), move |cluster| state(cluster.state_name.as_ref())).await?;
                Ok(seen_flex(&done))
            }
        }
    }

    /// Waits until it is gone.
    pub(super) async fn wait_gone(&self, wait: &super::watch::Watch<'_>) -> Outcome {
        let state = |state: Option<&ClusterState>| state.map(ToString::to_string);
        match self {
            Scratch::Dedicated(cluster) => {
                let gone: Wait<ClusterDocument, ()> = cluster.wait_deleted();
                wait.on(gone, move |cluster| state(cluster.state_name.as_ref())).await
            }
            Scratch::Flex(cluster) => {
                let gone: Wait<FlexClusterDocument, ()> = cluster.wait_deleted();
                wait.on(gone, move |cluster| state(cluster.state_name.as_ref())).await
            }
        }
    }

    /// Deletes it for good. Whoever calls has made sure that the drill has created it.
    pub(super) async fn delete(&self) -> Result<()> {
        match self {
            Scratch::Dedicated(cluster) => cluster.delete().await.map(drop),
            Scratch::Flex(cluster) => cluster.delete().await.map(drop),
        }
    }

    /// The tag of what the drill creates, in words.
    pub(super) fn tag(drill: &str) -> String {
        format!("{TAG}={drill}")
    }

    /// The command that deletes it.
    pub(super) fn delete_command(&self) -> Command {
        let operation = match self {
            Scratch::Dedicated(_) => "api clusters deleteCluster --clusterName",
            Scratch::Flex(_) => "api flexClusters deleteFlexCluster --name",
        };
        Command::new(operation).arg(self.name()).arg("--groupId").arg(self.project()).without_project()
    }
}

fn seen_dedicated(cluster: &ClusterDocument) -> Seen {
    let addresses = cluster.connection_strings.as_ref();
    Seen {
        state: cluster.state_name.clone(),
        protected: cluster.termination_protection_enabled == Some(true),
        tags: cluster.tags.clone().unwrap_or_default(),
        address: addresses.and_then(|at| at.standard_srv.clone().or_else(|| at.standard.clone())),
    }
}

fn seen_flex(cluster: &FlexClusterDocument) -> Seen {
    let addresses = cluster.connection_strings.as_ref();
    Seen {
        state: cluster.state_name.clone(),
        protected: cluster.termination_protection_enabled == Some(true),
        tags: cluster.tags.clone().unwrap_or_default(),
        address: addresses.and_then(|at| at.standard_srv.clone().or_else(|| at.standard.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_shape_of_the_source_and_nothing_that_the_service_sets() {
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
        assert_eq!(shape(&shard, None), kept("M40"));
        assert_eq!(shape(&shard, Some("M10")), kept("M10"));
    }

    #[test]
    fn only_the_tag_of_this_drill_makes_a_cluster_ours() {
        let seen = |tags: Vec<ResourceTag>| Seen { state: None, protected: false, tags, address: None };
        assert!(seen(vec![ResourceTag::new("team", "a"), ResourceTag::new(TAG, "d1")]).is_of("d1"));
        for tags in [vec![], vec![ResourceTag::new(TAG, "d2")], vec![ResourceTag::new("other", "d1")]] {
            assert!(!seen(tags).is_of("d1"));
        }
    }
}
