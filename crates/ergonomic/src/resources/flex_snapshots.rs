//! Snapshots of flex clusters, which the service takes once per day: list, get, wait. They cannot be taken or deleted
//! by request.

use atlas_backup_generated::types::FlexBackupSnapshot;
use atlas_backup_runtime::Pending;

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        documents::FlexSnapshot,
        error::Result,
        ids::{IntoId, SnapshotId},
    },
    resources::flex::FlexCluster,
};

/// The snapshots of a flex cluster.
#[derive(Debug, Clone)]
pub struct FlexSnapshots {
    cluster: FlexCluster,
}

call_options!(FlexSnapshots, cluster);

impl FlexCluster {
    /// The snapshots.
    #[must_use]
    pub fn snapshots(&self) -> FlexSnapshots {
        FlexSnapshots { cluster: self.clone() }
    }
}

impl FlexSnapshots {
    /// Lists them (`listGroupFlexClusterBackupSnapshots`).
    #[doc(alias("listGroupFlexClusterBackupSnapshots", "listFlexBackupSnapshots", "listFlexBackups"))]
    pub fn list(&self) -> List<FlexSnapshot> {
        List::over(&self.cluster, |cluster, q| {
            let (api, project, name) = cluster.parts();
            api.list_group_flex_cluster_backup_snapshots(project, name, &q.of())
        })
    }

    /// Gets one (`getGroupFlexClusterBackupSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("getGroupFlexClusterBackupSnapshot", "getFlexBackupSnapshot", "getFlexBackup"))]
    pub async fn get(&self, id: impl IntoId<SnapshotId>) -> Result<FlexSnapshot> {
        fetch_document(ask(&self.cluster, &id.into_id()?)).await
    }

    /// Waits until a running one has completed. A failed snapshot is [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    pub fn wait(&self, id: impl IntoId<SnapshotId>) -> Wait<FlexSnapshot> {
        Wait::over(&self.cluster, id.into_id(), ask)
    }
}

fn ask<'a>(cluster: &'a FlexCluster, id: &SnapshotId) -> Pending<'a, FlexBackupSnapshot> {
    let (api, project, name) = cluster.parts();
    api.get_group_flex_cluster_backup_snapshot(project, name, id.as_str())
}
