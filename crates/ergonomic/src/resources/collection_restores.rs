//! Jobs that restore single databases and collections into a running cluster: list, get, create, wait, and the progress
//! of each collection.
//!
//! A job goes from `INITIALIZING` through `IN_PROGRESS` and `FINALIZING` to `SUCCESSFUL`, `FAILED` or `CANCELED`. A
//! creation is retried only if it was certainly not executed, and the target is always named.

use atlas_backup_generated::queries::ListGroupClusterCollectionRestoreJobCollectionsQuery;
use atlas_backup_generated::types::{
    self, CollectionRestoreJobRequest, IndexStrategy, ListGroupClusterCollectionRestoreJobCollectionsState,
    RestoreNamespace, WriteStrategy,
};
use atlas_backup_runtime::Pending;

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        documents::{CollectionRestoreJob, RestoredCollection},
        error::Result,
        ids::{CollectionRestoreJobId, DatabaseName, IntoId, Namespace, SnapshotId},
    },
    resources::{
        clusters::Cluster,
        restores::{Moment, PointInTime},
    },
};

/// The collection restore jobs of a dedicated cluster, which is the source of the backups.
#[derive(Debug, Clone)]
pub struct CollectionRestores {
    cluster: Cluster,
}

call_options!(CollectionRestores, cluster);

impl Cluster {
    /// The jobs that restore databases and collections from this cluster's backups.
    #[must_use]
    pub fn collection_restores(&self) -> CollectionRestores {
        CollectionRestores { cluster: self.clone() }
    }
}

/// The source and the target of a collection restore.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCollectionRestore(CollectionRestoreJobRequest);

impl NewCollectionRestore {
    /// From a snapshot into `target`, with all indexes. Existing data of the same name is kept and the restored data
    /// gets a new name, unless [overwriting](Self::overwriting) is set.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid snapshot id.
    pub fn from_snapshot(snapshot: impl IntoId<SnapshotId>, target: &Cluster) -> Result<Self> {
        Ok(NewCollectionRestore(into(target).with_snapshot_id(snapshot.into_id()?)))
    }

    /// From a point in time within the restore window into `target`; otherwise as
    /// [`from_snapshot`](Self::from_snapshot).
    #[must_use]
    pub fn at(moment: impl Into<PointInTime>, target: &Cluster) -> Self {
        NewCollectionRestore(match moment.into().0 {
            Moment::Time(seconds) => into(target).with_point_in_time_utc_seconds(seconds),
            Moment::Oplog { seconds, increment } => into(target).with_oplog_ts(seconds).with_oplog_inc(increment),
        })
    }

    /// A whole database; at most 100 of them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid database name.
    pub fn database(self, name: impl IntoId<DatabaseName>) -> Result<Self> {
        Ok(self.with_database(RestoreNamespace::new(name.into_id()?)))
    }

    /// A whole database, restored under another name.
    ///
    /// # Errors
    /// As [`database`](Self::database).
    pub fn database_as(self, name: impl IntoId<DatabaseName>, to: impl IntoId<DatabaseName>) -> Result<Self> {
        Ok(self.with_database(RestoreNamespace::new(name.into_id()?).with_target_namespace(to.into_id()?)))
    }

    /// A collection, as `database.collection`; at most 100 of them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text has another form.
    pub fn collection(self, namespace: impl IntoId<Namespace>) -> Result<Self> {
        Ok(self.with_collection(RestoreNamespace::new(namespace.into_id()?)))
    }

    /// A collection, restored under another name or into another database.
    ///
    /// # Errors
    /// As [`collection`](Self::collection).
    pub fn collection_as(self, namespace: impl IntoId<Namespace>, to: impl IntoId<Namespace>) -> Result<Self> {
        let to = to.into_id()?;
        Ok(self.with_collection(RestoreNamespace::new(namespace.into_id()?).with_target_namespace(to)))
    }

    /// **Replaces existing data of the same name**. Writes to it during the restore are lost.
    #[must_use]
    pub fn overwriting(mut self) -> Self {
        self.0.write_strategy = WriteStrategy::OverwriteExisting;
        self
    }

    /// Sets the indexes to rebuild. The default is all.
    #[must_use]
    pub fn indexes(mut self, strategy: IndexStrategy) -> Self {
        self.0.index_strategy = strategy;
        self
    }

    fn with_database(mut self, database: RestoreNamespace) -> Self {
        self.0.databases.get_or_insert_default().push(database);
        self
    }

    fn with_collection(mut self, collection: RestoreNamespace) -> Self {
        self.0.collections.get_or_insert_default().push(collection);
        self
    }
}

/// For other settings, such as suffixes for the restored names.
impl From<CollectionRestoreJobRequest> for NewCollectionRestore {
    fn from(document: CollectionRestoreJobRequest) -> Self {
        NewCollectionRestore(document)
    }
}

fn into(target: &Cluster) -> CollectionRestoreJobRequest {
    let (name, project) = (target.name().as_str(), target.project_id().as_str());
    CollectionRestoreJobRequest::new(IndexStrategy::All, name, project, WriteStrategy::CreateNew)
}

impl CollectionRestores {
    /// Lists them (`listGroupClusterCollectionRestoreJobs`). The service doesn't count them.
    #[doc(alias("listGroupClusterCollectionRestoreJobs", "listCollectionRestoreJobs"))]
    pub fn list(&self) -> List<CollectionRestoreJob> {
        List::over(&self.cluster, |cluster, q| {
            let (api, project, name) = cluster.parts();
            api.list_group_cluster_collection_restore_jobs(project, name, &q.of())
        })
    }

    /// Gets one (`getGroupClusterCollectionRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("getGroupClusterCollectionRestoreJob", "getCollectionRestoreJob"))]
    pub async fn get(&self, id: impl IntoId<CollectionRestoreJobId>) -> Result<CollectionRestoreJob> {
        fetch_document(ask(&self.cluster, &id.into_id()?)).await
    }

    /// Starts one (`createGroupClusterCollectionRestoreJob`); then [`wait`](Self::wait).
    ///
    /// The request is retried only if it was certainly not executed. If the connection breaks midway there may be a job
    /// though the call failed: list to find out.
    ///
    /// ```no_run
    /// # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
    /// use atlas_backup::NewCollectionRestore;
    ///
    /// let wanted = NewCollectionRestore::from_snapshot("5f3e8e7d9b1c2a0012345678", &cluster)?
    ///     .collection_as("shop.orders", "shop.orders_of_yesterday")?;
    /// let job = cluster.collection_restores().create(wanted).await?;
    /// let done = cluster.collection_restores().wait(&job.id).await?;
    /// println!("{:?} documents", done.restored_documents);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when nothing was named;
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the snapshot or the target does not exist; otherwise as every call.
    #[doc(alias("createGroupClusterCollectionRestoreJob", "createCollectionRestoreJob"))]
    pub async fn create(&self, wanted: NewCollectionRestore) -> Result<CollectionRestoreJob> {
        let (api, project, name) = self.cluster.parts();
        fetch_document(api.create_group_cluster_collection_restore_job(project, name, &wanted.0)).await
    }

    /// Waits until one was successful. A failed or cancelled job is [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    /// Its `error_message` and the states of its [collections](Self::collections) have the reason.
    pub fn wait(&self, id: impl IntoId<CollectionRestoreJobId>) -> Wait<CollectionRestoreJob> {
        Wait::over(&self.cluster, id.into_id(), ask)
    }

    /// How far a job has come with each collection. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid id of a collection restore job.
    pub fn collections(&self, job: impl IntoId<CollectionRestoreJobId>) -> Result<RestoredCollections> {
        let (cluster, job) = (self.cluster.clone(), job.into_id()?);
        Ok(RestoredCollections { cluster, job, state: None, from: None, to: None })
    }
}

fn ask<'a>(cluster: &'a Cluster, id: &CollectionRestoreJobId) -> Pending<'a, types::CollectionRestoreJob> {
    let (api, project, name) = cluster.parts();
    api.get_group_cluster_collection_restore_job(project, name, id.as_str())
}

/// The collections that a job restores.
#[derive(Debug, Clone)]
pub struct RestoredCollections {
    cluster: Cluster,
    job: CollectionRestoreJobId,
    state: Option<ListGroupClusterCollectionRestoreJobCollectionsState>,
    from: Option<Namespace>,
    to: Option<Namespace>,
}

call_options!(RestoredCollections, cluster);

impl RestoredCollections {
    /// Only those in a state, such as `FAILED`.
    #[must_use]
    pub fn in_state(mut self, state: impl Into<ListGroupClusterCollectionRestoreJobCollectionsState>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Only the one with this source namespace.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid namespace.
    pub fn from_namespace(mut self, namespace: impl IntoId<Namespace>) -> Result<Self> {
        self.from = Some(namespace.into_id()?);
        Ok(self)
    }

    /// Only the one with this target namespace.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid namespace.
    pub fn to_namespace(mut self, namespace: impl IntoId<Namespace>) -> Result<Self> {
        self.to = Some(namespace.into_id()?);
        Ok(self)
    }

    /// Lists them (`listGroupClusterCollectionRestoreJobCollections`). There are none while the job is `INITIALIZING`.
    #[doc(alias("listGroupClusterCollectionRestoreJobCollections", "listRestoreJobCollections"))]
    pub fn list(&self) -> List<RestoredCollection> {
        List::over(self, |collections, q| {
            let (api, project, name) = collections.cluster.parts();
            let mut query: ListGroupClusterCollectionRestoreJobCollectionsQuery = q.of();
            query.source_namespace = collections.from.as_ref().map(ToString::to_string);
            query.state.clone_from(&collections.state);
            query.target_namespace = collections.to.as_ref().map(ToString::to_string);
            let job = collections.job.as_str();
            api.list_group_cluster_collection_restore_job_collections(project, name, job, &query)
        })
    }

    /// Gets one, by the namespace that it had in the backup (`getGroupClusterCollectionRestoreJobCollection`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the job restores none of this name; otherwise as every
    /// call.
    #[doc(alias("getGroupClusterCollectionRestoreJobCollection", "getRestoreJobCollection"))]
    pub async fn get(&self, namespace: impl IntoId<Namespace>) -> Result<RestoredCollection> {
        let (namespace, (api, project, name)) = (namespace.into_id()?, self.cluster.parts());
        let (job, namespace) = (self.job.as_str(), namespace.as_str());
        fetch_document(api.get_group_cluster_collection_restore_job_collection(project, name, job, namespace)).await
    }
}
