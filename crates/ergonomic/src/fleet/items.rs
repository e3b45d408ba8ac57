//! What a fleet's stream brings: things with the place they were found at, and what could not be read with the place
//! where it should have been.

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

/// Something of one project or cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FleetItem<T> {
    /// The project it is in.
    pub project: ProjectId,
    /// The cluster it belongs to; `None` for what belongs to the project.
    pub cluster: Option<ClusterName>,
    /// The thing itself.
    pub item: T,
}

/// Something that could not be read; everything else still comes.
#[derive(Debug)]
#[non_exhaustive]
pub struct FleetError {
    /// The project that it is about; `None` when the projects themselves could not be listed.
    pub project: Option<ProjectId>,
    /// The cluster that it is about; `None` when it is about the whole project.
    pub cluster: Option<ClusterName>,
    /// Why.
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

/// An error about no place in particular.
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

/// What a [`Fleet`](crate::Fleet) has, as a stream. An error in it is about one place and does not end it.
#[must_use = "streams do nothing unless polled"]
pub struct FleetStream<T>(BoxStream<'static, Result<FleetItem<T>, FleetError>>);

impl<T> FleetStream<T> {
    /// What comes next, `None` after the last.
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
