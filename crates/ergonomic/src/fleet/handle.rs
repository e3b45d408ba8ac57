//! Everything of one sort, of all clusters of all projects, as one stream.
//!
//! Items that cannot be read are reported in place and the rest continues. The number of concurrent requests and of
//! buffered pages is limited. If the caller stops reading, the fleet stops. Dropping the stream cancels all requests.

use std::{fmt, num::NonZeroU32, sync::Arc};

use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::{
    call::client::Client,
    fleet::{
        items::{FleetError, FleetItem, FleetStream},
        walk::{self, Batches, Location},
    },
    model::{
        documents::{CompliancePolicyDocument, Export, ProjectDocument, ScheduleDocument},
        error::{Error, Result},
        error_kind::ErrorKind,
        ids::ProjectId,
        kinds::{AnyCluster, AnySnapshot, ClusterKind},
    },
    resources::{any_cluster::AnyClusterHandle, projects::Project},
};

/// Default number of concurrent requests.
const CONCURRENCY: usize = 16;

type ProjectFilter = Arc<dyn Fn(&ProjectDocument) -> bool + Send + Sync>;

impl Client {
    /// All clusters of all projects that the credentials can read.
    pub fn fleet(&self) -> Fleet {
        Fleet { client: self.clone(), concurrency: CONCURRENCY, only: None, wanted: None, part: None }
    }
}

/// All clusters of all projects, or of selected projects. Select the projects, then take a stream.
///
/// The order of clusters is not defined, and items of different clusters may be interleaved. Items of one cluster keep
/// the order of the service's list. Clusters without backups (free ones) are skipped.
///
/// ```no_run
/// # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
/// let mut snapshots = atlas.fleet().concurrency(32).snapshots();
/// while let Some(next) = snapshots.next().await {
///     match next {
///         Ok(snapshot) => println!("{} {:?} {}", snapshot.project, snapshot.cluster, snapshot.item.id()),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a fleet sends nothing until a stream is taken and read"]
pub struct Fleet {
    pub(super) client: Client,
    pub(super) concurrency: usize,
    pub(super) only: Option<Vec<ProjectId>>,
    pub(super) wanted: Option<ProjectFilter>,
    pub(super) part: Option<(u32, NonZeroU32)>,
}

impl Fleet {
    /// Number of concurrent requests. Default: 16. 0 counts as 1.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Only these projects, without listing all projects first.
    pub fn projects(mut self, ids: impl IntoIterator<Item = ProjectId>) -> Self {
        self.only = Some(ids.into_iter().collect());
        self
    }

    /// Only projects for which `wanted` returns true, for example those of one organization. It is called for listed
    /// projects, not for [named](Self::projects) ones.
    pub fn filter(mut self, wanted: impl Fn(&ProjectDocument) -> bool + Send + Sync + 'static) -> Self {
        self.wanted = Some(Arc::new(wanted));
        self
    }

    /// Only the `part`-th of `parts` parts, counted from 0, so that several processes share the work: each project is in
    /// exactly one. Which one depends on nothing but its id (the first eight bytes of the id's SHA-256, as a big-endian
    /// number, modulo `parts`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the part does not exist.
    pub fn shard(mut self, part: u32, parts: u32) -> Result<Self> {
        let refuse =
            || Error::new(ErrorKind::InvalidInput, format!("invalid part {part} of {parts}: parts are counted from 0"));
        self.part = Some((part, NonZeroU32::new(parts).filter(|parts| part < parts.get()).ok_or_else(refuse)?));
        Ok(self)
    }

    /// The clusters, dedicated and flex, free ones included.
    pub fn clusters(self) -> FleetStream<AnyCluster> {
        let permits = self.permits();
        let listing = permits.clone();
        self.of_projects(permits, move |project| walk::clusters(project, &listing)).into()
    }

    /// The snapshots of all clusters, dedicated, sharded and flex.
    pub fn snapshots(self) -> FleetStream<AnySnapshot> {
        self.of_clusters(|cluster, _, at, permits| walk::list_items(cluster.snapshots(), permits, at))
    }

    /// The export jobs of all dedicated clusters.
    pub fn exports(self) -> FleetStream<Export> {
        self.of_clusters(|cluster, kind, at, permits| match kind.is_dedicated() {
            true => walk::list_items(cluster.dedicated().exports().list(), permits, at),
            false => stream::empty().boxed(),
        })
    }

    /// The backup schedules of all dedicated clusters. Flex clusters have no schedule.
    pub fn schedules(self) -> FleetStream<ScheduleDocument> {
        self.of_clusters(|cluster, kind, at, permits| match kind.is_dedicated() {
            true => {
                let schedule = cluster.dedicated().schedule();
                walk::single(permits, at, async move { schedule.get().await.map(Some) })
            }
            false => stream::empty().boxed(),
        })
    }

    /// The compliance policies of the projects that have one.
    pub fn compliance_policies(self) -> FleetStream<CompliancePolicyDocument> {
        let permits = self.permits();
        let getting = permits.clone();
        let policies = self.of_projects(permits, move |project| {
            let (at, policy) = ((project.id().clone(), None), project.compliance_policy());
            // The response for a project without a policy is empty.
            let get = async move { policy.get().await.map(|policy| Some(policy).filter(|p| p.state.is_some())) };
            walk::single(&getting, at, get)
        });
        policies.into()
    }

    fn permits(&self) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(self.concurrency.min(Semaphore::MAX_PERMITS)))
    }

    /// The results of `things` for each project.
    fn of_projects<T: Send + 'static>(
        self,
        permits: Arc<Semaphore>,
        things: impl Fn(Project) -> Batches<T> + Send + 'static,
    ) -> Batches<T> {
        let concurrency = self.concurrency;
        let each = move |project| match project {
            Ok(project) => things(project),
            Err(error) => stream::iter([vec![Err(error)]]).boxed(),
        };
        walk::projects(self, &permits).flat_map_unordered(concurrency, each).boxed()
    }

    /// The results of `things` for each cluster that can have backups.
    fn of_clusters<T: Send + 'static>(
        self,
        things: impl Fn(AnyClusterHandle, ClusterKind, Location, &Arc<Semaphore>) -> Batches<T> + Send + 'static,
    ) -> FleetStream<T> {
        let (concurrency, permits, client) = (self.concurrency, self.permits(), self.client.clone());
        let listing = permits.clone();
        let clusters = self.of_projects(permits.clone(), move |project| walk::clusters(project, &listing));
        let each = move |cluster: Result<FleetItem<AnyCluster>, FleetError>| {
            let FleetItem { project, cluster: name, item } = match cluster {
                Ok(cluster) => cluster,
                Err(error) => return stream::iter([vec![Err(error)]]).boxed(),
            };
            if !item.can_have_backups() {
                return stream::empty().boxed();
            }
            let kind = item.kind();
            match client.project(&project).and_then(|project| project.cluster_of_kind(item.name(), kind)) {
                Ok(cluster) => things(cluster, kind, (project, name), &permits),
                Err(error) => stream::iter([vec![Err(error.into())]]).boxed(),
            }
        };
        clusters.flat_map(stream::iter).flat_map_unordered(concurrency, each).boxed().into()
    }

    /// Whether a project is in the selected part.
    pub(super) fn has(&self, id: &ProjectId) -> bool {
        let Some((part, parts)) = self.part else { return true };
        let hash = Sha256::digest(id.as_str());
        let number = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(parts.get()) == u64::from(part)
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet")
            .field("concurrency", &self.concurrency)
            .field("projects", &self.only)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
