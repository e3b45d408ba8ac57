//! What a drill has started, for the teardown, wherever the steps end, also when their future is dropped.
//!
//! A request that creates something is a task of its own, so that an interruption does not lose its response. Work on this
//! machine is noted before it is awaited, since the files it uses must not be deleted under it.

use std::{cell::RefCell, future::Future, time::Duration};

use atlas_backup::RestoreJobId;
use tempfile::TempDir;
use tokio::{sync::watch, time::timeout};

use crate::{
    context::background::Background,
    ui::exit::{Failure, Outcome},
};

/// How long the answer to a request is waited for, once nothing else is.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(90);

/// What there is to tear down.
#[derive(Debug, Default)]
pub(super) struct StartedWork {
    /// The creation of the cluster.
    pub(super) cluster: Request<()>,
    /// The restore into it, or over the cluster that was there.
    pub(super) restore: Request<RestoreJobId>,
    /// Whether that restore has finished.
    pub(super) restored: RefCell<bool>,
    pub(super) folder: RefCell<Option<TempDir>>,
    /// What reads and writes in the folder, or looks at the data.
    pub(super) work: Background,
}

/// What has become of a request.
#[derive(Debug, Clone)]
pub(super) enum RequestState<T> {
    /// It was sent, or is about to be.
    Sent,
    /// It was done.
    Done(T),
    /// The service has refused it: nothing was made.
    Refused,
    /// Whether it was done is not known.
    Unknown,
}

/// A request that makes something at the service.
#[derive(Debug)]
pub(super) struct Request<T>(RefCell<Option<watch::Receiver<RequestState<T>>>>);

impl<T> Default for Request<T> {
    fn default() -> Self {
        Request(RefCell::default())
    }
}

impl<T: Clone + Send + Sync + 'static> Request<T> {
    /// Sends it. `made` is what has to be known of the answer.
    ///
    /// # Errors
    /// It was refused, or its answer did not come.
    pub(super) async fn send<A: Send + 'static>(
        &self,
        request: impl Future<Output = atlas_backup::Result<A>> + Send + 'static,
        made: impl FnOnce(&A) -> T + Send + 'static,
    ) -> Outcome<A> {
        let (state, known) = watch::channel(RequestState::Sent);
        let task = tokio::spawn(async move {
            let answer = request.await;
            let refused = |error: &atlas_backup::Error| error.status().is_some_and(|status| status.is_client_error());
            state.send_replace(match &answer {
                Ok(answer) => RequestState::Done(made(answer)),
                Err(error) if refused(error) => RequestState::Refused,
                Err(_) => RequestState::Unknown,
            });
            answer
        });
        self.0.replace(Some(known));
        Ok(task.await.map_err(|panicked| Failure::local("the request broke off", panicked))??)
    }

    /// What has become of it, as soon as that is known; none if it was never sent.
    pub(super) async fn state(&self) -> Option<RequestState<T>> {
        let mut known = self.0.borrow().clone()?;
        let answered = timeout(RESPONSE_TIMEOUT, known.wait_for(|state| !matches!(state, RequestState::Sent))).await;
        Some(answered.ok().and_then(Result::ok).map_or(RequestState::Unknown, |state| state.clone()))
    }

    /// Whether it was sent.
    pub(super) fn was_sent(&self) -> bool {
        self.0.borrow().is_some()
    }
}
