//! Flex clusters: list, get, create, update, delete, upgrade, wait. Shared-tier clusters and serverless instances have
//! become flex clusters. Their states are those of dedicated clusters.

use atlas_backup_generated::types::{
    AtlasTenantClusterUpgradeRequest, FlexClusterDescription, FlexClusterDescriptionUpdate,
};
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
        documents::FlexClusterDocument,
        entity::convert_document,
        error::{Error, Result},
        error_kind::ErrorKind,
        ids::{ClusterName, IntoId},
    },
    resources::{
        handle::cluster_handle,
        new_cluster::{NewCluster, NewFlexCluster},
        projects::Project,
    },
};

/// The flex clusters of a project.
#[derive(Debug, Clone)]
pub struct FlexClusters {
    project: Project,
}

call_options!(FlexClusters, project);

impl Project {
    /// The flex clusters.
    #[must_use]
    pub fn flex_clusters(&self) -> FlexClusters {
        FlexClusters { project: self.clone() }
    }

    /// One flex cluster by its name. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the text is not a valid cluster name.
    pub fn flex_cluster(&self, name: impl IntoId<ClusterName>) -> Result<FlexCluster> {
        Ok(FlexCluster { project: self.clone(), name: name.into_id()? })
    }
}

impl FlexClusters {
    /// Lists them (`listGroupFlexClusters`).
    #[doc(alias("listGroupFlexClusters", "listFlexClusters"))]
    pub fn list(&self) -> List<FlexClusterDocument> {
        List::over(&self.project, |project, q| {
            let (api, project) = project.parts();
            api.list_group_flex_clusters(project, &q.of())
        })
    }

    /// Describes one (`getGroupFlexCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if no object has this name; [`ErrorKind::BadRequest`] if it is not a flex cluster; otherwise
    /// as every call.
    pub async fn get(&self, name: impl IntoId<ClusterName>) -> Result<FlexClusterDocument> {
        self.project.flex_cluster(name)?.get().await
    }

    /// Creates one, **which costs money** until it is deleted (`createGroupFlexCluster`); then [`FlexCluster::wait`].
    ///
    /// The request is retried only if it was certainly not executed.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] if the name is in use or the service refuses a value; otherwise as every call.
    #[doc(alias("createGroupFlexCluster", "createFlexCluster"))]
    pub async fn create(&self, cluster: NewFlexCluster) -> Result<FlexClusterDocument> {
        let (api, project) = self.project.parts();
        fetch_document(api.create_group_flex_cluster(project, cluster.document())).await
    }
}

cluster_handle! {
    /// One flex cluster, and the access to its backups.
    FlexCluster
}

impl FlexCluster {
    /// Describes it (`getGroupFlexCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if no object has this name; [`ErrorKind::BadRequest`] if it is not a flex cluster; otherwise
    /// as every call.
    #[doc(alias("getGroupFlexCluster", "getFlexCluster"))]
    pub async fn get(&self) -> Result<FlexClusterDocument> {
        fetch_document(ask(self)).await
    }

    /// Changes its tags or its termination protection (`updateGroupFlexCluster`). Fields missing from `change` are
    /// kept. Tags are replaced as a whole.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if no object has this name; [`ErrorKind::BadRequest`] if it is not a flex cluster; otherwise
    /// as every call.
    #[doc(alias("updateGroupFlexCluster", "updateFlexCluster"))]
    pub async fn update(&self, change: &FlexClusterDescriptionUpdate) -> Result<FlexClusterDocument> {
        let (api, project, name) = self.parts();
        fetch_changed(api.update_group_flex_cluster(project, name, change), self.get()).await
    }

    /// Deletes it **and its backups** permanently (`deleteGroupFlexCluster`); then [`wait_deleted`](Self::wait_deleted).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] if it is protected or not flex; otherwise as every call.
    #[doc(alias("deleteGroupFlexCluster", "deleteFlexCluster"))]
    pub async fn delete(&self) -> Result<Acknowledged> {
        let (api, project, name) = self.parts();
        fetch_document(api.delete_group_flex_cluster(project, name)).await
    }

    /// Upgrades it to the dedicated cluster `wanted`, which must have the same name, and keeps its data
    /// (`tenantGroupFlexClusterUpgrade`). Afterwards it is a [`Cluster`](crate::Cluster) and the flex operations refuse
    /// it: wait with [`Cluster::wait`](crate::Cluster::wait).
    ///
    /// ```no_run
    /// # async fn example(project: atlas_backup::Project) -> atlas_backup::Result<()> {
    /// use atlas_backup::{NewCluster, types::CloudProvider};
    ///
    /// let wanted = NewCluster::replica_set("Flex0", CloudProvider::Aws, "US_EAST_1", "M10")?.with_backup();
    /// project.flex_cluster("Flex0")?.upgrade(wanted).await?;
    /// project.cluster("Flex0")?.wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when `wanted` has another name; [`ErrorKind::BadRequest`] when the service refuses a
    /// value or this is not flex; otherwise as every call.
    #[doc(alias("tenantGroupFlexClusterUpgrade", "tenantUpgrade", "upgradeFlexCluster"))]
    pub async fn upgrade(&self, wanted: NewCluster) -> Result<FlexClusterDocument> {
        let wanted = wanted.document();
        if wanted.name.as_deref() != Some(self.name().as_str()) {
            let message = format!("an upgrade keeps the name {}, but {:?} was requested", self.name(), wanted.name);
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let request: AtlasTenantClusterUpgradeRequest = convert_document(wanted)?;
        let (api, project, _) = self.parts();
        fetch_document(api.tenant_group_flex_cluster_upgrade(project, &request)).await
    }

    /// Waits until it is `IDLE`: ready and not changing. A cluster that is being deleted is [`ErrorKind::Failed`].
    pub fn wait(&self) -> Wait<FlexClusterDocument> {
        Wait::over(self, Ok(Itself), |cluster, _| ask(cluster))
    }

    /// Waits until it is deleted: the service no longer finds it. A missing project is still [`ErrorKind::NotFound`].
    pub fn wait_deleted(&self) -> Wait<FlexClusterDocument, ()> {
        Wait::until_gone(self, Ok(Itself), |cluster, _| ask(cluster))
    }
}

fn ask(cluster: &FlexCluster) -> Pending<'_, FlexClusterDescription> {
    let (api, project, name) = cluster.parts();
    api.get_group_flex_cluster(project, name)
}
