//! What a drill has begun, for the teardown to find: wherever the steps end, also when they are dropped in the middle.
//!
//! A request that makes something is a task of its own, so that an interruption does not lose its answer; work on this
//! machine is noted before it is waited for, since nothing may be taken away under it.

use std::{cell::RefCell, future::Future, time::Duration};

use atlas_backup::RestoreJobId;
use tempfile::TempDir;
use tokio::{sync::watch, time::timeout};

use crate::{
    context::background::Background,
    ui::exit::{Failure, Outcome},
};

/// How long the answer to a request is waited for, once nothing else is.
const ANSWER: Duration = Duration::from_secs(90);

/// What there is to tear down.
#[derive(Debug, Default)]
pub(super) struct Made {
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
pub(super) enum Fate<T> {
    /// It was sent, or is about to be.
    Interrupts,
    /// It was done.
    Done(T),
    /// The service has refused it: nothing was made.
    Refused,
    /// Whether it was done is not known.
    Lost,
}

/// A request that makes something at the service.
#[derive(Debug)]
pub(super) struct Request<T>(RefCell<Option<watch::Receiver<Fate<T>>>>);

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
        let (fate, known) = watch::channel(Fate::Interrupts);
        let task = tokio::spawn(async move {
            let answer = request.await;
            let refused = |error: &atlas_backup::Error| error.status().is_some_and(|status| status.is_client_error());
            fate.send_replace(match &answer {
                Ok(answer) => Fate::Done(made(answer)),
                Err(error) if refused(error) => Fate::Refused,
                Err(_) => Fate::Lost,
            });
            answer
        });
        self.0.replace(Some(known));
        Ok(task.await.map_err(|panicked| Failure::local("the request broke off", panicked))??)
    }

    /// What has become of it, as soon as that is known; none if it was never sent.
    pub(super) async fn fate(&self) -> Option<Fate<T>> {
        let mut known = self.0.borrow().clone()?;
        let answered = timeout(ANSWER, known.wait_for(|fate| !matches!(fate, Fate::Interrupts))).await;
        Some(answered.ok().and_then(Result::ok).map_or(Fate::Lost, |fate| fate.clone()))
    }

    /// Whether it was sent.
    pub(super) fn was_sent(&self) -> bool {
        self.0.borrow().is_some()
    }
}
