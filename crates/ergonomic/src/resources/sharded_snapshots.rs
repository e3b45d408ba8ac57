//! Snapshots of sharded clusters, which have a member per shard and separate operations: list, get, take, wait, delete.
//! Taking one is retried only if it was certainly not executed.

use atlas_backup_generated::types::DiskBackupShardedClusterSnapshot;
use atlas_backup_runtime::Pending;

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        document::Acknowledged,
        documents::ShardedSnapshot,
        error::Result,
        ids::{IntoId, SnapshotId},
    },
    resources::{
        clusters::Cluster,
        retention::Retention,
        snapshots::{convert_entity, take},
    },
};

/// The snapshots of a sharded cluster.
#[derive(Debug, Clone)]
pub struct ShardedSnapshots {
    cluster: Cluster,
}

call_options!(ShardedSnapshots, cluster);

impl Cluster {
    /// The snapshots of the cluster, if it is sharded.
    #[must_use]
    pub fn sharded_snapshots(&self) -> ShardedSnapshots {
        ShardedSnapshots { cluster: self.clone() }
    }
}

impl ShardedSnapshots {
    /// Lists them (`listGroupClusterBackupSnapshotShardedClusters`). The service returns all on one page.
    #[doc(alias(
        "listGroupClusterBackupSnapshotShardedClusters",
        "listBackupShardedClusters",
        "returnAllShardedClusterCloudBackups",
        "listShardedClusterBackups"
    ))]
    pub fn list(&self) -> List<ShardedSnapshot> {
        List::over(&self.cluster, |cluster, _| {
            let (api, project, name) = cluster.parts();
            api.list_group_cluster_backup_snapshot_sharded_clusters(project, name)
        })
    }

    /// Gets one (`getGroupClusterBackupSnapshotShardedCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "getGroupClusterBackupSnapshotShardedCluster",
        "getBackupShardedCluster",
        "returnOneShardedClusterCloudBackup",
        "getShardedClusterBackup"
    ))]
    pub async fn get(&self, id: impl IntoId<SnapshotId>) -> Result<ShardedSnapshot> {
        fetch_document(ask(&self.cluster, &id.into_id()?)).await
    }

    /// Takes one now, as [`Snapshots::take`](crate::Snapshots::take) does (`takeGroupClusterBackupSnapshots`).
    ///
    /// # Errors
    /// As [`Snapshots::take`](crate::Snapshots::take).
    pub async fn take(&self, description: impl Into<String>, retention: Retention) -> Result<ShardedSnapshot> {
        convert_entity(take(&self.cluster, description.into(), retention).await?)
    }

    /// Deletes one on all shards permanently (`deleteGroupClusterBackupSnapshotShardedCluster`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias(
        "deleteGroupClusterBackupSnapshotShardedCluster",
        "deleteBackupShardedCluster",
        "removeOneShardedClusterCloudBackup",
        "deleteShardedClusterBackup"
    ))]
    pub async fn delete(&self, id: impl IntoId<SnapshotId>) -> Result<Acknowledged> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        fetch_document(api.delete_group_cluster_backup_snapshot_sharded_cluster(project, name, id.as_str())).await
    }

    /// Waits until one has completed on all shards. A failed one is [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    pub fn wait(&self, id: impl IntoId<SnapshotId>) -> Wait<ShardedSnapshot> {
        Wait::over(&self.cluster, id.into_id(), ask)
    }
}

fn ask<'a>(cluster: &'a Cluster, id: &SnapshotId) -> Pending<'a, DiskBackupShardedClusterSnapshot> {
    let (api, project, name) = cluster.parts();
    api.get_group_cluster_backup_snapshot_sharded_cluster(project, name, id.as_str())
}
