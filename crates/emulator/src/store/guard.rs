//! Keeps a file unchanged until its content was checked.
//!
//! Opening a database repairs the damage of a crash, which writes to the file. Until [`Release::release`], such writes
//! happen only in memory, so that a damaged or foreign file stays unchanged. The release repeats them in order,
//! including flushes, so that the database's guarantees hold if it is interrupted.

use std::{
    io,
    ops::Bound,
    sync::{Arc, PoisonError, RwLock},
};

use redb::{BackendError, StorageBackend, backends::FileBackend};

/// A file behind a guard.
#[derive(Debug)]
pub(crate) struct Guarded(Arc<Inner>);

/// Opens the guard. If it is dropped, the guard stays closed.
#[derive(Debug)]
pub(crate) struct Release(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: FileBackend,
    /// `None` once the guard is open.
    held: RwLock<Option<PendingWrites>>,
}

/// Pending writes.
#[derive(Debug)]
struct PendingWrites {
    length: u64,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Write(u64, Vec<u8>),
    Length(u64),
    Flush,
}

impl Guarded {
    pub(crate) fn new(file: FileBackend) -> io::Result<(Self, Release)> {
        let held = RwLock::new(Some(PendingWrites { length: file.len()?, steps: Vec::new() }));
        let inner = Arc::new(Inner { file, held });
        Ok((Self(Arc::clone(&inner)), Release(inner)))
    }

    fn step(&self, step: Step) -> io::Result<()> {
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        let Some(held) = held.as_mut() else { return self.0.apply(&step) };
        match &step {
            Step::Length(length) => held.length = *length,
            Step::Write(at, bytes) => held.length = held.length.max(at + bytes.len() as u64),
            Step::Flush => {}
        }
        held.steps.push(step);
        Ok(())
    }
}

impl Release {
    /// Executes the pending writes. Later writes go to the file directly.
    pub(crate) fn release(self) -> io::Result<()> {
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        held.take().into_iter().flat_map(|held| held.steps).try_for_each(|step| self.0.apply(&step))
    }
}

impl Inner {
    fn apply(&self, step: &Step) -> io::Result<()> {
        match step {
            Step::Write(at, bytes) => self.file.write(*at, bytes),
            Step::Length(length) => self.file.set_len(*length),
            Step::Flush => self.file.sync_data(),
        }
    }
}

impl PendingWrites {
    /// The content of the file with the pending writes applied.
    fn read(&self, file: &FileBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if offset + out.len() as u64 > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let in_file = file.len()?.saturating_sub(offset).min(out.len() as u64) as usize;
        file.read(offset, &mut out[..in_file])?;
        out[in_file..].fill(0);
        for step in &self.steps {
            match step {
                Step::Write(at, bytes) => {
                    let (first, last) = (offset.max(*at), (offset + out.len() as u64).min(at + bytes.len() as u64));
                    if first < last {
                        let (from, length) = ((first - at) as usize, (last - first) as usize);
                        let to = (first - offset) as usize;
                        out[to..to + length].copy_from_slice(&bytes[from..from + length]);
                    }
                }
                Step::Length(length) => {
                    let kept = length.saturating_sub(offset).min(out.len() as u64) as usize;
                    out[kept..].fill(0);
                }
                Step::Flush => {}
            }
        }
        Ok(())
    }
}

impl StorageBackend for Guarded {
    fn len(&self) -> io::Result<u64> {
        match self.0.held.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(held) => Ok(held.length),
            None => self.0.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self.0.held.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(held) => held.read(&self.0.file, offset, out),
            None => self.0.file.read(offset, out),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.step(Step::Length(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.step(Step::Flush)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let is_open = self.0.held.read().unwrap_or_else(PoisonError::into_inner).is_none();
        if is_open { self.0.file.write(offset, data) } else { self.step(Step::Write(offset, data.to_vec())) }
    }

    fn close(&self) -> io::Result<()> {
        self.0.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.try_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.unlock_range(start, end)
    }
}
