//! Contents of a snapshot of a dedicated cluster: its databases and their collections, by name. Use them for a
//! [collection restore](crate::CollectionRestores). No data is read.

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List},
    model::{
        documents::{SnapshotCollection, SnapshotDatabase},
        error::Result,
        ids::{CollectionName, DatabaseName, IntoId, SnapshotId},
    },
    resources::{clusters::Cluster, snapshots::Snapshots},
};

/// The databases in a snapshot.
#[derive(Debug, Clone)]
pub struct SnapshotDatabases {
    cluster: Cluster,
    snapshot: SnapshotId,
}

call_options!(SnapshotDatabases, cluster);

impl Snapshots {
    /// The databases in a snapshot. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid snapshot id.
    pub fn databases(&self, snapshot: impl IntoId<SnapshotId>) -> Result<SnapshotDatabases> {
        Ok(SnapshotDatabases { cluster: self.cluster().clone(), snapshot: snapshot.into_id()? })
    }
}

impl SnapshotDatabases {
    /// Lists them (`listGroupClusterBackupSnapshotDatabases`).
    #[doc(alias("listGroupClusterBackupSnapshotDatabases", "listBackupSnapshotDatabases"))]
    pub fn list(&self) -> List<SnapshotDatabase> {
        List::over(self, |databases, q| {
            let (api, project, name) = databases.cluster.parts();
            let snapshot = databases.snapshot.as_str();
            api.list_group_cluster_backup_snapshot_databases(project, name, snapshot, &q.of())
        })
    }

    /// Gets one (`getGroupClusterBackupSnapshotDatabase`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the snapshot has none of this name; otherwise as every
    /// call.
    #[doc(alias("getGroupClusterBackupSnapshotDatabase", "getBackupSnapshotDatabase"))]
    pub async fn get(&self, database: impl IntoId<DatabaseName>) -> Result<SnapshotDatabase> {
        let (database, (api, project, name)) = (database.into_id()?, self.cluster.parts());
        let snapshot = self.snapshot.as_str();
        fetch_document(api.get_group_cluster_backup_snapshot_database(project, name, snapshot, database.as_str())).await
    }

    /// The collections of a database. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid database name.
    pub fn collections(&self, database: impl IntoId<DatabaseName>) -> Result<SnapshotCollections> {
        Ok(SnapshotCollections { databases: self.clone(), database: database.into_id()? })
    }
}

/// The collections of a database in a snapshot.
#[derive(Debug, Clone)]
pub struct SnapshotCollections {
    databases: SnapshotDatabases,
    database: DatabaseName,
}

call_options!(SnapshotCollections, databases);

impl SnapshotCollections {
    /// Lists them (`listGroupClusterBackupSnapshotDatabaseCollections`).
    #[doc(alias("listGroupClusterBackupSnapshotDatabaseCollections", "listSnapshotDatabaseCollections"))]
    pub fn list(&self) -> List<SnapshotCollection> {
        List::over(self, |collections, q| {
            let (api, project, name) = collections.databases.cluster.parts();
            api.list_group_cluster_backup_snapshot_database_collections(
                project,
                name,
                collections.databases.snapshot.as_str(),
                collections.database.as_str(),
                &q.of(),
            )
        })
    }

    /// Gets one (`getGroupClusterBackupSnapshotDatabaseCollection`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the database has none of this name; otherwise as every
    /// call.
    #[doc(alias("getGroupClusterBackupSnapshotDatabaseCollection", "getSnapshotDatabaseCollection"))]
    pub async fn get(&self, collection: impl IntoId<CollectionName>) -> Result<SnapshotCollection> {
        let (collection, (api, project, name)) = (collection.into_id()?, self.databases.cluster.parts());
        fetch_document(api.get_group_cluster_backup_snapshot_database_collection(
            project,
            name,
            self.databases.snapshot.as_str(),
            self.database.as_str(),
            collection.as_str(),
        ))
        .await
    }
}
