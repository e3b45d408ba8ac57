//! Work on this machine that takes long: beside the calls, and gone when nobody waits for it any more.
//!
//! Who drops the wait has not ended the work yet. What it writes to may only be taken away when it is over.

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

/// Work on this machine, of which there is one at a time.
#[derive(Debug, Default)]
pub(crate) struct Work(RefCell<Option<JoinHandle<()>>>);

/// Whether somebody still waits for a piece of work.
#[derive(Debug, Clone)]
pub(crate) struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// # Errors
    /// Nobody does.
    pub(crate) fn check(&self) -> io::Result<()> {
        let gone = || io::Error::other("nobody wants to know any more");
        if self.0.load(Relaxed) { Ok(()) } else { Err(gone()) }
    }

    #[cfg(test)]
    pub(crate) fn always() -> Self {
        Wanted(Arc::new(AtomicBool::new(true)))
    }
}

impl Work {
    /// Does `work` on a thread of its own, and tells it when nobody waits for it any more.
    ///
    /// # Errors
    /// Those of the work.
    pub(crate) async fn on_a_thread<T: Send + 'static>(
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
    pub(crate) async fn as_a_task<T: Send + 'static, F>(
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
    pub(crate) async fn over(&self) {
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
