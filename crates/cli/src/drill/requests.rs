//! The requests and local work that a drill has started. The teardown uses them wherever the steps end, even if their
//! future is dropped.
//!
//! A request that creates a resource runs as its own task, so an interruption does not lose its response. Local work is
//! recorded before it is awaited, because its files must not be deleted while it runs.

use std::{cell::RefCell, future::Future, time::Duration};

use atlas_backup::RestoreJobId;
use tempfile::TempDir;
use tokio::{sync::watch, time::timeout};

use crate::{
    context::background::Background,
    ui::exit::{Failure, Outcome},
};

/// How long the teardown waits for the response to a request.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(90);

/// The work to tear down.
#[derive(Debug, Default)]
pub(super) struct StartedWork {
    /// The creation of the cluster.
    pub(super) cluster: Request<()>,
    /// The restore into the target.
    pub(super) restore: Request<RestoreJobId>,
    /// Whether the restore has finished.
    pub(super) restored: RefCell<bool>,
    /// The creation of the access list entry for the verify command.
    pub(super) entry: Request<()>,
    /// The creation of the database user for the verify command.
    pub(super) user: Request<()>,
    pub(super) folder: RefCell<Option<TempDir>>,
    /// Local work on the folder or the data.
    pub(super) work: Background,
}

/// The state of a request.
#[derive(Debug, Clone)]
pub(super) enum RequestState<T> {
    /// Sent, or about to be sent.
    Sent,
    /// Succeeded.
    Done(T),
    /// Rejected by the service: nothing was created.
    Refused,
    /// The result is unknown.
    Unknown,
}

/// A request that creates a resource.
#[derive(Debug)]
pub(super) struct Request<T>(RefCell<Option<watch::Receiver<RequestState<T>>>>);

impl<T> Default for Request<T> {
    fn default() -> Self {
        Request(RefCell::default())
    }
}

impl<T: Clone + Send + Sync + 'static> Request<T> {
    /// Sends the request. `select` returns the part of the response that the teardown needs.
    ///
    /// # Errors
    /// The request was rejected, or no response arrived.
    pub(super) async fn send<A: Send + 'static>(
        &self,
        request: impl Future<Output = atlas_backup::Result<A>> + Send + 'static,
        select: impl FnOnce(&A) -> T + Send + 'static,
    ) -> Outcome<A> {
        let (state, known) = watch::channel(RequestState::Sent);
        let task = tokio::spawn(async move {
            let answer = request.await;
            let refused = |error: &atlas_backup::Error| error.status().is_some_and(|status| status.is_client_error());
            state.send_replace(match &answer {
                Ok(answer) => RequestState::Done(select(answer)),
                Err(error) if refused(error) => RequestState::Refused,
                Err(_) => RequestState::Unknown,
            });
            answer
        });
        self.0.replace(Some(known));
        Ok(task.await.map_err(|panicked| Failure::local("the request stopped unexpectedly", panicked))??)
    }

    /// Waits for the result of the request. `None` if it was never sent.
    pub(super) async fn state(&self) -> Option<RequestState<T>> {
        let mut known = self.0.borrow().clone()?;
        let answered = timeout(RESPONSE_TIMEOUT, known.wait_for(|state| !matches!(state, RequestState::Sent))).await;
        Some(answered.ok().and_then(Result::ok).map_or(RequestState::Unknown, |state| state.clone()))
    }

    /// Whether the request was sent.
    pub(super) fn was_sent(&self) -> bool {
        self.0.borrow().is_some()
    }
}
