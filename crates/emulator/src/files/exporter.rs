//! Exports that reach their end are written into a folder that stands for the buckets.
//!
//! Whether an export is over is a matter of the clock alone; this only sees to it that the files are there by then. A
//! client that reads `Successful` finds them, because every request waits for what is due, and who only watches the
//! folder finds them a moment later. Nothing outside the folder is ever written: see [`layout`].

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;

use crate::{
    domain::ids::ObjectId,
    files::export_files::Export,
    state::tables::State,
    store::{clock::Clock, shared_state::Store},
};

/// How long somebody who makes no requests waits for files at most.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Writes what is due.
#[derive(Debug)]
pub(crate) struct Exporter {
    folder: PathBuf,
    store: Arc<Store>,
    clock: Arc<Clock>,
    /// One writes at a time.
    writing: tokio::sync::Mutex<()>,
    done: Mutex<Written>,
}

/// What needs no second look.
#[derive(Debug, Default)]
struct Written {
    /// With the moment they ended: a state that is read in anew may use an id again.
    jobs: HashSet<(ObjectId, DateTime<Utc>)>,
    /// The jobs that there were, by their number and the last of them, and until when none of them is due.
    nothing_until: Option<((usize, u64), DateTime<Utc>)>,
}

impl Exporter {
    pub(crate) fn new(folder: PathBuf, store: Arc<Store>, clock: Arc<Clock>) -> Self {
        Self { folder, store, clock, writing: tokio::sync::Mutex::default(), done: Mutex::default() }
    }

    /// Writes for ever what comes due.
    pub(crate) async fn watch(self: Arc<Self>) {
        loop {
            self.catch_up().await;
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Writes what is due and comes back when it is there.
    pub(crate) async fn catch_up(&self) {
        if !self.is_due() {
            return;
        }
        let _alone = self.writing.lock().await;
        let now = self.clock.now();
        let due = self.store.read(|state| self.due(state, now));
        for (id, ended) in due {
            let export = self.store.read(|state| Export::of(state, id));
            let folder = self.folder.clone();
            let written = spawn_blocking(move || export.map_or(Ok(()), |export| export.write(&folder))).await;
            if let Err(error) = written.map_err(std::io::Error::other).flatten() {
                // Trying again with every request would help nobody.
                tracing::error!(%error, job = %id, "an export could not be written");
            }
            self.done.lock().unwrap_or_else(PoisonError::into_inner).jobs.insert((id, ended));
        }
    }

    /// Whether there is anything to do. Costs next to nothing while there is not.
    fn is_due(&self) -> bool {
        let now = self.clock.now();
        self.store.read(|state| {
            let known = state.export_jobs.version();
            let quiet =
                |done: &Written| done.nothing_until.is_some_and(|(version, until)| version == known && now < until);
            if quiet(&self.done.lock().unwrap_or_else(PoisonError::into_inner)) {
                return false;
            }
            !self.due(state, now).is_empty()
        })
    }

    /// The jobs that are over but not written.
    fn due(&self, state: &State, now: DateTime<Utc>) -> Vec<(ObjectId, DateTime<Utc>)> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let open = state.export_jobs.all().filter(|job| !done.jobs.contains(&(job.id, job.timeline.ends)));
        let (due, later): (Vec<_>, Vec<_>) = open.partition(|job| job.timeline.ends <= now);
        let next = later.iter().map(|job| job.timeline.ends).min().unwrap_or(DateTime::<Utc>::MAX_UTC);
        let due: Vec<_> = due.into_iter().map(|job| (job.id, job.timeline.ends)).collect();
        done.nothing_until = due.is_empty().then_some((state.export_jobs.version(), next));
        due
    }
}
