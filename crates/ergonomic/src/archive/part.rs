//! The file that becomes the archive: `<name>.part` while it grows, `<name>` when all of it is on the disk.
//!
//! A note beside it tells a later try what it is a part of. Who has it open holds a lock on it, so that no two downloads
//! write to one file. Files are only touched on threads that may wait for a disk, and in large pieces.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::{
    archive::transfer::State,
    model::{
        atomic_file,
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// How many bytes are written at once.
const WRITE_BYTES: usize = 512 * 1024;
/// How often a locked file is tried, and how long apart: a download that was just dropped may still be writing.
const LOCK_ATTEMPTS: usize = 20;
const LOCK_RETRY_INTERVAL: Duration = Duration::from_millis(50);

pub(super) struct Part {
    file: Arc<File>,
    path: PathBuf,
    note: PathBuf,
    target: PathBuf,
    of: String,
    left_behind: State,
    /// Whether the file holds what somebody else has left, of which nothing was overwritten yet.
    is_foreign: bool,
    total: Option<u64>,
    buffer: Vec<u8>,
}

/// What a later try must know. The URL is not in it: it is a secret while it lasts.
#[derive(Serialize, Deserialize)]
struct ResumeInfo {
    of: String,
    validator: Option<String>,
    total: Option<u64>,
}

impl Part {
    /// Opens the part of `target`, with what an earlier try has left if that was `of` the same.
    pub(super) async fn open(target: PathBuf, of: String) -> Result<Self> {
        if target.file_name().is_none() || target.is_dir() {
            let message = format!("{:?} is a folder; an archive is saved as a file", target.display());
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let (path, note) = (with_suffix(&target, ".part"), with_suffix(&target, ".part.json"));
        let mut tries = 0;
        let file = loop {
            let path = path.clone();
            match run_blocking(move || open(&path)).await? {
                Some(file) => break Arc::new(file),
                None if tries < LOCK_ATTEMPTS => tokio::time::sleep(LOCK_RETRY_INTERVAL).await,
                None => return Err(Error::new(ErrorKind::InvalidInput, "another download writes to this file")),
            }
            tries += 1;
        };
        let (opened, noted) = (file.clone(), note.clone());
        let (length, noted) =
            run_blocking(move || Ok((opened.metadata()?.len(), std::fs::read(noted).unwrap_or_default()))).await?;
        let noted = serde_json::from_slice::<ResumeInfo>(&noted).ok().filter(|noted| noted.of == of);
        let left_behind =
            match noted.map(|noted| (noted.validator.and_then(|validator| validator.parse().ok()), noted.total)) {
                Some((Some(validator), total)) if total.is_none_or(|total| length <= total) => {
                    State { at: length, total, validator: Some(validator) }
                }
                _ => State::default(),
            };
        let is_foreign = length > 0 && left_behind.at == 0;
        Ok(Part { file, path, note, target, of, left_behind, is_foreign, total: None, buffer: Vec::new() })
    }

    /// What an earlier try has left.
    pub(super) fn state(&self) -> State {
        self.left_behind.clone()
    }

    #[cfg(feature = "verify")]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it will be called.
    #[cfg(feature = "verify")]
    pub(super) fn name(&self) -> String {
        self.target.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Cuts the file to where the bytes that follow belong, and notes what they are of.
    pub(super) async fn start_at(&mut self, state: &State) -> Result<()> {
        if state.at > 0 {
            self.flush().await?;
        }
        self.buffer.clear();
        self.is_foreign = false;
        self.total = state.total;
        let validator =
            state.validator.as_ref().and_then(|validator: &HeaderValue| validator.to_str().ok()).map(str::to_owned);
        let note = ResumeInfo { of: self.of.clone(), validator, total: state.total };
        let note = serde_json::to_vec(&note)
            .map_err(|source| Error::new(ErrorKind::Encode, "the note can't be written").with_source(source))?;
        let (file, path, at) = (self.file.clone(), self.note.clone(), state.at);
        // Cut first: a note must never stand beside bytes of another archive.
        run_blocking(move || file.set_len(at).and_then(|()| atomic_file::write(&path, &note))).await
    }

    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.buffer.extend_from_slice(&bytes);
        if self.buffer.len() >= WRITE_BYTES { self.flush().await } else { Ok(()) }
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let (file, mut buffer) = (self.file.clone(), std::mem::take(&mut self.buffer));
        self.buffer = run_blocking(move || {
            (&*file).write_all(&buffer)?;
            buffer.clear();
            Ok(buffer)
        })
        .await?;
        Ok(())
    }

    /// Makes it the file that was wanted. `received` is what came, all in all.
    pub(super) async fn finish(self, received: u64) -> Result<(PathBuf, u64)> {
        let Part { file, path, note, target, total, .. } = self;
        run_blocking(move || {
            let length = file.metadata()?.len();
            if length != received || total.is_some_and(|total| length != total) {
                return Err(io::Error::other(format!("the file has {length} bytes, but {received} of {total:?} came")));
            }
            file.sync_all()?;
            std::fs::rename(&path, &target)?;
            let _gone = std::fs::remove_file(&note);
            // The name is on the disk when its folder is; not every system can be told so.
            if let Some(folder) = target.parent() {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let _synced = File::open(folder).and_then(|folder| folder.sync_all());
            }
            Ok((target, length))
        })
        .await
    }

    /// Leaves nothing behind that is its own.
    pub(super) async fn discard(&mut self) -> Result<()> {
        if self.is_foreign {
            return Ok(());
        }
        let (path, note) = (self.path.clone(), self.note.clone());
        run_blocking(move || {
            let _gone = std::fs::remove_file(note);
            std::fs::remove_file(path)
        })
        .await
    }
}

/// Opens and locks, or `None` when someone else has it locked.
fn open(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    match file.try_lock() {
        // Another download may have finished between the two steps; then this is its file, and no part any more.
        // Some file systems know no locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(is_still_at(&file, path)?.then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
    }
}

/// Whether `path` names this very file. A link that leads to it is an error: nobody has asked for that file.
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    let named = match std::fs::symlink_metadata(path) {
        Ok(named) => named,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if named.is_symlink() {
        return Err(io::Error::other(format!("{} is a link", path.display())));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let opened = file.metadata()?;
        Ok((opened.dev(), opened.ino()) == (named.dev(), named.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(true)
    }
}

fn with_suffix(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Does something with files where waiting for them holds up nobody else.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|source| {
            Error::new(ErrorKind::File, format!("a file can't be written: {source}")).with_source(source)
        }),
        Err(gone) => Err(Error::new(ErrorKind::File, "the runtime was shut down").with_source(gone)),
    }
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
