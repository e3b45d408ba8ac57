//! Export buckets: the customer's object storage on AWS, Azure or Google Cloud, to which a project's snapshots can be
//! exported.
//!
//! The service needs a role with access, set up beforehand. Buckets contain no credentials. Deleting one removes its
//! registration, not its content.

use atlas_backup_generated::types::{
    self, AwsExportBucketRequest, AzureExportBucketRequest, CloudProvider, ExportBucketRequest, GcpExportBucketRequest,
    RequirePrivateNetworkingUpdate,
};

use crate::{
    call::{
        binding::{fetch_changed, fetch_document},
        options::call_options,
        paging::List,
    },
    model::{
        document::Acknowledged,
        documents::ExportBucket,
        entity::HasId,
        error::Result,
        ids::{CloudRoleId, ExportBucketId, IntoId},
        sealed::{self, Sealed},
    },
    resources::projects::Project,
};

impl Sealed<sealed::HasKey> for types::ExportBucket {}

impl HasId for types::ExportBucket {
    fn key(&self) -> Option<&String> {
        match self {
            Self::Aws(bucket) => bucket.id.as_ref(),
            Self::Azure(bucket) => bucket.id.as_ref(),
            Self::Gcp(bucket) => bucket.id.as_ref(),
            Self::Unknown(fields) => match fields.get("_id") {
                Some(serde_json::Value::String(id)) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The export buckets of a project.
#[derive(Debug, Clone)]
pub struct ExportBuckets {
    project: Project,
}

call_options!(ExportBuckets, project);

impl Project {
    /// The export buckets.
    #[must_use]
    pub fn export_buckets(&self) -> ExportBuckets {
        ExportBuckets { project: self.clone() }
    }
}

/// A bucket to register.
#[derive(Debug, Clone, PartialEq)]
pub struct NewExportBucket(ExportBucketRequest);

impl From<ExportBucketRequest> for NewExportBucket {
    fn from(document: ExportBucketRequest) -> Self {
        NewExportBucket(document)
    }
}

impl NewExportBucket {
    /// An S3 bucket, with the role that lets the service write to it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid role id.
    pub fn aws(bucket: impl Into<String>, role: impl IntoId<CloudRoleId>) -> Result<Self> {
        Ok(NewExportBucket(aws(bucket, role)?.into()))
    }

    /// An S3 bucket that requires private networking.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid role id.
    pub fn aws_private(bucket: impl Into<String>, role: impl IntoId<CloudRoleId>) -> Result<Self> {
        Ok(NewExportBucket(aws(bucket, role)?.with_require_private_networking(true).into()))
    }

    /// An Azure blob container in the storage account at `service_url`, with the role that lets the service write to it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid role id.
    pub fn azure(
        container: impl Into<String>,
        service_url: impl Into<String>,
        role: impl IntoId<CloudRoleId>,
    ) -> Result<Self> {
        let role = role.into_id()?;
        let bucket = AzureExportBucketRequest::new(CloudProvider::Azure, role, service_url);
        Ok(NewExportBucket(bucket.with_bucket_name(container).into()))
    }

    /// A bucket of Google Cloud Storage, with the role that lets the service write to it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid role id.
    pub fn gcp(bucket: impl Into<String>, role: impl IntoId<CloudRoleId>) -> Result<Self> {
        let role = role.into_id()?;
        Ok(NewExportBucket(GcpExportBucketRequest::new(bucket, CloudProvider::Gcp, role).into()))
    }
}

fn aws(bucket: impl Into<String>, role: impl IntoId<CloudRoleId>) -> Result<AwsExportBucketRequest> {
    Ok(AwsExportBucketRequest::new(bucket, CloudProvider::Aws, role.into_id()?))
}

impl ExportBuckets {
    /// Lists them (`listGroupBackupExportBuckets`).
    #[doc(alias(
        "listGroupBackupExportBuckets",
        "listExportBuckets",
        "returnAllAwsS3BucketsUsedForCloudBackupSnapshotExports"
    ))]
    pub fn list(&self) -> List<ExportBucket> {
        List::over(&self.project, |project, q| {
            let (api, project) = project.parts();
            api.list_group_backup_export_buckets(project, &q.of())
        })
    }

    /// Gets one (`getGroupBackupExportBucket`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "getGroupBackupExportBucket",
        "getExportBucket",
        "returnOneAwsS3BucketUsedForCloudBackupSnapshotExports"
    ))]
    pub async fn get(&self, id: impl IntoId<ExportBucketId>) -> Result<ExportBucket> {
        let (id, (api, project)) = (id.into_id()?, self.project.parts());
        fetch_document(api.get_group_backup_export_bucket(project, id.as_str())).await
    }

    /// Registers one (`createGroupBackupExportBucket`).
    ///
    /// ```no_run
    /// # use atlas_backup::{NewExportBucket, Project};
    /// # async fn example(project: Project) -> atlas_backup::Result<()> {
    /// let bucket = NewExportBucket::aws("our-backups", "32b6e34b3d91647abb20e7b8")?;
    /// println!("{}", project.export_buckets().create(bucket).await?.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when the project has it already; otherwise as every call.
    #[doc(alias(
        "createGroupBackupExportBucket",
        "createExportBucket",
        "grantAccessToAwsS3BucketForCloudBackupSnapshotExports"
    ))]
    pub async fn create(&self, bucket: NewExportBucket) -> Result<ExportBucket> {
        let (api, project) = self.project.parts();
        fetch_document(api.create_group_backup_export_bucket(project, &bucket.0)).await
    }

    /// Sets whether an AWS bucket requires private networking (`updateGroupBackupExportBucket`). Nothing else of a
    /// bucket can change.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for a bucket of another provider;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("updateGroupBackupExportBucket", "updateBackupExportBucket"))]
    pub async fn require_private_networking(
        &self,
        id: impl IntoId<ExportBucketId>,
        required: bool,
    ) -> Result<ExportBucket> {
        let (id, change) = (id.into_id()?, RequirePrivateNetworkingUpdate::new(required));
        let (api, project) = self.project.parts();
        let pending = api.update_group_backup_export_bucket(project, id.as_str(), &change);
        fetch_changed(pending, self.get(&id)).await
    }

    /// Removes the registration of one (`deleteGroupBackupExportBucket`). The content of the bucket is kept.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) while an export to it is running;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "deleteGroupBackupExportBucket",
        "deleteExportBucket",
        "revokeAccessToAwsS3BucketForCloudBackupSnapshotExports"
    ))]
    pub async fn delete(&self, id: impl IntoId<ExportBucketId>) -> Result<Acknowledged> {
        let (id, (api, project)) = (id.into_id()?, self.project.parts());
        fetch_document(api.delete_group_backup_export_bucket(project, id.as_str())).await
    }
}
