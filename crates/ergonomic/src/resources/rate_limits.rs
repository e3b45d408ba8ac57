//! Rate limits that the service states: token buckets, each for a set of endpoints. The transport uses response
//! headers; these are for planning.

use atlas_backup_generated::queries::{GetRateLimitQuery, ListRateLimitsQuery};
use std::net::IpAddr;

use crate::{
    call::{binding::fetch_document, client::Client, options::call_options, paging::List},
    model::{
        documents::EndpointSetLimit,
        error::Result,
        ids::{EndpointSetId, IntoId, OrganizationId, ProjectId},
    },
};

/// Rate limits that the service states. By default the general limits; with a project, an organization, a caller or an
/// address, the limits that apply to it.
#[derive(Debug, Clone)]
pub struct RateLimits {
    client: Client,
    project: Option<ProjectId>,
    organization: Option<OrganizationId>,
    caller: Option<String>,
    address: Option<String>,
    name: Option<String>,
    endpoint_path: Option<String>,
}

call_options!(RateLimits, client);

impl Client {
    /// The limits that the service states for calls to it.
    #[must_use]
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits {
            client: self.clone(),
            project: None,
            organization: None,
            caller: None,
            address: None,
            name: None,
            endpoint_path: None,
        }
    }
}

impl RateLimits {
    /// Limits that apply to a project. Lists only sets that are counted by project.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid project id.
    pub fn of_project(mut self, project: impl IntoId<ProjectId>) -> Result<Self> {
        self.project = Some(project.into_id()?);
        Ok(self)
    }

    /// Limits that apply to an organization. Lists only sets that are counted by organization.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid organization id.
    pub fn of_organization(mut self, organization: impl IntoId<OrganizationId>) -> Result<Self> {
        self.organization = Some(organization.into_id()?);
        Ok(self)
    }

    /// Limits that apply to a caller: the client ID of a service account or the public key of an API key. Callers can
    /// query only themselves.
    #[must_use]
    pub fn of_caller(mut self, caller: impl Into<String>) -> Self {
        self.caller = Some(caller.into());
        self
    }

    /// Limits that apply to an address, which must be the caller's.
    #[must_use]
    pub fn of_address(mut self, address: impl Into<IpAddr>) -> Self {
        self.address = Some(address.into().to_string());
        self
    }

    /// Lists only the set of this name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lists only the sets that contain a path template, such as `/api/atlas/v2/clusters`.
    #[must_use]
    pub fn with_endpoint(mut self, path_template: impl Into<String>) -> Self {
        self.endpoint_path = Some(path_template.into());
        self
    }

    /// Lists them (`listRateLimits`).
    #[doc(alias("listRateLimits"))]
    pub fn list(&self) -> List<EndpointSetLimit> {
        List::over(self, |limits, q| {
            let mut query: ListRateLimitsQuery = q.of();
            query.endpoint_path.clone_from(&limits.endpoint_path);
            query.group_id = limits.project.as_ref().map(ToString::to_string);
            query.ip_address.clone_from(&limits.address);
            query.name.clone_from(&limits.name);
            query.org_id = limits.organization.as_ref().map(ToString::to_string);
            query.user_id.clone_from(&limits.caller);
            limits.client.bindings().list_rate_limits(&query)
        })
    }

    /// Gets one (`getRateLimit`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("getRateLimit"))]
    pub async fn get(&self, id: impl IntoId<EndpointSetId>) -> Result<EndpointSetLimit> {
        let id = id.into_id()?;
        let mut query = GetRateLimitQuery::default();
        query.group_id = self.project.as_ref().map(ToString::to_string);
        query.ip_address.clone_from(&self.address);
        query.org_id = self.organization.as_ref().map(ToString::to_string);
        query.user_id.clone_from(&self.caller);
        fetch_document(self.client.bindings().get_rate_limit(id.as_str(), &query)).await
    }
}
