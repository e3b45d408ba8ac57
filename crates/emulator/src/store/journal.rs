//! Saves changes in the background, those of many writers with one fsync.
//!
//! A separate thread saves all changes that arrived during the previous commit. After a failure, such as a full
//! disk, the state in memory becomes the saved one again: every write that was not saved is refused and undone, and later ones
//! are saved if there is room.

use std::{
    collections::VecDeque,
    ops::RangeInclusive,
    sync::{Arc, Condvar, Mutex, PoisonError, RwLock},
    thread,
};

use tokio::sync::watch;

use crate::{
    state::tables::{Changes, State},
    store::{
        disk::{Batch, Disk},
        error::SaveError,
    },
};

/// A write that can be awaited until it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[must_use]
pub(crate) struct Ticket(pub(crate) u64);

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    batch: Batch,
    /// Number of the last write with changes.
    last: u64,
    /// Number of the last write that the thread has taken.
    taken: u64,
    closing: bool,
    /// A record could not be written as JSON.
    broken: Option<Arc<str>>,
}

/// Progress of saving.
#[derive(Debug, Clone, Default)]
struct Progress {
    /// The number up to which each write is saved or refused.
    settled: u64,
    /// The writes that were refused last, and why.
    refused: VecDeque<(RangeInclusive<u64>, Arc<str>)>,
    /// Number of commits.
    #[cfg(test)]
    commits: u64,
    /// Why nothing is saved any more.
    failed: Option<Arc<str>>,
}

/// How many runs of refused writes are remembered; waiting callers learn of it long before.
const REMEMBERED: usize = 64;

impl Progress {
    fn outcome(&self, number: u64) -> Result<(), SaveError> {
        let refused = self.refused.iter().find(|(numbers, _)| numbers.contains(&number));
        match refused.map(|(_, error)| error).or(self.failed.as_ref().filter(|_| self.settled < number)) {
            Some(error) => Err(SaveError(Arc::clone(error))),
            None => Ok(()),
        }
    }
}

/// Handle of the thread that saves.
#[derive(Debug)]
pub(crate) struct Journal {
    queue: Arc<Queue>,
    progress: watch::Receiver<Progress>,
}

impl Journal {
    /// Starts to save the changes of `state`, which `disk` holds as it is now.
    pub(crate) fn start(mut disk: Disk, state: Arc<RwLock<State>>) -> Self {
        let queue = Arc::new(Queue::default());
        let (sender, progress) = watch::channel(Progress::default());
        let theirs = Arc::clone(&queue);
        let save = move || {
            save(&theirs, &mut disk, &state, &sender);
            // A caller that waits for the end may open the folder again, so release it first.
            drop(disk);
            drop(sender);
        };
        if let Err(error) = thread::Builder::new().name("journal".to_owned()).spawn(save) {
            // The sender was moved into the closure, so all waiting callers get an error.
            tracing::error!(%error, "cannot start journal");
        }
        Self { queue, progress }
    }

    pub(crate) fn add(&self, changes: Result<Changes, serde_json::Error>) -> Ticket {
        let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match changes {
            Ok(changes) if changes.is_empty() => return Ticket(0),
            Ok(changes) => waiting.batch.add(changes),
            Err(error) => waiting.broken = Some(error.to_string().into()),
        }
        waiting.last += 1;
        self.queue.wake.notify_one();
        Ticket(waiting.last)
    }

    pub(crate) fn latest(&self) -> Ticket {
        Ticket(self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).last)
    }

    pub(crate) async fn saved(&self, Ticket(number): Ticket) -> Result<(), SaveError> {
        let mut progress = self.progress.clone();
        match progress.wait_for(|p| p.settled >= number || p.failed.is_some()).await.as_deref() {
            Ok(progress) => progress.outcome(number),
            Err(_) => Err(SaveError("the emulator was stopped".into())),
        }
    }

    #[cfg(test)]
    pub(crate) fn commits(&self) -> u64 {
        self.progress.borrow().commits
    }

    pub(crate) async fn close(&self) {
        self.signal_close();
        let mut progress = self.progress.clone();
        // The thread drops its end when everything is saved and the folder is released.
        while progress.changed().await.is_ok() {}
    }

    fn signal_close(&self) {
        self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).closing = true;
        self.queue.wake.notify_one();
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.signal_close();
    }
}

fn save(queue: &Queue, disk: &mut Disk, state: &RwLock<State>, progress: &watch::Sender<Progress>) {
    loop {
        let idle = |waiting: &mut Waiting| waiting.taken == waiting.last && !waiting.closing;
        let waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = queue.wake.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner);
        if waiting.taken == waiting.last {
            return;
        }
        waiting.taken = waiting.last;
        let (batch, last) = (std::mem::take(&mut waiting.batch), waiting.last);
        let broken = waiting.broken.clone();
        drop(waiting);
        let saved = match broken {
            Some(broken) => Err(broken),
            None => disk.save(&batch).map_err(Arc::from),
        };
        match saved {
            Ok(()) => progress.send_modify(|p| {
                p.settled = last;
                #[cfg(test)]
                (p.commits += 1);
            }),
            Err(error) => {
                tracing::error!(%error, "a change could not be saved and is undone");
                if let Err(error) = undo(queue, disk, state, progress, error) {
                    tracing::error!(%error, "the saved state can't be read; every further change is refused");
                    progress.send_modify(|p| p.failed = Some(error.into()));
                    return;
                }
            }
        }
    }
}

/// Makes the saved state the present one, and refuses every write that is not saved.
///
/// # Errors
/// The saved state can't be read.
fn undo(
    queue: &Queue,
    disk: &Disk,
    state: &RwLock<State>,
    progress: &watch::Sender<Progress>,
    error: Arc<str>,
) -> Result<(), String> {
    let saved = disk.saved_state().map_err(|error| error.to_string())?;
    // Writers hand over while they hold the state, so none comes between.
    let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
    let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
    *state = saved;
    (waiting.batch, waiting.broken) = (Batch::default(), None);
    waiting.taken = waiting.last;
    let last = waiting.last;
    progress.send_modify(|p| {
        p.refused.push_back((p.settled + 1..=last, error));
        if p.refused.len() > REMEMBERED {
            p.refused.pop_front();
        }
        p.settled = last;
    });
    Ok(())
}
