//! The way through a fleet: its projects, their clusters, what these have; each step a stream of what one request
//! brought. A request is asked for when there is room for what it brings, and is under way with a permit in hand.

use std::{future::Future, sync::Arc};

use atlas_backup_generated::types::{CloudRegionConfig20240805, ClusterDescription20240805, ClusterType};
use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;

use super::{
    Fleet,
    found::{FleetCluster, Found, Missed},
};
use crate::{
    background::Background,
    entity::FromDocument,
    error::{Error, Result},
    ids::{ClusterName, ProjectId},
    paging::{List, Pages},
    resources::{Cluster, ClusterDocument, FlexCluster, FlexClusterDocument, Project},
};

/// What one request brought.
pub(super) type Batch<T> = Vec<Result<Found<T>, Missed>>;
pub(super) type Batches<T> = BoxStream<'static, Batch<T>>;
/// Where something is.
pub(super) type Place = (ProjectId, Option<ClusterName>);

/// A cluster that has backups.
pub(super) enum Member {
    Dedicated(Cluster),
    Sharded(Cluster),
    Flex(FlexCluster),
}

impl Member {
    pub(super) fn at(&self) -> Place {
        match self {
            Member::Dedicated(cluster) | Member::Sharded(cluster) => {
                (cluster.project_id().clone(), Some(cluster.name().clone()))
            }
            Member::Flex(cluster) => (cluster.project_id().clone(), Some(cluster.name().clone())),
        }
    }

    /// `None` for a cluster without backups, and for a flex one, which has a list of its own.
    fn dedicated(project: &Project, document: &ClusterDocument) -> Option<Self> {
        let cluster = (!is_shared(document)).then(|| project.cluster(document.name.clone()).ok())??;
        Some(match document.cluster_type {
            Some(ClusterType::Sharded | ClusterType::Geosharded) => Member::Sharded(cluster),
            _ => Member::Dedicated(cluster),
        })
    }
}

/// Whether a cluster's machine serves others too: free clusters and flex ones.
fn is_shared(document: &ClusterDescription20240805) -> bool {
    let specs = document.replication_specs.iter().flatten();
    let mut regions = specs.flat_map(|spec| spec.region_configs.iter().flatten());
    regions.any(|region| match region {
        CloudRegionConfig20240805::Tenant(_) => true,
        CloudRegionConfig20240805::Unknown(region) => {
            region.get("providerName").and_then(|name| name.as_str()) == Some("FLEX")
        }
        _ => false,
    })
}

pub(super) fn found<T>((project, cluster): &Place, item: T) -> Found<T> {
    Found { project: project.clone(), cluster: cluster.clone(), item }
}

fn missed((project, cluster): &Place, error: Error) -> Missed {
    Missed { project: Some(project.clone()), cluster: cluster.clone(), error }
}

/// The projects of a fleet.
pub(super) fn projects(fleet: Fleet, permits: &Arc<Semaphore>) -> BoxStream<'static, Result<Project, Missed>> {
    let client = fleet.client.clone();
    if let Some(only) = fleet.only.clone() {
        let chosen = only.into_iter().filter(move |id| fleet.has(id));
        return stream::iter(chosen).map(move |id| client.project(id).map_err(Missed::from)).boxed();
    }
    let pages = client.projects().list().within(permits.clone()).pages();
    let chosen = pages.flat_map(move |page| {
        let items = match page {
            Ok(page) => page.items,
            Err(error) => vec![Err(error)],
        };
        let wanted = |project: &_| fleet.wanted.as_ref().is_none_or(|wanted| wanted(project));
        let chosen = items.into_iter().filter_map(|item| match item {
            Ok(project) => (fleet.has(&project.id) && wanted(&project)).then(|| client.project(project.id)),
            Err(error) => Some(Err(error)),
        });
        stream::iter(chosen.map(|project| project.map_err(Missed::from)).collect::<Vec<_>>())
    });
    chosen.boxed()
}

/// What `make` makes of the clusters of a project.
pub(super) fn clusters<T: Send + 'static>(
    project: Project,
    permits: &Arc<Semaphore>,
    make: fn(FleetCluster, Option<Member>) -> Option<T>,
) -> Batches<T> {
    let walk = Clusters {
        dedicated: Some(project.clusters().list().within(permits.clone()).pages()),
        flex: Some(project.flex_clusters().list().within(permits.clone()).pages()),
        project,
    };
    stream::unfold(walk, move |mut walk| async move {
        let batch = walk.next(make).await?;
        Some((batch, walk))
    })
    .boxed()
}

/// The clusters of a project: first the dedicated ones, then the flex ones.
struct Clusters {
    project: Project,
    dedicated: Option<Pages<ClusterDocument>>,
    flex: Option<Pages<FlexClusterDocument>>,
}

impl Clusters {
    async fn next<T>(&mut self, make: fn(FleetCluster, Option<Member>) -> Option<T>) -> Option<Batch<T>> {
        let place: Place = (self.project.id().clone(), None);
        if let Some(pages) = &mut self.dedicated {
            match pages.next().await {
                Some(Ok(page)) => {
                    let project = self.project.clone();
                    return Some(batch(&place, page.items, |document: ClusterDocument| {
                        let (name, member) = (document.name.clone(), Member::dedicated(&project, &document));
                        (name, make(FleetCluster::Dedicated(Box::new(document)), member))
                    }));
                }
                Some(Err(error)) => {
                    // What the project refuses once it refuses twice; it is told once.
                    (self.dedicated, self.flex) = (None, None);
                    return Some(vec![Err(missed(&place, error))]);
                }
                None => self.dedicated = None,
            }
        }
        match self.flex.as_mut()?.next().await? {
            Ok(page) => {
                let project = self.project.clone();
                Some(batch(&place, page.items, |document: FlexClusterDocument| {
                    let name = document.name.clone();
                    let member = project.flex_cluster(name.clone()).ok().map(Member::Flex);
                    (name, make(FleetCluster::Flex(Box::new(document)), member))
                }))
            }
            Err(error) => {
                self.flex = None;
                Some(vec![Err(missed(&place, error))])
            }
        }
    }
}

fn batch<D, T>(place: &Place, items: Vec<Result<D>>, mut make: impl FnMut(D) -> (ClusterName, Option<T>)) -> Batch<T> {
    let each = |item| match item {
        Ok(document) => {
            let (name, made) = make(document);
            made.map(|made| Ok(found(&(place.0.clone(), Some(name)), made)))
        }
        Err(error) => Some(Err(missed(place, error))),
    };
    items.into_iter().filter_map(each).collect()
}

/// The items of a list, page by page.
pub(super) fn listed<E: FromDocument, T: Send + 'static>(
    list: List<E>,
    permits: &Arc<Semaphore>,
    place: Place,
    make: fn(E) -> T,
) -> Batches<T> {
    let pages = list.within(permits.clone()).pages();
    pages
        .map(move |page| match page {
            Ok(page) => {
                let each = |item: Result<E>| match item {
                    Ok(item) => Ok(found(&place, make(item))),
                    Err(error) => Err(missed(&place, error)),
                };
                page.items.into_iter().map(each).collect()
            }
            Err(error) => vec![Err(missed(&place, error))],
        })
        .boxed()
}

/// The one thing that there is at a place, if there is any.
pub(super) fn single<T: Send + 'static>(
    permits: &Arc<Semaphore>,
    place: Place,
    thing: impl Future<Output = Result<Option<T>>> + Send + 'static,
) -> Batches<T> {
    let permits = permits.clone();
    let got = async move {
        let getting = Background::begin(Box::pin(async move {
            // The semaphore is never closed.
            let _permit = permits.acquire().await.ok();
            thing.await
        }));
        match getting.await {
            Ok(thing) => thing.map(|thing| Ok(found(&place, thing))).into_iter().collect(),
            Err(error) => vec![Err(missed(&place, error))],
        }
    };
    stream::once(got).boxed()
}
