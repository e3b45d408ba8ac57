//! Snapshots of sharded clusters, which have a member for each shard and operations of their own.

use atlas_backup_generated::types::DiskBackupShardedClusterSnapshot;

use super::{Cluster, snapshots::judge};
use crate::{
    entity::{Entity, one},
    error::Result,
    ids::{IntoId, SnapshotId},
    paging::{List, fetch},
    per_call::per_call,
    wait::Wait,
};

/// A snapshot of a sharded cluster.
pub type ShardedSnapshot = Entity<SnapshotId, DiskBackupShardedClusterSnapshot>;

/// The snapshots of a sharded cluster.
#[derive(Debug, Clone)]
pub struct ShardedSnapshots {
    cluster: Cluster,
}

per_call!(ShardedSnapshots, cluster);

impl Cluster {
    /// The snapshots of the cluster, if it is sharded.
    #[must_use]
    pub fn sharded_snapshots(&self) -> ShardedSnapshots {
        ShardedSnapshots { cluster: self.clone() }
    }
}

impl ShardedSnapshots {
    /// Lists them (`listGroupClusterBackupSnapshotShardedClusters`). The service answers them all at once.
    pub fn list(&self) -> List<ShardedSnapshot> {
        let cluster = self.cluster.clone();
        List::new(move |_| {
            let cluster = cluster.clone();
            async move {
                let bindings = cluster.client().bindings();
                let (project, name) = (cluster.project_id().as_str(), cluster.name().as_str());
                fetch(bindings.list_group_cluster_backup_snapshot_sharded_clusters(project, name)).await
            }
        })
    }

    /// Gets one (`getGroupClusterBackupSnapshotShardedCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id; otherwise as every call.
    pub async fn get(&self, id: impl IntoId<SnapshotId>) -> Result<ShardedSnapshot> {
        self.fetch(id.into_id()?).await
    }

    /// Waits until one has completed on all shards. A failed one is [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    pub fn wait(&self, id: impl IntoId<SnapshotId>) -> Wait<ShardedSnapshot> {
        let snapshots = self.clone();
        let fetch = move |id| {
            let snapshots = snapshots.clone();
            async move { snapshots.fetch(id).await }
        };
        Wait::by_id(id.into_id(), fetch, |snapshot: &ShardedSnapshot| judge(snapshot.status.as_ref()))
    }

    async fn fetch(&self, id: SnapshotId) -> Result<ShardedSnapshot> {
        one(self.cluster.client().bindings().get_group_cluster_backup_snapshot_sharded_cluster(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            id.as_str(),
        ))
        .await
    }
}
