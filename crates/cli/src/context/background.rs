//! Long work on this machine, beside the calls. It is cancelled when the future that waits for it is dropped.
//!
//! Dropping the future does not stop the work at once. Await [`Background::finished`] before deleting the files it writes.

use std::{
    cell::RefCell,
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::{sync::oneshot, task::JoinHandle};

/// Work on this machine, one piece at a time.
#[derive(Debug, Default)]
pub(crate) struct Background(RefCell<Option<JoinHandle<()>>>);

/// Whether a piece of work is still awaited.
#[derive(Debug, Clone)]
pub(crate) struct CancellationFlag(Arc<AtomicBool>);

impl CancellationFlag {
    /// # Errors
    /// It is not.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.0.load(Relaxed) { Err(io::Error::other("cancelled")) } else { Ok(()) }
    }

    #[cfg(test)]
    pub(crate) fn never_cancelled() -> Self {
        CancellationFlag(Arc::new(AtomicBool::new(false)))
    }
}

impl Background {
    /// Does `work` on a thread of its own, and tells it when it is no longer awaited.
    ///
    /// # Errors
    /// Those of the work.
    pub(crate) async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(CancellationFlag) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let guard = CancelOnDrop(Arc::new(AtomicBool::new(false)));
        let cancelled = CancellationFlag(guard.0.clone());
        let (done, outcome) = oneshot::channel();
        let thread = tokio::task::spawn_blocking(move || {
            let _not_awaited = done.send(work(cancelled));
        });
        self.0.replace(Some(thread));
        outcome.await.unwrap_or_else(|broken| Err(io::Error::other(broken)))
    }

    /// Does `work` as a task of its own, whose receiver closes when it is no longer awaited.
    ///
    /// # Errors
    /// Those of the work, and that it broke off.
    pub(crate) async fn as_task<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(oneshot::Receiver<()>) -> F,
    ) -> io::Result<T>
    where
        F: Future<Output = io::Result<T>> + Send + 'static,
    {
        // Dropped with this future, which closes the receiver.
        let (_guard, cancelled) = oneshot::channel();
        let (done, outcome) = oneshot::channel();
        let work = work(cancelled);
        let task = tokio::spawn(async move {
            let _not_awaited = done.send(work.await);
        });
        self.0.replace(Some(task));
        outcome.await.unwrap_or_else(|broken| Err(io::Error::other(broken)))
    }

    /// Waits until the work that was begun has ended.
    pub(crate) async fn finished(&self) {
        let begun = self.0.take();
        if let Some(work) = begun {
            let _panicked = work.await;
        }
    }
}

/// Cancels the work when it is dropped.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}
