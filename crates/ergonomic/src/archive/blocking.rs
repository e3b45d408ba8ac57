//! Work on files, on blocking threads. It continues when the future that waits for it is dropped.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::sync::RwLock;

use crate::model::{
    error::{Error, Result},
    error_kind::ErrorKind,
};

/// Pieces of work that may be awaited together.
#[derive(Debug, Clone, Default)]
pub(super) struct BlockingWork(Arc<RwLock<()>>);

/// Tells a piece of work that nothing waits for it any longer.
#[derive(Debug, Clone)]
pub(super) struct Awaited(Arc<AtomicBool>);

impl Awaited {
    pub(super) fn is_cancelled(&self) -> bool {
        !self.0.load(Relaxed)
    }
}

impl BlockingWork {
    /// Does something with files where waiting for them delays nothing else.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.cancellable(|_| work()).await
    }

    /// The same for work that takes long, and that ends once it is cancelled.
    pub(super) async fn cancellable<T: Send + 'static>(
        &self,
        work: impl FnOnce(Awaited) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let running = self.0.clone().read_owned().await;
        let cancel = CancelOnDrop(Arc::new(AtomicBool::new(true)));
        let awaited = Awaited(cancel.0.clone());
        let done = tokio::task::spawn_blocking(move || {
            let _running = running;
            work(awaited)
        });
        match done.await {
            Ok(done) => done.map_err(|source| {
                Error::new(ErrorKind::File, format!("cannot access file: {source}")).with_source(source)
            }),
            Err(gone) => Err(Error::new(ErrorKind::File, "the runtime was shut down").with_source(gone)),
        }
    }

    /// Waits until everything that was begun has ended.
    pub(super) async fn finished(&self) {
        let _all = self.0.write().await;
    }
}

/// Cancels the work when its result is no longer awaited.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}
