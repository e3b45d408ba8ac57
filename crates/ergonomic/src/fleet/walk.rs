//! Walks a fleet: its projects, their clusters, their objects. Each step is a stream of the results of single requests.
//! A request starts when there is room for its results, and holds a permit.

use std::{future::Future, sync::Arc};

use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;

use crate::{
    call::{background::Background, pages::Pages, paging::List},
    fleet::{
        handle::Fleet,
        items::{FleetError, FleetItem},
    },
    model::{
        documents::{ClusterDocument, FlexClusterDocument},
        error::{Error, Result},
        ids::{ClusterName, ProjectId},
        kinds::AnyCluster,
    },
    resources::projects::Project,
};

/// The results of one request.
pub(super) type Batch<T> = Vec<Result<FleetItem<T>, FleetError>>;
pub(super) type Batches<T> = BoxStream<'static, Batch<T>>;
/// Location of an object.
pub(super) type Location = (ProjectId, Option<ClusterName>);

pub(super) fn at_location<T>((project, cluster): &Location, item: T) -> FleetItem<T> {
    FleetItem { project: project.clone(), cluster: cluster.clone(), item }
}

fn failed_at((project, cluster): &Location, error: Error) -> FleetError {
    FleetError { project: Some(project.clone()), cluster: cluster.clone(), error }
}

/// The projects of a fleet.
pub(super) fn projects(fleet: Fleet, permits: &Arc<Semaphore>) -> BoxStream<'static, Result<Project, FleetError>> {
    let client = fleet.client.clone();
    if let Some(only) = fleet.only.clone() {
        let chosen = only.into_iter().filter(move |id| fleet.has(id));
        return stream::iter(chosen).map(move |id| client.project(id).map_err(FleetError::from)).boxed();
    }
    let pages = client.projects().list().with_permits(permits.clone()).pages();
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
        stream::iter(chosen.map(|project| project.map_err(FleetError::from)).collect::<Vec<_>>())
    });
    chosen.boxed()
}

/// The clusters of a project: first the dedicated ones, then the flex ones.
pub(super) fn clusters(project: Project, permits: &Arc<Semaphore>) -> Batches<AnyCluster> {
    let walk = Clusters {
        dedicated: Some(project.clusters().list().with_permits(permits.clone()).pages()),
        flex: Some(project.flex_clusters().list().with_permits(permits.clone()).pages()),
        location: (project.id().clone(), None),
    };
    stream::unfold(walk, |mut walk| async move {
        let batch = walk.next().await?;
        Some((batch, walk))
    })
    .boxed()
}

struct Clusters {
    dedicated: Option<Pages<ClusterDocument>>,
    flex: Option<Pages<FlexClusterDocument>>,
    location: Location,
}

impl Clusters {
    async fn next(&mut self) -> Option<Batch<AnyCluster>> {
        if let Some(pages) = &mut self.dedicated {
            match pages.next().await {
                Some(Ok(page)) => return Some(batch(&self.location, page.items)),
                Some(Err(error)) => {
                    // A refusal that the project returned twice, reported once.
                    (self.dedicated, self.flex) = (None, None);
                    return Some(vec![Err(failed_at(&self.location, error))]);
                }
                None => self.dedicated = None,
            }
        }
        match self.flex.as_mut()?.next().await? {
            Ok(page) => Some(batch(&self.location, page.items)),
            Err(error) => {
                self.flex = None;
                Some(vec![Err(failed_at(&self.location, error))])
            }
        }
    }
}

fn batch<D: Into<AnyCluster>>(location: &Location, items: Vec<Result<D>>) -> Batch<AnyCluster> {
    let each = |item: Result<D>| match item {
        Ok(document) => {
            let cluster = document.into();
            Ok(at_location(&(location.0.clone(), Some(cluster.name().clone())), cluster))
        }
        Err(error) => Err(failed_at(location, error)),
    };
    items.into_iter().map(each).collect()
}

/// The items of a list, page by page.
pub(super) fn list_items<E: Send + 'static>(list: List<E>, permits: &Arc<Semaphore>, location: Location) -> Batches<E> {
    let pages = list.with_permits(permits.clone()).pages();
    pages
        .map(move |page| match page {
            Ok(page) => {
                let each = |item: Result<E>| match item {
                    Ok(item) => Ok(at_location(&location, item)),
                    Err(error) => Err(failed_at(&location, error)),
                };
                page.items.into_iter().map(each).collect()
            }
            Err(error) => vec![Err(failed_at(&location, error))],
        })
        .boxed()
}

/// The single object at a location, if it exists.
pub(super) fn single<T: Send + 'static>(
    permits: &Arc<Semaphore>,
    location: Location,
    thing: impl Future<Output = Result<Option<T>>> + Send + 'static,
) -> Batches<T> {
    let permits = permits.clone();
    let got = async move {
        let getting = Background::start(Box::pin(async move {
            // The semaphore is never closed.
            let _permit = permits.acquire().await.ok();
            thing.await
        }));
        match getting.await {
            Ok(thing) => thing.map(|thing| Ok(at_location(&location, thing))).into_iter().collect(),
            Err(error) => vec![Err(failed_at(&location, error))],
        }
    };
    stream::once(got).boxed()
}
