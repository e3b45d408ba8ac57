//! The one place that holds the state, in memory or also on disk.
//!
//! Reading never touches the disk. A write changes the state in memory at once and hands what it changed to the journal,
//! which saves the changes of all writers that wait in one go; nothing may be acknowledged before its [`Ticket`] is
//! saved. A reader may see a change some milliseconds before it is saved. A change that can't be saved is undone.

use std::{
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};

use crate::{
    engine::scheduler,
    state::tables::State,
    store::{
        disk,
        error::{ImportError, OpenError, SaveError},
        journal::{Journal, Ticket},
    },
};

/// The state behind its lock.
#[derive(Debug)]
pub(crate) struct Store {
    state: Arc<RwLock<State>>,
    journal: Option<Journal>,
}

impl Store {
    /// A state that ends with the process.
    pub(crate) fn in_memory(mut state: State) -> Self {
        state.forget_changes();
        Self { state: Arc::new(RwLock::new(state)), journal: None }
    }

    /// The state in `folder`, or `first` if there is none yet. Blocks.
    ///
    /// # Errors
    /// What is there is in use, damaged, not ours or too new, or can't be read or written; it stays as it is.
    pub(crate) fn on_disk(
        folder: &Path,
        first: impl FnOnce() -> Result<State, ImportError>,
    ) -> Result<Self, OpenError> {
        let (disk, state) = disk::Disk::open(folder, first)?;
        let state = Arc::new(RwLock::new(state));
        Ok(Self { journal: Some(Journal::start(disk, Arc::clone(&state))), state })
    }

    /// How many commits the journal has made.
    #[cfg(test)]
    pub(crate) fn commits(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::commits)
    }

    pub(crate) fn read<R>(&self, f: impl FnOnce(&State) -> R) -> R {
        f(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state. The ticket is for [`saved`](Self::saved).
    pub(crate) fn write<R>(&self, f: impl FnOnce(&mut State) -> R) -> (R, Ticket) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let result = f(&mut state);
        let ticket = match &self.journal {
            // Handed over while the lock is held, so that changes are saved in the order in which they were made.
            Some(journal) => journal.add(state.take_changes()),
            None => {
                state.forget_changes();
                Ticket(0)
            }
        };
        (result, ticket)
    }

    /// Lets everything happen that is due by `now`.
    pub(crate) async fn run_schedules(&self, now: DateTime<Utc>) {
        if self.read(|state| scheduler::is_up_to_date(state, now)) {
            return;
        }
        let ((), ticket) = self.write(|state| scheduler::run(state, now));
        if let Err(error) = self.saved(ticket).await {
            tracing::error!(%error, "what happened by itself is not saved");
        }
    }

    /// Waits until the write of `ticket` and all before it are on disk.
    ///
    /// # Errors
    /// They can't be saved.
    pub(crate) async fn saved(&self, ticket: Ticket) -> Result<(), SaveError> {
        match &self.journal {
            Some(journal) => journal.saved(ticket).await,
            None => Ok(()),
        }
    }

    /// The ticket of the last write.
    pub(crate) fn latest(&self) -> Ticket {
        self.journal.as_ref().map_or(Ticket(0), Journal::latest)
    }

    /// Waits until every write so far is on disk.
    ///
    /// # Errors
    /// They can't be saved.
    pub(crate) async fn flush(&self) -> Result<(), SaveError> {
        self.saved(self.latest()).await
    }

    /// Saves what there is to save and lets go of the folder; later writes are not saved.
    pub(crate) async fn close(&self) {
        if let Some(journal) = &self.journal {
            journal.close().await;
        }
    }
}

/// One request's way to the state. It remembers what the request wrote, so that the answer can wait for that.
#[derive(Debug)]
pub(crate) struct StateAccess<'a> {
    store: &'a Store,
    written: AtomicU64,
}

impl<'a> StateAccess<'a> {
    pub(crate) fn to(store: &'a Store) -> Self {
        Self { store, written: AtomicU64::new(0) }
    }

    pub(crate) fn read<R>(&self, f: impl FnOnce(&State) -> R) -> R {
        self.store.read(f)
    }

    pub(crate) fn write<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        let (result, Ticket(number)) = self.store.write(f);
        self.written.fetch_max(number, Ordering::Relaxed);
        result
    }

    /// Waits until all that was written through this is saved.
    ///
    /// # Errors
    /// It can't be saved.
    pub(crate) async fn saved(&self) -> Result<(), SaveError> {
        match self.written.load(Ordering::Relaxed) {
            0 => Ok(()),
            number => self.store.saved(Ticket(number)).await,
        }
    }
}
