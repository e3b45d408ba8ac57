//! The file that becomes the archive: `<name>.part` while it grows, `<name>` when all of it is on the disk.
//!
//! A sidecar file tells a later attempt which archive it belongs to. A download locks the file, so that no two
//! downloads write to one file. Only regular files are opened or replaced. Files are accessed on blocking threads and
//! in large pieces.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::{
    archive::{
        blocking::BlockingWork,
        inspection::{Inspected, Inspection},
        transfer::State,
    },
    model::{
        atomic_file,
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// How many bytes are written at once.
const WRITE_BYTES: usize = 512 * 1024;
/// How long bytes that have arrived wait for more before they are written.
pub(super) const AT_REST: Duration = Duration::from_secs(1);
/// How often a locked file is tried, and the interval: a download that was just dropped may still be writing.
const LOCK_ATTEMPTS: usize = 20;
const LOCK_RETRY_INTERVAL: Duration = Duration::from_millis(50);
/// The longest note that is read.
const RESUME_INFO_BYTES: u64 = 64 * 1024;

pub(super) struct Part {
    file: Arc<File>,
    path: PathBuf,
    note: PathBuf,
    target: PathBuf,
    of: String,
    work: BlockingWork,
    left_behind: State,
    /// Whether the file holds what another download has left, of which nothing was overwritten yet.
    is_foreign: bool,
    total: Option<u64>,
    /// How many bytes the file has.
    written: u64,
    buffer: Vec<u8>,
    /// When the first byte in the buffer arrived.
    since: Instant,
}

/// What a later attempt must know. The URL is not included: it is a secret while it is valid.
#[derive(Serialize, Deserialize)]
struct ResumeInfo {
    of: String,
    validator: Option<String>,
    total: Option<u64>,
}

/// An archive that has its name.
pub(super) struct Named {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// The folder that its content is in.
    pub(super) unpacked_into: Option<PathBuf>,
}

impl Part {
    /// Opens the partial file of `target`, with the state of an earlier attempt if that had the same `of`.
    pub(super) async fn open(target: PathBuf, of: String, work: BlockingWork) -> Result<Self> {
        // `file_name` leaves out a slash at the end, which is a folder's.
        if target.file_name().is_none() || target.is_dir() {
            let message = format!("{:?} is a folder; an archive is saved as a file", target.display());
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        if let Err(other) = atomic_file::regular(&target) {
            return Err(
                Error::new(ErrorKind::InvalidInput, format!("cannot save an archive: {other}")).with_source(other)
            );
        }
        let (path, note) = (with_suffix(&target, ".part"), with_suffix(&target, ".part.json"));
        let mut tries = 0;
        let file = loop {
            let path = path.clone();
            match work.blocking(move || open(&path)).await? {
                Some(file) => break Arc::new(file),
                None if tries < LOCK_ATTEMPTS => tokio::time::sleep(LOCK_RETRY_INTERVAL).await,
                None => {
                    let message = format!("another download writes to {}", target.display());
                    return Err(Error::new(ErrorKind::InvalidInput, message));
                }
            }
            tries += 1;
        };
        let (opened, noted) = (file.clone(), note.clone());
        let (written, noted) = work.blocking(move || Ok((opened.metadata()?.len(), read_note(&noted)?))).await?;
        let noted = serde_json::from_slice::<ResumeInfo>(&noted).ok().filter(|noted| noted.of == of);
        let left_behind =
            match noted.map(|noted| (noted.validator.and_then(|validator| validator.parse().ok()), noted.total)) {
                Some((Some(validator), total)) if total.is_none_or(|total| written <= total) => {
                    State { at: written, total, validator: Some(validator), ..State::default() }
                }
                _ => State::default(),
            };
        let is_foreign = written > 0 && left_behind.at == 0;
        Ok(Part {
            file,
            path,
            note,
            target,
            of,
            work,
            left_behind,
            is_foreign,
            total: None,
            written,
            buffer: Vec::new(),
            since: Instant::now(),
        })
    }

    /// The state left by an earlier attempt.
    pub(super) fn state(&self) -> State {
        self.left_behind.clone()
    }

    /// How many bytes the file has, and how many it will have, where that is known.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        (self.written, self.total)
    }

    /// Truncates the file to the start of the next bytes, and records their archive in the sidecar file.
    pub(super) async fn start_at(&mut self, state: &State) -> Result<()> {
        if state.at > 0 {
            self.flush().await?;
        }
        self.buffer.clear();
        self.is_foreign = false;
        (self.total, self.written) = (state.total, state.at);
        let validator =
            state.validator.as_ref().and_then(|validator: &HeaderValue| validator.to_str().ok()).map(str::to_owned);
        let note = ResumeInfo { of: self.of.clone(), validator, total: state.total };
        let note = serde_json::to_vec(&note)
            .map_err(|source| Error::new(ErrorKind::Encode, "cannot write the sidecar file").with_source(source))?;
        let (file, path, at) = (self.file.clone(), self.note.clone(), state.at);
        // Truncate first: the sidecar file must never describe bytes of another archive.
        self.work.blocking(move || file.set_len(at).and_then(|()| atomic_file::write(&path, &note))).await
    }

    /// Takes bytes, and writes them once they are many or old.
    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<()> {
        if self.buffer.is_empty() {
            self.since = Instant::now();
        }
        self.buffer.extend_from_slice(&bytes);
        let is_due = self.buffer.len() >= WRITE_BYTES || self.since.elapsed() >= AT_REST;
        if is_due { self.flush().await } else { Ok(()) }
    }

    /// Writes what has arrived.
    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let (file, mut buffer) = (self.file.clone(), std::mem::take(&mut self.buffer));
        let (length, buffer) = self
            .work
            .blocking(move || {
                (&*file).write_all(&buffer)?;
                let length = buffer.len() as u64;
                buffer.clear();
                Ok((length, buffer))
            })
            .await?;
        self.written += length;
        self.buffer = buffer;
        Ok(())
    }

    /// Whether a file has the archive's name already.
    pub(super) async fn has_target(&self) -> Result<bool> {
        let target = self.target.clone();
        self.work.blocking(move || Ok(atomic_file::regular(&target)?.is_some())).await
    }

    /// Inspects the file that has the archive's name already. Returns `None` if it is not the complete archive that
    /// `state` describes. Then nothing was unpacked either.
    pub(super) async fn complete(
        &self,
        state: &State,
        inspection: &Inspection,
        deadline: Instant,
    ) -> Result<Option<Named>> {
        let (target, total, modified) = (self.target.clone(), state.total, state.modified);
        let inspection = Inspection { checksum: state.checksum.clone(), ..inspection.clone() };
        let is_summed = inspection.checksum.is_some();
        self.inspect(deadline, move |is_cancelled| {
            let Some(found) = atomic_file::regular(&target)? else { return Ok(None) };
            // A file that is older than the archive is of another one.
            let is_older = || modified.is_some_and(|modified| found.modified().is_ok_and(|found| found < modified));
            if Some(found.len()) != total || (!is_summed && is_older()) {
                return Ok(None);
            }
            let open = || atomic_file::open(&target, OpenOptions::new().read(true));
            match inspection.file(open, is_cancelled) {
                Ok(inspected) => Ok(Some(named(target, found.len(), inspected, &inspection))),
                Err(damaged) if damaged.kind() == io::ErrorKind::InvalidData => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await?
        .transpose()
    }

    /// Inspects the archive and renames it to its final name. Deletes a damaged archive. An archive that cannot be unpacked is
    /// an error, but keeps its final name.
    pub(super) async fn finish(
        self,
        state: &State,
        inspection: &Inspection,
        replaces: bool,
        deadline: Instant,
    ) -> Result<Named> {
        let (file, path, note, target) = (self.file.clone(), self.path.clone(), self.note.clone(), self.target.clone());
        let (received, total, modified) = (state.at, state.total, state.modified);
        let inspection = Inspection { checksum: state.checksum.clone(), ..inspection.clone() };
        self.inspect(deadline, move |is_cancelled| {
            let length = file.metadata()?.len();
            if length != received || total.is_some_and(|total| length != total) {
                return Err(io::Error::other(format!("the file has {length} bytes, but {received} of {total:?} came")));
            }
            let open = || atomic_file::open(&path, OpenOptions::new().read(true));
            let inspected = match inspection.file(open, is_cancelled) {
                Err(damaged) if damaged.kind() == io::ErrorKind::InvalidData => {
                    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let message = format!("{name} is damaged: {damaged}");
                    let _gone = std::fs::remove_file(&note);
                    std::fs::remove_file(&path)?;
                    return Ok(Err(Error::new(ErrorKind::Decode, message).with_source(damaged)));
                }
                inspected => inspected?,
            };
            // So that a later try recognises it.
            if let Some(modified) = modified {
                let _unsupported = file.set_modified(modified);
            }
            file.sync_all()?;
            if atomic_file::regular(&target)?.is_some() && !replaces {
                return Ok(Err(exists(&target)));
            }
            std::fs::rename(&path, &target)?;
            let _gone = std::fs::remove_file(&note);
            if let Some(folder) = target.parent() {
                atomic_file::sync_folder(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
            }
            Ok(named(target, length, inspected, &inspection))
        })
        .await?
    }

    /// Does work that takes long, until the deadline.
    async fn inspect<T: Send + 'static>(
        &self,
        deadline: Instant,
        work: impl FnOnce(&dyn Fn() -> bool) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let work = self.work.cancellable(move |awaited| work(&move || awaited.is_cancelled()));
        match timeout_at(deadline, work).await {
            Ok(done) => done,
            Err(_) => {
                // The unpacked files are deleted by then.
                self.work.finished().await;
                let message = format!("{} was not checked in time", self.target.display());
                Err(Error::new(ErrorKind::Timeout, message))
            }
        }
    }

    /// Deletes what is its own.
    pub(super) async fn discard(&mut self) -> Result<()> {
        if self.is_foreign {
            return Ok(());
        }
        let (path, note) = (self.path.clone(), self.note.clone());
        self.work
            .blocking(move || {
                let _gone = std::fs::remove_file(note);
                std::fs::remove_file(path)
            })
            .await
    }
}

/// Puts the content of an archive that has its name where it belongs.
fn named(path: PathBuf, bytes: u64, inspected: Inspected, inspection: &Inspection) -> Result<Named> {
    #[cfg(feature = "verify")]
    let unpacked_into = inspected.move_into_place(inspection.unpack_into.as_deref()).map_err(|source| {
        let message = format!("{} is complete, but was not unpacked: {source}", path.display());
        Error::new(ErrorKind::File, message).with_source(source)
    })?;
    #[cfg(not(feature = "verify"))]
    let (unpacked_into, _) = (None, (inspected, inspection));
    Ok(Named { path, bytes, unpacked_into })
}

/// The error where a file must not be replaced.
pub(super) fn exists(target: &Path) -> Error {
    let message = format!("{} exists and is not this archive", target.display());
    Error::new(ErrorKind::InvalidInput, message.clone())
        .with_source(io::Error::new(io::ErrorKind::AlreadyExists, message))
}

fn read_note(path: &Path) -> io::Result<Vec<u8>> {
    let mut note = Vec::new();
    match atomic_file::open(path, OpenOptions::new().read(true)) {
        Ok(file) => file.take(RESUME_INFO_BYTES).read_to_end(&mut note).map(|_| note),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(note),
        Err(error) => Err(error),
    }
}

/// Opens and locks, or `None` when another download has it locked.
fn open(path: &Path) -> io::Result<Option<File>> {
    let file = atomic_file::open(path, OpenOptions::new().create(true).append(true))?;
    match file.try_lock() {
        // Another download may have finished between the two steps. Then this is its file and no longer a partial one.
        // Some file systems have no locks.
        Ok(()) | Err(TryLockError::Error(_)) if !is_still_at(&file, path)? => Ok(None),
        Ok(()) | Err(TryLockError::Error(_)) => {
            // An earlier version may have made it readable for others.
            #[cfg(unix)]
            file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
    }
}

/// Whether `path` names this very file.
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    let Some(named) = atomic_file::regular(path)? else { return Ok(false) };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let opened = file.metadata()?;
        Ok((opened.dev(), opened.ino()) == (named.dev(), named.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, named);
        Ok(true)
    }
}

fn with_suffix(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn renamed_part_is_not_reused_when_new_one_exists() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dump.part");
        let file = OpenOptions::new().create(true).append(true).open(&path).expect("a part");
        assert!(is_still_at(&file, &path).expect("it is there"));
        std::fs::rename(&path, folder.path().join("dump")).expect("another name");
        assert!(!is_still_at(&file, &path).expect("nothing is there"));
        std::fs::write(&path, "a third download's").expect("a part");
        assert!(!is_still_at(&file, &path).expect("another is there"));
    }
}
