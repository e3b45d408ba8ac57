//! Cloud roles: the roles in the customer's cloud accounts through which the service writes to export buckets. The API
//! calls them cloud provider access.
//!
//! A role on AWS is created here, then trusted in the AWS account, then authorized here.

use atlas_backup_generated::types::{
    self, AwsCloudRoleAuthorization, AwsCloudRoleRequest, AzureCloudRoleRequest, CloudProvider, CloudRoleRequest,
    GcpCloudRoleRequest,
};

use crate::{
    call::{binding::fetch_document, options::call_options},
    model::{
        document::Acknowledged,
        documents::{CloudRole, CloudRoleLists},
        entity::HasId,
        error::Result,
        ids::{CloudRoleId, IntoId},
        sealed::{self, Sealed},
    },
    resources::projects::Project,
};

impl Sealed<sealed::HasKey> for types::CloudRole {}

impl HasId for types::CloudRole {
    fn key(&self) -> Option<&String> {
        match self {
            Self::Aws(role) => role.role_id.as_ref(),
            Self::Azure(role) => role.id.as_ref(),
            Self::Gcp(role) => role.role_id.as_ref(),
            _ => None,
        }
    }
}

/// The cloud roles of a project.
#[derive(Debug, Clone)]
pub struct CloudRoles {
    project: Project,
}

call_options!(CloudRoles, project);

impl Project {
    /// The roles through which the service accesses cloud accounts of the customer.
    #[must_use]
    pub fn cloud_roles(&self) -> CloudRoles {
        CloudRoles { project: self.clone() }
    }
}

/// A cloud role to create.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCloudRole(CloudRoleRequest);

impl From<CloudRoleRequest> for NewCloudRole {
    fn from(document: CloudRoleRequest) -> Self {
        NewCloudRole(document)
    }
}

impl NewCloudRole {
    /// A role in an AWS account. The response has the account and the external ID for its trust policy.
    #[must_use]
    pub fn aws() -> Self {
        NewCloudRole(AwsCloudRoleRequest::new(CloudProvider::Aws).into())
    }

    /// A service principal in an Azure tenant, for the application that Atlas uses.
    #[must_use]
    pub fn azure(
        application: impl Into<String>,
        service_principal: impl Into<String>,
        tenant: impl Into<String>,
    ) -> Self {
        let request = AzureCloudRoleRequest::new(CloudProvider::Azure).with_atlas_azure_app_id(application);
        NewCloudRole(request.with_service_principal_id(service_principal).with_tenant_id(tenant).into())
    }

    /// A service account of Atlas on Google Cloud.
    #[must_use]
    pub fn gcp() -> Self {
        NewCloudRole(GcpCloudRoleRequest::new(CloudProvider::Gcp).into())
    }
}

impl CloudRoles {
    /// Lists them by provider (`listGroupCloudProviderAccess`). The service does not divide this list into pages.
    ///
    /// # Errors
    /// As every call.
    #[doc(alias("listGroupCloudProviderAccess", "listCloudProviderAccess", "listCloudProviderAccessRoles"))]
    pub async fn list(&self) -> Result<CloudRoleLists> {
        let (api, project) = self.project.parts();
        fetch_document(api.list_group_cloud_provider_access(project)).await
    }

    /// Gets one (`getGroupCloudProviderAccess`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("getGroupCloudProviderAccess", "getCloudProviderAccess", "getCloudProviderAccessRole"))]
    pub async fn get(&self, id: impl IntoId<CloudRoleId>) -> Result<CloudRole> {
        let (id, (api, project)) = (id.into_id()?, self.project.parts());
        fetch_document(api.get_group_cloud_provider_access(project, id.as_str())).await
    }

    /// Creates one (`createGroupCloudProviderAccess`). On AWS, then change the trust policy of the role in the AWS
    /// account, and [authorize](Self::authorize_aws) it.
    ///
    /// # Errors
    /// As every call.
    #[doc(alias("createGroupCloudProviderAccess", "createCloudProviderAccess", "createCloudProviderAccessRole"))]
    pub async fn create(&self, role: NewCloudRole) -> Result<CloudRole> {
        let (api, project) = self.project.parts();
        fetch_document(api.create_group_cloud_provider_access(project, &role.0)).await
    }

    /// Authorizes a role on AWS, by the ARN of the role that the service assumes
    /// (`authorizeGroupCloudProviderAccessRole`).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if the service cannot assume the role, for example because
    /// its trust policy is not in force yet; otherwise as every call.
    #[doc(alias(
        "authorizeGroupCloudProviderAccessRole",
        "authorizeProviderAccessRole",
        "authorizeCloudProviderAccessRole"
    ))]
    pub async fn authorize_aws(&self, id: impl IntoId<CloudRoleId>, arn: impl Into<String>) -> Result<CloudRole> {
        let (id, (api, project)) = (id.into_id()?, self.project.parts());
        let request = AwsCloudRoleAuthorization::new(CloudProvider::Aws).with_iam_assumed_role_arn(arn);
        fetch_document(api.authorize_group_cloud_provider_access_role(project, id.as_str(), &request.into())).await
    }

    /// Removes one (`deauthorizeGroupCloudProviderAccessRole`). The role in the customer's account stays.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the provider has no role with this ID; otherwise as every
    /// call.
    #[doc(alias(
        "deauthorizeGroupCloudProviderAccessRole",
        "deauthorizeProviderAccessRole",
        "deauthorizeCloudProviderAccessRole"
    ))]
    pub async fn delete(&self, provider: CloudProvider, id: impl IntoId<CloudRoleId>) -> Result<Acknowledged> {
        let (id, (api, project)) = (id.into_id()?, self.project.parts());
        fetch_document(api.deauthorize_group_cloud_provider_access_role(project, provider, id.as_str())).await
    }
}
