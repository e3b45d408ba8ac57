//! Flex clusters and their snapshots, which Atlas takes once a day by itself. Shared-tier clusters and serverless
//! instances have become flex clusters.

use atlas_backup_generated::types;

use super::Project;
use crate::{
    client::Client,
    entity::{Entity, Named, one},
    error::Result,
    ids::{ClusterName, IntoId, ProjectId, SnapshotId},
    paging::{List, fetch},
    per_call::per_call,
};

/// A flex cluster as the service describes it.
pub type FlexClusterDocument = Named<ClusterName, types::FlexClusterDescription20241113>;
/// A snapshot of a flex cluster.
pub type FlexSnapshot = Entity<SnapshotId, types::FlexBackupSnapshot20241113>;

/// The flex clusters of a project.
#[derive(Debug, Clone)]
pub struct FlexClusters {
    project: Project,
}

per_call!(FlexClusters, project);

impl Project {
    /// The flex clusters.
    #[must_use]
    pub fn flex_clusters(&self) -> FlexClusters {
        FlexClusters { project: self.clone() }
    }

    /// One flex cluster by its name. Nothing is asked yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the text is no cluster name.
    pub fn flex_cluster(&self, name: impl IntoId<ClusterName>) -> Result<FlexCluster> {
        Ok(FlexCluster { project: self.clone(), name: name.into_id()? })
    }
}

impl FlexClusters {
    /// Lists them (`listGroupFlexClusters`).
    pub fn list(&self) -> List<FlexClusterDocument> {
        let project = self.project.clone();
        List::new(move |q| {
            let project = project.clone();
            async move {
                let bindings = project.client().bindings();
                let id = project.id().as_str();
                fetch(bindings.list_group_flex_clusters(id, q.include_count, q.items_per_page, q.page_num)).await
            }
        })
    }

    /// Describes one (`getGroupFlexCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this name;
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when it is not flex; otherwise as every call.
    pub async fn get(&self, name: impl IntoId<ClusterName>) -> Result<FlexClusterDocument> {
        self.project.flex_cluster(name)?.get().await
    }
}

/// One flex cluster: the way to its backups.
#[derive(Debug, Clone)]
pub struct FlexCluster {
    project: Project,
    name: ClusterName,
}

per_call!(FlexCluster, project);

impl FlexCluster {
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

    /// Describes it (`getGroupFlexCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this name;
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when it is not flex; otherwise as every call.
    pub async fn get(&self) -> Result<FlexClusterDocument> {
        one(self.client().bindings().get_group_flex_cluster(self.project_id().as_str(), self.name.as_str())).await
    }

    /// The snapshots.
    #[must_use]
    pub fn snapshots(&self) -> FlexSnapshots {
        FlexSnapshots { cluster: self.clone() }
    }
}

/// The snapshots of a flex cluster.
#[derive(Debug, Clone)]
pub struct FlexSnapshots {
    cluster: FlexCluster,
}

per_call!(FlexSnapshots, cluster);

impl FlexSnapshots {
    /// Lists them (`listGroupFlexClusterBackupSnapshots`).
    pub fn list(&self) -> List<FlexSnapshot> {
        let cluster = self.cluster.clone();
        List::new(move |q| {
            let cluster = cluster.clone();
            async move {
                let bindings = cluster.client().bindings();
                fetch(bindings.list_group_flex_cluster_backup_snapshots(
                    cluster.project_id().as_str(),
                    cluster.name().as_str(),
                    q.include_count,
                    q.items_per_page,
                    q.page_num,
                ))
                .await
            }
        })
    }

    /// Gets one (`getGroupFlexClusterBackupSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id; otherwise as every call.
    pub async fn get(&self, id: impl IntoId<SnapshotId>) -> Result<FlexSnapshot> {
        let id = id.into_id()?;
        one(self.cluster.client().bindings().get_group_flex_cluster_backup_snapshot(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            id.as_str(),
        ))
        .await
    }
}
