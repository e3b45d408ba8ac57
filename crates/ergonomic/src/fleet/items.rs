//! Items of a fleet's stream: objects with their project and cluster, and errors with theirs.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::{Stream, stream::BoxStream};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::{
    fleet::walk::Batches,
    model::{
        error::Error,
        ids::{ClusterName, ProjectId},
    },
};

/// An object of one project or cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FleetItem<T> {
    /// Its project.
    pub project: ProjectId,
    /// Its cluster. `None` for objects of the project.
    pub cluster: Option<ClusterName>,
    /// The object.
    pub item: T,
}

/// An object that could not be read. The stream continues.
#[derive(Debug)]
#[non_exhaustive]
pub struct FleetError {
    /// The project. `None` if the projects could not be listed.
    pub project: Option<ProjectId>,
    /// The cluster. `None` if the error concerns the whole project.
    pub cluster: Option<ClusterName>,
    /// The error.
    pub error: Error,
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.project, &self.cluster) {
            (Some(project), Some(cluster)) => write!(f, "cluster {cluster} of project {project}: {}", self.error),
            (Some(project), None) => write!(f, "project {project}: {}", self.error),
            _ => self.error.fmt(f),
        }
    }
}

/// An error without a location.
impl From<Error> for FleetError {
    fn from(error: Error) -> Self {
        FleetError { project: None, cluster: None, error }
    }
}

impl std::error::Error for FleetError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The objects of a [`Fleet`](crate::Fleet) as a stream. An error concerns one location and does not end the stream.
#[must_use = "streams do nothing unless polled"]
pub struct FleetStream<T>(BoxStream<'static, Result<FleetItem<T>, FleetError>>);

impl<T> FleetStream<T> {
    /// The next item, `None` after the last.
    pub async fn next(&mut self) -> Option<Result<FleetItem<T>, FleetError>> {
        poll_fn(|context| self.0.as_mut().poll_next(context)).await
    }
}

impl<T: Send + 'static> From<Batches<T>> for FleetStream<T> {
    fn from(batches: Batches<T>) -> Self {
        FleetStream(batches.flat_map(stream::iter).boxed())
    }
}

impl<T> Stream for FleetStream<T> {
    type Item = Result<FleetItem<T>, FleetError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for FleetStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetStream").finish_non_exhaustive()
    }
}
