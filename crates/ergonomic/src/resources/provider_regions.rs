//! Tiers that cloud providers offer to a project, with their regions. Read-only. The offer changes without notice, so
//! none of it is built in.

use atlas_backup_generated::queries::ListGroupClusterProviderRegionsQuery;
use atlas_backup_generated::types::CloudProvider;

use crate::{
    call::{options::call_options, paging::List},
    model::documents::ProviderOffer,
    resources::projects::Project,
};

/// Regions for clusters of a project and copies of their snapshots.
#[derive(Debug, Clone)]
pub struct ProviderRegions {
    project: Project,
    providers: Option<Vec<String>>,
    tier: Option<String>,
}

call_options!(ProviderRegions, project);

impl Project {
    /// Regions for clusters and copies of their snapshots.
    #[must_use]
    pub fn provider_regions(&self) -> ProviderRegions {
        ProviderRegions { project: self.clone(), providers: None, tier: None }
    }
}

impl ProviderRegions {
    /// Only what a cluster across all of these providers can use.
    #[must_use]
    pub fn of_providers(mut self, providers: impl IntoIterator<Item = CloudProvider>) -> Self {
        self.providers = Some(providers.into_iter().map(|provider| provider.to_string()).collect());
        self
    }

    /// Only regions that offer a tier, such as `M30`.
    #[must_use]
    pub fn of_tier(mut self, tier: impl Into<String>) -> Self {
        self.tier = Some(tier.into());
        self
    }

    /// Lists them by provider (`listGroupClusterProviderRegions`).
    #[doc(alias(
        "listGroupClusterProviderRegions",
        "listClusterProviderRegions",
        "returnAllCloudProviderRegions",
        "listCloudProviderRegions"
    ))]
    pub fn list(&self) -> List<ProviderOffer> {
        List::over(self, |regions, q| {
            let (api, project) = regions.project.parts();
            let mut query: ListGroupClusterProviderRegionsQuery = q.of();
            (query.providers, query.tier) = (regions.providers.clone(), regions.tier.clone());
            api.list_group_cluster_provider_regions(project, &query)
        })
    }
}
