//! What a drill has begun, for the teardown to find: wherever the steps end, also when they are dropped in the middle.
//!
//! A request that makes something is a task of its own, so that an interruption does not lose its answer; work on this
//! machine is noted before it is waited for, since nothing may be taken away under it.

use std::{
    cell::RefCell,
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use atlas_backup::RestoreJobId;
use tempfile::TempDir;
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

use crate::exit::{Failure, Outcome};

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
    pub(super) work: Work,
}

/// What has become of a request.
#[derive(Debug, Clone)]
pub(super) enum Fate<T> {
    /// It was sent, or is about to be.
    Asked,
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
        let (fate, known) = watch::channel(Fate::Asked);
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
        let answered = timeout(ANSWER, known.wait_for(|fate| !matches!(fate, Fate::Asked))).await;
        Some(answered.ok().and_then(Result::ok).map_or(Fate::Lost, |fate| fate.clone()))
    }

    /// Whether it was sent.
    pub(super) fn was_sent(&self) -> bool {
        self.0.borrow().is_some()
    }
}

/// Work on this machine, of which there is one at a time.
#[derive(Debug, Default)]
pub(super) struct Work(RefCell<Option<JoinHandle<()>>>);

/// Whether somebody still waits for a piece of work.
#[derive(Debug, Clone)]
pub(super) struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// # Errors
    /// Nobody does.
    pub(super) fn check(&self) -> io::Result<()> {
        let gone = || io::Error::other("nobody wants to know any more");
        if self.0.load(Relaxed) { Ok(()) } else { Err(gone()) }
    }

    #[cfg(test)]
    pub(super) fn always() -> Self {
        Wanted(Arc::new(AtomicBool::new(true)))
    }
}

impl Work {
    /// Does `work` on a thread of its own, and tells it when nobody waits for it any more.
    ///
    /// # Errors
    /// Those of the work.
    pub(super) async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(Wanted) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let still = StillWanted(Arc::new(AtomicBool::new(true)));
        let wanted = Wanted(still.0.clone());
        let (done, outcome) = oneshot::channel();
        let thread = tokio::task::spawn_blocking(move || {
            let _unheard = done.send(work(wanted));
        });
        self.0.replace(Some(thread));
        outcome.await.unwrap_or_else(|broken| Err(io::Error::other(broken)))
    }

    /// Does `work` as a task of its own, which hears of it when nobody waits for it any more.
    ///
    /// # Errors
    /// Those of the work, and that it broke off.
    pub(super) async fn as_a_task<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(oneshot::Receiver<()>) -> F,
    ) -> io::Result<T>
    where
        F: Future<Output = io::Result<T>> + Send + 'static,
    {
        // Dropped with this future, which is what is heard.
        let (_wanted, unwanted) = oneshot::channel();
        let (done, outcome) = oneshot::channel();
        let work = work(unwanted);
        let task = tokio::spawn(async move {
            let _unheard = done.send(work.await);
        });
        self.0.replace(Some(task));
        outcome.await.unwrap_or_else(|broken| Err(io::Error::other(broken)))
    }

    /// Waits until what was begun has ended.
    pub(super) async fn over(&self) {
        let begun = self.0.take();
        if let Some(work) = begun {
            let _panicked = work.await;
        }
    }
}

/// Tells the work when it is dropped.
struct StillWanted(Arc<AtomicBool>);

impl Drop for StillWanted {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}
