//! Export jobs: snapshots on their way to a bucket of the customer's own.

use atlas_backup_generated::types::DiskBackupExportJob;

use super::Cluster;
use crate::{
    entity::{Entity, one},
    error::Result,
    ids::{ExportId, IntoId},
    paging::{List, fetch},
};

/// An export job.
pub type Export = Entity<ExportId, DiskBackupExportJob>;

/// The export jobs of a dedicated cluster.
#[derive(Debug, Clone)]
pub struct Exports {
    cluster: Cluster,
}

impl Cluster {
    /// The export jobs.
    #[must_use]
    pub fn exports(&self) -> Exports {
        Exports { cluster: self.clone() }
    }
}

impl Exports {
    /// Lists them (`listGroupClusterBackupExports`).
    pub fn list(&self) -> List<Export> {
        let cluster = self.cluster.clone();
        List::new(move |q| {
            let cluster = cluster.clone();
            async move {
                let bindings = cluster.client().bindings();
                fetch(bindings.list_group_cluster_backup_exports(
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

    /// Gets one (`getGroupClusterBackupExport`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id; otherwise as every call.
    pub async fn get(&self, id: impl IntoId<ExportId>) -> Result<Export> {
        let id = id.into_id()?;
        one(self.cluster.client().bindings().get_group_cluster_backup_export(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            id.as_str(),
        ))
        .await
    }
}
