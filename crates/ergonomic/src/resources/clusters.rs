//! Dedicated clusters: list, get, create, update, delete, wait. Flex clusters have separate operations: see
//! [`FlexClusters`](crate::FlexClusters).
//!
//! A cluster goes from `CREATING` to `IDLE`, through `UPDATING` and `REPAIRING` back to `IDLE`, and from `DELETING` to
//! deletion. A creation is retried only if it was certainly not executed.

use atlas_backup_generated::queries::{DeleteGroupClusterQuery, ListGroupClustersQuery};
use atlas_backup_generated::types::ClusterDescription;
use atlas_backup_runtime::Pending;

use crate::{
    call::{
        binding::{fetch_changed, fetch_document},
        options::call_options,
        paging::List,
        wait::{Itself, Wait},
    },
    model::{
        document::Acknowledged,
        documents::{ClusterDocument, ClusterStatus},
        error::Result,
        ids::{ClusterName, IntoId},
    },
    resources::{changes::difference, handle::cluster_handle, new_cluster::NewCluster, projects::Project},
};

/// Fields that only the service sets.
pub(super) const READ_ONLY: [&str; 12] = [
    "configServerType",
    "createDate",
    "effectiveDatabaseEdition",
    "effectiveReplicationSpecs",
    "featureCompatibilityVersion",
    "featureCompatibilityVersionExpirationDate",
    "groupId",
    "id",
    "internalClusterRole",
    "links",
    "mongoDBVersion",
    "stateName",
];

/// The dedicated clusters of a project.
#[derive(Debug, Clone)]
pub struct Clusters {
    project: Project,
}

call_options!(Clusters, project);

impl Project {
    /// The dedicated clusters.
    #[must_use]
    pub fn clusters(&self) -> Clusters {
        Clusters { project: self.clone() }
    }

    /// One dedicated cluster by its name. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid cluster name.
    pub fn cluster(&self, name: impl IntoId<ClusterName>) -> Result<Cluster> {
        Ok(Cluster { project: self.clone(), name: name.into_id()? })
    }
}

impl Clusters {
    /// Lists them (`listGroupClusters`).
    #[doc(alias("listGroupClusters", "listClusters"))]
    pub fn list(&self) -> List<ClusterDocument> {
        List::over(&self.project, |project, q| {
            let (api, project) = project.parts();
            api.list_group_clusters(project, &q.of())
        })
    }

    /// Lists them together with those that were deleted and whose backups were kept (`listGroupClusters`).
    pub fn list_with_deleted(&self) -> List<ClusterDocument> {
        List::over(&self.project, |project, q| {
            let (api, project) = project.parts();
            let query: ListGroupClustersQuery = q.of();
            api.list_group_clusters(project, &query.with_include_deleted_with_retained_backups(true))
        })
    }

    /// Describes one (`getGroupCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this name;
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if it is a flex cluster; otherwise as every call.
    pub async fn get(&self, name: impl IntoId<ClusterName>) -> Result<ClusterDocument> {
        self.project.cluster(name)?.get().await
    }

    /// Creates one, **which costs money** until it is deleted (`createGroupCluster`); then [`Cluster::wait`].
    ///
    /// The request is retried only if it was certainly not executed.
    ///
    /// ```no_run
    /// # async fn example(project: atlas_backup::Project) -> atlas_backup::Result<()> {
    /// use atlas_backup::{NewCluster, types::CloudProvider};
    ///
    /// let wanted = NewCluster::replica_set("Copy0", CloudProvider::Aws, "US_EAST_1", "M10")?.with_backup();
    /// let created = project.clusters().create(wanted).await?;
    /// project.cluster(&created.name)?.wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if the name is in use or the service refuses a value;
    /// otherwise as every call.
    #[doc(alias("createGroupCluster", "createCluster"))]
    pub async fn create(&self, cluster: NewCluster) -> Result<ClusterDocument> {
        let (api, project) = self.project.parts();
        fetch_document(api.create_group_cluster(project, cluster.document())).await
    }
}

cluster_handle! {
    /// One dedicated cluster, and the access to its backups.
    Cluster
}

impl Cluster {
    /// Describes it (`getGroupCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this name;
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if it is a flex cluster; otherwise as every call.
    #[doc(alias("getGroupCluster", "getCluster"))]
    pub async fn get(&self) -> Result<ClusterDocument> {
        fetch_document(ask(self)).await
    }

    /// Waits until the service has applied all changes, such as a new database user, on all nodes
    /// (`getGroupClusterStatus`).
    #[doc(alias("getGroupClusterStatus", "getClusterStatus"))]
    pub fn wait_applied(&self) -> Wait<ClusterStatus> {
        Wait::over(self, Ok(self.name.clone()), |cluster, _| {
            let (api, project, name) = cluster.parts();
            api.get_group_cluster_status(project, name)
        })
    }

    /// Updates it (`updateGroupCluster`): gets the current document, passes it to `change`, and sends the changed
    /// top-level fields, each complete. Without changes nothing is sent and the current document is returned. Changes
    /// to read-only fields are not sent. Then [`wait`](Self::wait).
    ///
    /// ```no_run
    /// # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
    /// // Continuous backup, so that any moment of the restore window can be restored.
    /// cluster.update(|c| (c.backup_enabled, c.pit_enabled) = (Some(true), Some(true))).await?;
    /// cluster.wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the change removes a field, which the API cannot
    /// express; [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if the service refuses a value; otherwise as
    /// every call.
    #[doc(alias("updateGroupCluster", "updateCluster"))]
    pub async fn update(&self, change: impl FnOnce(&mut ClusterDescription)) -> Result<ClusterDocument> {
        let current = self.get().await?;
        let mut wanted = current.document().clone();
        change(&mut wanted);
        let body = difference("a cluster", &READ_ONLY, current.document(), &wanted)?;
        let Some(body) = body else { return Ok(current) };
        let (api, project, name) = self.parts();
        fetch_changed(api.update_group_cluster(project, name, &body), self.get()).await
    }

    /// Deletes it **and its backups** permanently (`deleteGroupCluster`); then [`wait_deleted`](Self::wait_deleted).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if it is protected, or when the project's compliance
    /// policy forbids to delete its backups; otherwise as every call.
    #[doc(alias("deleteGroupCluster", "deleteCluster"))]
    pub async fn delete(&self) -> Result<Acknowledged> {
        self.delete_with(None).await
    }

    /// Deletes it and retains its backups until they expire (`deleteGroupCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if it is protected; otherwise as every call.
    pub async fn delete_retaining_backups(&self) -> Result<Acknowledged> {
        self.delete_with(Some(true)).await
    }

    async fn delete_with(&self, retain_backups: Option<bool>) -> Result<Acknowledged> {
        let (api, project, name) = self.parts();
        let mut query = DeleteGroupClusterQuery::default();
        query.retain_backups = retain_backups;
        fetch_document(api.delete_group_cluster(project, name, &query)).await
    }

    /// Waits until it is `IDLE`: ready and not changing. A cluster that is being deleted is
    /// [`ErrorKind::Failed`](crate::ErrorKind::Failed). A change requested just before may not be visible yet.
    pub fn wait(&self) -> Wait<ClusterDocument> {
        Wait::over(self, Ok(Itself), |cluster, _| ask(cluster))
    }

    /// Waits until it is deleted: the service no longer finds it. A missing project is still
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound).
    pub fn wait_deleted(&self) -> Wait<ClusterDocument, ()> {
        Wait::until_gone(self, Ok(Itself), |cluster, _| ask(cluster))
    }
}

fn ask(cluster: &Cluster) -> Pending<'_, ClusterDescription> {
    let (api, project, name) = cluster.parts();
    api.get_group_cluster(project, name)
}
