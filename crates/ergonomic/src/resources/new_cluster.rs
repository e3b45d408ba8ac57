//! Clusters to create. Four arguments create a replica set in one region. The generated document creates any other
//! cluster. No value is set that the service sets by default.

use atlas_backup_generated::types::{
    AwsRegionConfig, AzureRegionConfig, CloudProvider, CloudRegionConfig, ClusterDescription, ClusterType,
    FlexClusterDescriptionCreate, FlexProviderSettingsCreate, GcpRegionConfig, HardwareSpec, ReplicationSpec,
    ResourceTag,
};

use crate::model::{
    error::{Error, Result},
    error_kind::ErrorKind,
    ids::{ClusterName, IntoId},
};

/// The priority of the preferred region.
const HIGHEST_PRIORITY: i64 = 7;
/// Minimum number of nodes of a replica set.
const MIN_NODES: i64 = 3;

/// A dedicated cluster to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCluster(ClusterDescription);

impl NewCluster {
    /// A replica set of three nodes in one region, such as `US_EAST_1`, of a tier such as `M10`. By default it has no
    /// backups.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the text is not a valid cluster name, or when the provider has no dedicated clusters.
    pub fn replica_set(
        name: impl IntoId<ClusterName>,
        provider: CloudProvider,
        region: &str,
        tier: &str,
    ) -> Result<Self> {
        let name = name.into_id()?;
        let nodes = HardwareSpec::new().with_instance_size(tier).with_node_count(MIN_NODES);
        let priority = HIGHEST_PRIORITY;
        let region: CloudRegionConfig = match &provider {
            CloudProvider::Aws => {
                let config = AwsRegionConfig::new().with_provider_name(provider).with_region_name(region);
                config.with_priority(priority).with_electable_specs(nodes).into()
            }
            CloudProvider::Azure => {
                let config = AzureRegionConfig::new().with_provider_name(provider).with_region_name(region);
                config.with_priority(priority).with_electable_specs(nodes).into()
            }
            CloudProvider::Gcp => {
                let config = GcpRegionConfig::new().with_provider_name(provider).with_region_name(region);
                config.with_priority(priority).with_electable_specs(nodes).into()
            }
            other => {
                return Err(Error::new(ErrorKind::InvalidInput, format!("{other} has no dedicated clusters")));
            }
        };
        let shard = ReplicationSpec::new().with_region_configs(vec![region]);
        let document = ClusterDescription::new().with_name(name).with_cluster_type(ClusterType::Replicaset);
        Ok(NewCluster(document.with_replication_specs(vec![shard])))
    }

    /// Enables backup with the default schedule.
    #[must_use]
    pub fn with_backup(self) -> Self {
        NewCluster(self.0.with_backup_enabled(true))
    }

    /// Enables backup and continuous backup, so that any point in time in the restore window can be restored.
    #[must_use]
    pub fn with_continuous_backup(self) -> Self {
        NewCluster(self.0.with_backup_enabled(true).with_pit_enabled(true))
    }

    /// Enables termination protection: it cannot be deleted before this is disabled.
    #[must_use]
    pub fn with_termination_protection(self) -> Self {
        NewCluster(self.0.with_termination_protection_enabled(true))
    }

    pub(super) fn document(&self) -> &ClusterDescription {
        &self.0
    }
}

/// For any other cluster: sharded, in several regions, with other settings.
impl From<ClusterDescription> for NewCluster {
    fn from(document: ClusterDescription) -> Self {
        NewCluster(document)
    }
}

/// A flex cluster to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFlexCluster(FlexClusterDescriptionCreate);

impl NewFlexCluster {
    /// A flex cluster in a region, such as `US_EAST_1`, of a cloud provider.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the text is not a valid cluster name.
    pub fn new(name: impl IntoId<ClusterName>, provider: CloudProvider, region: impl Into<String>) -> Result<Self> {
        let place = FlexProviderSettingsCreate::new(provider, region);
        Ok(NewFlexCluster(FlexClusterDescriptionCreate::new(name.into_id()?, place)))
    }

    /// Enables termination protection: it cannot be deleted before this is disabled.
    #[must_use]
    pub fn with_termination_protection(self) -> Self {
        NewFlexCluster(self.0.with_termination_protection_enabled(true))
    }

    /// Adds a tag.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.tags.get_or_insert_default().push(ResourceTag::new(key, value));
        self
    }

    pub(super) fn document(&self) -> &FlexClusterDescriptionCreate {
        &self.0
    }
}

/// For other settings.
impl From<FlexClusterDescriptionCreate> for NewFlexCluster {
    fn from(document: FlexClusterDescriptionCreate) -> Self {
        NewFlexCluster(document)
    }
}
