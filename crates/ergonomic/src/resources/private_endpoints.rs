//! Private endpoints for backups, through which exports reach object storage without the public internet: list, get,
//! create, delete, wait.
//!
//! An endpoint goes from `INITIATING` through `PENDING_ACCEPTANCE` to `ACTIVE` or `FAILED`, and from `DELETING` to
//! deletion. A creation is retried only if it was certainly not executed.

use atlas_backup_generated::types::{
    CloudProvider, ObjectStoragePrivateEndpoint, ObjectStoragePrivateEndpointRequest, RegionName,
};
use atlas_backup_runtime::Pending;

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        document::Acknowledged,
        documents::PrivateEndpoint,
        error::Result,
        ids::{IntoId, PrivateEndpointId},
    },
    resources::projects::Project,
};

/// The private endpoints for backups that a project has with a cloud provider.
#[derive(Debug, Clone)]
pub struct PrivateEndpoints {
    project: Project,
    provider: CloudProvider,
}

call_options!(PrivateEndpoints, project);

impl Project {
    /// The private endpoints for backups with a cloud provider. Only AWS is supported so far.
    #[must_use]
    pub fn backup_private_endpoints(&self, provider: CloudProvider) -> PrivateEndpoints {
        PrivateEndpoints { project: self.clone(), provider }
    }
}

impl PrivateEndpoints {
    /// Lists them (`listGroupBackupPrivateEndpoints`).
    #[doc(alias("listGroupBackupPrivateEndpoints", "listBackupPrivateEndpoints"))]
    pub fn list(&self) -> List<PrivateEndpoint> {
        List::over(self, |endpoints, q| {
            let (api, project) = endpoints.project.parts();
            let provider = endpoints.provider.clone();
            api.list_group_backup_private_endpoints(project, provider, &q.of())
        })
    }

    /// Gets one (`getGroupBackupPrivateEndpoint`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("getGroupBackupPrivateEndpoint", "getBackupPrivateEndpoint"))]
    pub async fn get(&self, id: impl IntoId<PrivateEndpointId>) -> Result<PrivateEndpoint> {
        fetch_document(ask(self, &id.into_id()?)).await
    }

    /// Creates one to the object storage of a region, such as `US_EAST_1` (`createGroupBackupPrivateEndpoint`); then
    /// [`wait`](Self::wait). The connection starts in that region too.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the region has one; otherwise as every call.
    #[doc(alias("createGroupBackupPrivateEndpoint", "createBackupPrivateEndpoint"))]
    pub async fn create(&self, region: impl Into<RegionName>) -> Result<PrivateEndpoint> {
        self.send(ObjectStoragePrivateEndpointRequest::new().with_region_name(region)).await
    }

    /// Creates one as [`create`](Self::create) does, with a connection that starts in another region than the storage.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_across(
        &self,
        region: impl Into<RegionName>,
        starting_in: impl Into<RegionName>,
    ) -> Result<PrivateEndpoint> {
        let request = ObjectStoragePrivateEndpointRequest::new().with_region_name(region);
        self.send(request.with_vpc_region_name(starting_in)).await
    }

    async fn send(&self, request: ObjectStoragePrivateEndpointRequest) -> Result<PrivateEndpoint> {
        let (api, project) = self.project.parts();
        let request = request.with_cloud_provider(self.provider.clone());
        fetch_document(api.create_group_backup_private_endpoint(project, self.provider.clone(), &request)).await
    }

    /// Deletes one (`deleteGroupBackupPrivateEndpoint`); then [`wait_deleted`](Self::wait_deleted).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("deleteGroupBackupPrivateEndpoint", "deleteBackupPrivateEndpoint"))]
    pub async fn delete(&self, id: impl IntoId<PrivateEndpointId>) -> Result<Acknowledged> {
        let (id, (api, project)) = (id.into_id()?, self.project.parts());
        fetch_document(api.delete_group_backup_private_endpoint(project, self.provider.clone(), id.as_str())).await
    }

    /// Waits until one is active. A failed endpoint or one that is being deleted is
    /// [`ErrorKind::Failed`](crate::ErrorKind::Failed). Its `error_message` has the reason.
    pub fn wait(&self, id: impl IntoId<PrivateEndpointId>) -> Wait<PrivateEndpoint> {
        Wait::over(self, id.into_id(), ask)
    }

    /// Waits until one is deleted: the service no longer finds it.
    pub fn wait_deleted(&self, id: impl IntoId<PrivateEndpointId>) -> Wait<PrivateEndpoint, ()> {
        Wait::until_gone(self, id.into_id(), ask)
    }
}

fn ask<'a>(endpoints: &'a PrivateEndpoints, id: &PrivateEndpointId) -> Pending<'a, ObjectStoragePrivateEndpoint> {
    let (api, project) = endpoints.project.parts();
    api.get_group_backup_private_endpoint(project, endpoints.provider.clone(), id.as_str())
}
