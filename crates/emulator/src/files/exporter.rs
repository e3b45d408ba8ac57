//! Writes finished exports to a folder that represents the buckets.
//!
//! Only the clock decides whether an export has ended. This module writes the files in time. A client that reads
//! `Successful` finds them, because every request waits for due exports. A program that only watches the folder finds
//! them a moment later. Nothing is written outside the folder: see [`layout`].

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

/// Interval of the check for due exports when no requests arrive.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Writes due exports.
#[derive(Debug)]
pub(crate) struct Exporter {
    folder: PathBuf,
    store: Arc<Store>,
    clock: Arc<Clock>,
    /// Serializes writing.
    writing: tokio::sync::Mutex<()>,
    done: Mutex<Written>,
}

/// Exports that need no further check.
#[derive(Debug, Default)]
struct Written {
    /// Written jobs with their end time, because an imported state may reuse an id.
    jobs: HashSet<(ObjectId, DateTime<Utc>)>,
    /// Number of jobs and the last of them at the latest check, and the time until which none is due.
    nothing_until: Option<((usize, u64), DateTime<Utc>)>,
}

impl Exporter {
    pub(crate) fn new(folder: PathBuf, store: Arc<Store>, clock: Arc<Clock>) -> Self {
        Self { folder, store, clock, writing: tokio::sync::Mutex::default(), done: Mutex::default() }
    }

    /// Writes exports as they become due. Never returns.
    pub(crate) async fn watch(self: Arc<Self>) {
        loop {
            self.catch_up().await;
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Writes due exports and returns when they are written.
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
                // Retrying with every request would not help.
                tracing::error!(%error, job = %id, "cannot write export");
            }
            self.done.lock().unwrap_or_else(PoisonError::into_inner).jobs.insert((id, ended));
        }
    }

    /// Whether an export may be due. Cheap while none is.
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

    /// Jobs that have ended and are not written.
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
