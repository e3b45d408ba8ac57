//! Dedicated clusters. Flex clusters are another kind of thing with operations of their own: see
//! [`FlexClusters`](crate::FlexClusters).

use atlas_backup_generated::types;

use super::Project;
use crate::{
    client::Client,
    entity::{Named, one},
    error::Result,
    ids::{ClusterName, IntoId, ProjectId},
    paging::{List, fetch},
    per_call::per_call,
};

/// A cluster as the service describes it.
pub type ClusterDocument = Named<ClusterName, types::ClusterDescription20240805>;

/// The dedicated clusters of a project.
#[derive(Debug, Clone)]
pub struct Clusters {
    project: Project,
}

per_call!(Clusters, project);

impl Project {
    /// The dedicated clusters.
    #[must_use]
    pub fn clusters(&self) -> Clusters {
        Clusters { project: self.clone() }
    }

    /// One dedicated cluster by its name. Nothing is asked yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the text is no cluster name.
    pub fn cluster(&self, name: impl IntoId<ClusterName>) -> Result<Cluster> {
        Ok(Cluster { project: self.clone(), name: name.into_id()? })
    }
}

impl Clusters {
    /// Lists them (`listGroupClusters`).
    pub fn list(&self) -> List<ClusterDocument> {
        let project = self.project.clone();
        List::new(move |q| {
            let project = project.clone();
            async move {
                let bindings = project.client().bindings();
                let id = project.id().as_str();
                fetch(bindings.list_group_clusters(id, q.include_count, None, q.items_per_page, q.page_num)).await
            }
        })
    }

    /// Describes one (`getGroupCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this name;
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when it is a flex cluster; otherwise as every call.
    pub async fn get(&self, name: impl IntoId<ClusterName>) -> Result<ClusterDocument> {
        self.project.cluster(name)?.get().await
    }
}

/// One dedicated cluster: the way to its backups.
#[derive(Debug, Clone)]
pub struct Cluster {
    project: Project,
    name: ClusterName,
}

per_call!(Cluster, project);

impl Cluster {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ClusterName {
        &self.name
    }

    /// The id of its project.
    #[must_use]
    pub fn project_id(&self) -> &ProjectId {
        self.project.id()
    }

    /// The client that this handle calls through.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.project.client()
    }

    /// Describes it (`getGroupCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this name;
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when it is a flex cluster; otherwise as every call.
    pub async fn get(&self) -> Result<ClusterDocument> {
        one(self.client().bindings().get_group_cluster(self.project_id().as_str(), self.name.as_str())).await
    }
}
