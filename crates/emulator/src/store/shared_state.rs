//! Holds the state, in memory or also on disk.
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
    /// A state in memory only.
    pub(crate) fn in_memory(mut state: State) -> Self {
        state.forget_changes();
        Self { state: Arc::new(RwLock::new(state)), journal: None }
    }

    /// The state in `folder`, or `first` if there is none yet. Blocks.
    ///
    /// # Errors
    /// Returns an error if the folder is in use, damaged, foreign or too new, or cannot be read or written. It is then
    /// unchanged.
    pub(crate) fn on_disk(
        folder: &Path,
        first: impl FnOnce() -> Result<State, ImportError>,
    ) -> Result<Self, OpenError> {
        let (disk, state) = disk::Disk::open(folder, first)?;
        let state = Arc::new(RwLock::new(state));
        Ok(Self { journal: Some(Journal::start(disk, Arc::clone(&state))), state })
    }

    /// Number of commits of the journal.
    #[cfg(test)]
    pub(crate) fn commits(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::commits)
    }

    pub(crate) fn read<R>(&self, f: impl FnOnce(&State) -> R) -> R {
        f(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state. [`saved`](Self::saved) waits for the ticket.
    pub(crate) fn write<R>(&self, f: impl FnOnce(&mut State) -> R) -> (R, Ticket) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let result = f(&mut state);
        let ticket = match &self.journal {
            // Passed on while the lock is held, so that changes are saved in order.
            Some(journal) => journal.add(state.take_changes()),
            None => {
                state.forget_changes();
                Ticket(0)
            }
        };
        (result, ticket)
    }

    /// Executes everything due by `now`.
    pub(crate) async fn run_schedules(&self, now: DateTime<Utc>) {
        if self.read(|state| scheduler::is_up_to_date(state, now)) {
            return;
        }
        let ((), ticket) = self.write(|state| scheduler::run(state, now));
        if let Err(error) = self.saved(ticket).await {
            tracing::error!(%error, "scheduled changes are not saved");
        }
    }

    /// Waits until the write of `ticket` and all earlier ones are on disk.
    ///
    /// # Errors
    /// Returns an error if they cannot be saved.
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
    /// Returns an error if they cannot be saved.
    pub(crate) async fn flush(&self) -> Result<(), SaveError> {
        self.saved(self.latest()).await
    }

    /// Saves pending changes and releases the folder. Later writes are not saved.
    pub(crate) async fn close(&self) {
        if let Some(journal) = &self.journal {
            journal.close().await;
        }
    }
}

/// Access of one request to the state. It records the writes of the request, so that the response can wait for them.
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

    /// Waits until all writes of this value are saved.
    ///
    /// # Errors
    /// Returns an error if they cannot be saved.
    pub(crate) async fn saved(&self) -> Result<(), SaveError> {
        match self.written.load(Ordering::Relaxed) {
            0 => Ok(()),
            number => self.store.saved(Ticket(number)).await,
        }
    }
}
