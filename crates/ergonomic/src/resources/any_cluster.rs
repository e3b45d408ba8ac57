//! A cluster of any kind by its name: the operations common to replica sets, sharded clusters and flex clusters.
//!
//! The kind is determined once, from responses. Operations for replica sets are tried first, because most clusters are
//! replica sets. The cluster is requested only if a response leaves the kind open.

use std::sync::{Arc, OnceLock};

use crate::{
    call::{
        options::call_options,
        paging::{FetchedPage, List, PageQuery},
        wait::{Itself, Wait},
    },
    model::{
        document::Acknowledged,
        error::{Error, Result},
        error_code::ErrorCode,
        error_kind::ErrorKind,
        ids::{ClusterName, IntoId, RestoreJobId, SnapshotId},
        kinds::{AnyCluster, AnyRestore, AnySnapshot, ClusterKind},
    },
    resources::{clusters::Cluster, flex::FlexCluster, projects::Project, retention::Retention, snapshots::take},
};

/// A cluster of any kind, identified by its name.
///
/// ```no_run
/// # async fn example(project: atlas_backup::Project) -> atlas_backup::Result<()> {
/// let cluster = project.any_cluster("Cluster0")?;
/// let mut snapshots = cluster.snapshots().items();
/// while let Some(snapshot) = snapshots.try_next().await? {
///     println!("{} {:?} {:?}", snapshot.id(), snapshot.state(), snapshot.expires_at());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AnyClusterHandle {
    project: Project,
    name: ClusterName,
    /// Set by the first response that determines it. Clones share it.
    kind: Arc<OnceLock<ClusterKind>>,
}

call_options!(AnyClusterHandle, project, "clusterName": name);

impl Project {
    /// One cluster by its name, whatever its kind. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the text is not a valid cluster name.
    pub fn any_cluster(&self, name: impl IntoId<ClusterName>) -> Result<AnyClusterHandle> {
        Ok(AnyClusterHandle { project: self.clone(), name: name.into_id()?, kind: Arc::default() })
    }

    /// The same for a cluster of a known kind, which saves requests.
    ///
    /// # Errors
    /// As [`any_cluster`](Self::any_cluster).
    pub fn cluster_of_kind(&self, name: impl IntoId<ClusterName>, kind: ClusterKind) -> Result<AnyClusterHandle> {
        let cluster = self.any_cluster(name)?;
        Ok(AnyClusterHandle { kind: Arc::new(kind.into()), ..cluster })
    }
}

impl Cluster {
    /// The same cluster as a handle for any kind.
    #[must_use]
    pub fn of_any_kind(&self) -> AnyClusterHandle {
        AnyClusterHandle { project: self.project().clone(), name: self.name().clone(), kind: Arc::default() }
    }
}

/// The kind of the cluster that a snapshot is of. The operations for replica sets serve sharded clusters as well, in a
/// shape that leaves the shards out.
fn kind_of_cluster(snapshot: &AnySnapshot) -> ClusterKind {
    match snapshot.cluster_type() {
        Some("shardedCluster") => ClusterKind::Sharded,
        _ => snapshot.kind(),
    }
}

impl AnyClusterHandle {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &ClusterName {
        &self.name
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The handle for the operations of dedicated clusters.
    #[must_use]
    pub fn dedicated(&self) -> Cluster {
        Cluster::new(&self.project, &self.name)
    }

    /// The handle for the operations of flex clusters.
    #[must_use]
    pub fn flex(&self) -> FlexCluster {
        FlexCluster::new(&self.project, &self.name)
    }

    /// The kind of the cluster. Requests the cluster unless an earlier response determined it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if no object has this name; otherwise as every call.
    pub async fn kind(&self) -> Result<ClusterKind> {
        if let Some(kind) = self.kind.get() {
            return Ok(*kind);
        }
        let kind = match self.dedicated().get().await {
            Ok(document) => ClusterKind::of(&document),
            Err(error) if error.is_about_flex() => ClusterKind::Flex,
            Err(error) => return Err(error),
        };
        Ok(self.set_kind(kind))
    }

    fn set_kind(&self, kind: ClusterKind) -> ClusterKind {
        *self.kind.get_or_init(|| kind)
    }

    /// The kind, after the operation for replica sets has returned `error`. Returns that error if the cluster is a
    /// replica set, or if the error does not determine the kind.
    async fn kind_after_error(&self, error: Error) -> Result<ClusterKind> {
        let kind = match error.kind() {
            _ if error.is_about_flex() => self.set_kind(ClusterKind::Flex),
            _ if error.code() == Some(&ErrorCode::ClusterNotFound) => return Err(error),
            // Operations for replica sets return 400 for clusters of another kind.
            ErrorKind::BadRequest | ErrorKind::NotFound => self.kind().await?,
            _ => return Err(error),
        };
        if kind == ClusterKind::ReplicaSet { Err(error) } else { Ok(kind) }
    }

    /// Describes the cluster (`getGroupCluster`, or `getGroupFlexCluster` for a flex one).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if no object has this name; otherwise as every call.
    pub async fn get(&self) -> Result<AnyCluster> {
        if self.kind.get() != Some(&ClusterKind::Flex) {
            match self.dedicated().get().await {
                Ok(document) => {
                    self.set_kind(ClusterKind::of(&document));
                    return Ok(document.into());
                }
                Err(error) if error.is_about_flex() => self.set_kind(ClusterKind::Flex),
                Err(error) => return Err(error),
            };
        }
        self.flex().get().await.map(Into::into)
    }

    /// Waits until the cluster is `IDLE`, as [`Cluster::wait`] does.
    pub fn wait(&self) -> Wait<AnyCluster> {
        let ask = |cluster: Self, _| async move { cluster.get().await };
        Wait::with(self, Ok(Itself), "getGroupCluster", ask, AnyCluster::state)
    }

    /// The snapshots.
    pub fn snapshots(&self) -> List<AnySnapshot> {
        self.list_with(
            |cluster: Self, query| async move {
                match cluster.kind.get() {
                    Some(ClusterKind::Sharded) => cluster.dedicated().sharded_snapshots().list().fetch_as(query).await,
                    Some(ClusterKind::Flex) => cluster.flex().snapshots().list().fetch_as(query).await,
                    _ => cluster.dedicated().snapshots().list().fetch_as(query).await,
                }
            },
            Some(kind_of_cluster),
        )
    }

    /// The restore jobs that use the backups of this cluster.
    pub fn restores(&self) -> List<AnyRestore> {
        self.list_with(
            |cluster: Self, query| async move {
                match cluster.kind.get() {
                    Some(ClusterKind::Flex) => cluster.flex().restores().list().fetch_as(query).await,
                    _ => cluster.dedicated().restores().list().fetch_as(query).await,
                }
            },
            None,
        )
    }

    /// A list whose pages `fetch` gets by the kind that is known so far. If the first response shows another kind, `fetch`
    /// gets the page again. `kind_of` is for operations that also succeed for another kind: it returns the kind of an item,
    /// and for an empty list the cluster's kind is requested.
    fn list_with<E, F, Fut>(&self, fetch: F, kind_of: Option<fn(&E) -> ClusterKind>) -> List<E>
    where
        E: Send + 'static,
        F: Fn(Self, PageQuery) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<FetchedPage<E>>> + Send,
    {
        let cluster = self.clone();
        List::new(move |query| {
            let (cluster, fetch) = (cluster.clone(), fetch.clone());
            async move {
                let page = fetch(cluster.clone(), query).await;
                if cluster.kind.get().is_some() {
                    return page;
                }
                let kind = match (page, kind_of) {
                    (Ok(page), None) => return Ok(page),
                    (Ok(page), Some(kind_of)) => {
                        let kind = match page.first() {
                            Some(item) => cluster.set_kind(kind_of(item)),
                            None => cluster.kind().await?,
                        };
                        if kind == ClusterKind::ReplicaSet {
                            return Ok(page);
                        }
                        kind
                    }
                    (Err(error), _) => cluster.kind_after_error(error).await?,
                };
                cluster.set_kind(kind);
                fetch(cluster, query).await
            }
        })
    }

    /// Gets one snapshot.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if no object has this ID; otherwise as every call.
    pub async fn snapshot(&self, id: impl IntoId<SnapshotId>) -> Result<AnySnapshot> {
        let id = id.into_id()?;
        let kind = match self.kind.get() {
            Some(ClusterKind::ReplicaSet) | None => match self.dedicated().snapshots().get(&id).await {
                Ok(snapshot) => {
                    let snapshot = AnySnapshot::from(snapshot);
                    match self.set_kind(kind_of_cluster(&snapshot)) {
                        ClusterKind::ReplicaSet => return Ok(snapshot),
                        kind => kind,
                    }
                }
                Err(error) => self.kind_after_error(error).await?,
            },
            Some(kind) => *kind,
        };
        match kind {
            ClusterKind::Flex => self.flex().snapshots().get(&id).await.map(Into::into),
            _ => self.dedicated().sharded_snapshots().get(&id).await.map(Into::into),
        }
    }

    /// Takes a snapshot as [`Snapshots::take`](crate::Snapshots::take) does (`takeGroupClusterBackupSnapshots`); then
    /// [`wait_snapshot`](Self::wait_snapshot).
    ///
    /// # Errors
    /// As [`Snapshots::take`](crate::Snapshots::take); [`ErrorKind::BadRequest`] for a flex cluster, of which no
    /// snapshot can be taken by hand.
    pub async fn take_snapshot(&self, description: impl Into<String>, retention: Retention) -> Result<AnySnapshot> {
        let taken: AnySnapshot = take(&self.dedicated(), description.into(), retention).await?;
        self.set_kind(taken.kind());
        Ok(taken)
    }

    /// Waits until a snapshot has completed. A failed one is [`ErrorKind::Failed`].
    pub fn wait_snapshot(&self, id: impl IntoId<SnapshotId>) -> Wait<AnySnapshot> {
        let ask = |cluster: Self, id: SnapshotId| async move { cluster.snapshot(&id).await };
        Wait::with(self, id.into_id(), "getGroupClusterBackupSnapshot", ask, AnySnapshot::state)
    }

    /// Deletes a snapshot of a dedicated cluster permanently.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a flex cluster, whose snapshots cannot be deleted; [`ErrorKind::NotFound`] when
    /// there is none of this id; otherwise as every call.
    pub async fn delete_snapshot(&self, id: impl IntoId<SnapshotId>) -> Result<Acknowledged> {
        match self.kind().await? {
            ClusterKind::ReplicaSet => self.dedicated().snapshots().delete(id).await,
            ClusterKind::Sharded => self.dedicated().sharded_snapshots().delete(id).await,
            ClusterKind::Flex => {
                let message = format!("{} is a flex cluster; its snapshots cannot be deleted", self.name);
                Err(Error::new(ErrorKind::InvalidInput, message))
            }
        }
    }

    /// Gets one restore job.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if no object has this ID; otherwise as every call.
    pub async fn restore(&self, id: impl IntoId<RestoreJobId>) -> Result<AnyRestore> {
        let id = id.into_id()?;
        if self.kind.get() != Some(&ClusterKind::Flex) {
            match self.dedicated().restores().get(&id).await {
                Err(error) if error.is_about_flex() => self.set_kind(ClusterKind::Flex),
                job => return job.map(Into::into),
            };
        }
        self.flex().restores().get(&id).await.map(Into::into)
    }

    /// Waits until a restore job has finished, or until a download can be fetched. One that failed, was cancelled or has
    /// expired is [`ErrorKind::Failed`].
    pub fn wait_restore(&self, id: impl IntoId<RestoreJobId>) -> Wait<AnyRestore> {
        let ask = |cluster: Self, id: RestoreJobId| async move { cluster.restore(&id).await };
        Wait::with(self, id.into_id(), "getGroupClusterBackupRestoreJob", ask, AnyRestore::state)
    }
}

impl Error {
    /// Whether the call failed because the cluster is a flex cluster, which has separate operations.
    #[must_use]
    pub fn is_about_flex(&self) -> bool {
        self.code() == Some(&ErrorCode::CannotUseFlexClusterInClusterApi)
    }
}
