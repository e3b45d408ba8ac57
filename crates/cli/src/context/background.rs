//! Long-running local work beside API calls. It is cancelled when the future that awaits it is dropped.
//!
//! Dropping the future does not stop the work at once. Await [`Background::finished`] before deleting the files it
//! writes.

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

/// Local work, one task at a time.
#[derive(Debug, Default)]
pub(crate) struct Background(RefCell<Option<JoinHandle<()>>>);

/// Whether the work was cancelled.
#[derive(Debug, Clone)]
pub(crate) struct CancellationFlag(Arc<AtomicBool>);

impl CancellationFlag {
    /// # Errors
    /// The work was cancelled.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.0.load(Relaxed) { Err(io::Error::other("cancelled")) } else { Ok(()) }
    }

    #[cfg(test)]
    pub(crate) fn never_cancelled() -> Self {
        CancellationFlag(Arc::new(AtomicBool::new(false)))
    }
}

impl Background {
    /// Runs `work` on its own thread. The flag is set when this future is dropped.
    ///
    /// # Errors
    /// The errors of `work`.
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

    /// Runs `work` as its own task. The receiver closes when this future is dropped.
    ///
    /// # Errors
    /// The errors of `work`, or a panic.
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

    /// Waits until the started work has ended.
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
