//! Unpacks an archive from an untrusted source.
//!
//! Either all of its content appears in the folder or nothing. An entry never leaves the folder, never replaces a file,
//! and is only a file or a folder. A file must fit on the disk.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path, PathBuf},
    time::Duration,
};

use tar::{Entry, EntryType};

use crate::archive::reader::{damaged, read};

/// Unpacks a gzipped tar file into `folder`, which is created if it is missing. Reads the archive once and to its last
/// byte, so that every checksum is compared, and returns it. Nothing is in the folder unless this succeeds.
///
/// `is_cancelled` is called before each read. Once it returns true, unpacking ends and leaves nothing behind.
///
/// ```no_run
/// let file = std::fs::File::open("dump.tar.gz")?;
/// atlas_backup::unpack(file, "dump", || false)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// [`InvalidData`](io::ErrorKind::InvalidData) if the archive is damaged or contains entries that no backup has,
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if a file of the same name exists, otherwise those of the disk.
pub fn unpack<R: Read>(archive: R, folder: impl AsRef<Path>, is_cancelled: impl Fn() -> bool) -> io::Result<R> {
    let mut unpacking = Unpacking::start(folder.as_ref())?;
    let archive = read(archive, is_cancelled, |entry| unpacking.take(entry)?)?;
    unpacking.move_into_place()?;
    Ok(archive)
}

/// The beginning of the name of a scratch folder.
const SCRATCH: &str = ".atlas-backup-unpack-";

/// How long a scratch folder without a lock is left alone.
const NEW: Duration = Duration::from_secs(60);

/// Locks a folder until the file is dropped or the process ends. `None` if another process holds it, or where folders cannot be
/// locked.
fn locked(folder: &Path) -> Option<fs::File> {
    let file = fs::File::open(folder).ok()?;
    file.try_lock().ok().map(|()| file)
}

/// Removes the scratch folders that killed processes left in `folder`: those that no process has locked. What cannot be removed stays
/// for the next time.
fn remove_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_scratch = entry.file_name().to_string_lossy().starts_with(SCRATCH);
        // A process may have created it just now and not locked it yet.
        let is_old = |found: fs::Metadata| {
            found.is_dir() && found.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > NEW))
        };
        if !is_scratch || !entry.metadata().is_ok_and(is_old) || locked(&entry.path()).is_none() {
            continue;
        }
        if let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::debug!(%error, path = %entry.path().display(), "cannot remove what a killed process left");
        }
    }
}

/// An archive that is being unpacked. Dropped before it is [moved into place](Self::move_into_place), it leaves nothing
/// behind.
pub(super) struct Unpacking {
    folder: PathBuf,
    /// Inside `folder`, deleted with its remaining content.
    scratch: tempfile::TempDir,
    /// Held while the scratch folder is in use; see [`remove_leftovers`].
    _lock: Option<fs::File>,
    /// The names that will be in the folder.
    roots: BTreeSet<OsString>,
}

impl Unpacking {
    pub(super) fn start(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        remove_leftovers(folder);
        let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(folder)?;
        let lock = locked(scratch.path());
        Ok(Unpacking { folder: folder.to_owned(), scratch, _lock: lock, roots: BTreeSet::new() })
    }

    /// Writes an entry. The outer error is that of the archive, which cannot be read any further. The inner one is about
    /// this entry: it is refused, or the disk fails.
    pub(super) fn take(&mut self, entry: &mut Entry<'_, impl Read>) -> io::Result<io::Result<()>> {
        let name = entry.path().map_err(damaged)?.into_owned();
        match self.open(&name, entry) {
            Ok(Some(mut file)) => copy(entry, &mut file)
                .map_err(|error| about(&name, error))
                .map(|written| written.map_err(|error| about(&name, error))),
            Ok(None) => Ok(Ok(())),
            Err(error) => Ok(Err(error)),
        }
    }

    /// The target file of an entry. `None` for an entry without content.
    fn open(&mut self, name: &Path, entry: &Entry<'_, impl Read>) -> io::Result<Option<File>> {
        let kind = entry.header().entry_type();
        // Old tar files mark a folder by its name only.
        let is_folder = kind.is_dir() || entry.header().as_ustar().is_none() && entry.path_bytes().ends_with(b"/");
        let path = match kind {
            // It describes later entries and is not needed here.
            EntryType::XGlobalHeader => return Ok(None),
            _ if is_folder => self.path(name)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => self.path(name)?,
            other => return Err(unsupported_entry(name, kind_name(other))),
        };
        match (path, is_folder) {
            (None, true) => Ok(None),
            (None, false) => Err(unsupported_entry(name, "has no name")),
            (Some(path), true) => fs::create_dir_all(path).map_err(|error| entry_error(name, error)).map(|()| None),
            (Some(path), false) => {
                check_free_space(name, entry.size(), self.scratch.path())?;
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent).map_err(|error| entry_error(name, error))?;
                }
                File::create_new(&path).map_err(|error| entry_error(name, error)).map(Some)
            }
        }
    }

    /// Temporary path of an entry. `None` for the folder itself.
    fn path(&mut self, name: &Path) -> io::Result<Option<PathBuf>> {
        let mut path = PathBuf::new();
        for part in name.components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                _ => return Err(unsupported_entry(name, "leads out of the folder")),
            }
        }
        let Some(root) = path.iter().next() else { return Ok(None) };
        if self.roots.insert(root.to_owned()) {
            self.is_free(root)?;
        }
        Ok(Some(self.scratch.path().join(path)))
    }

    fn is_free(&self, root: &std::ffi::OsStr) -> io::Result<()> {
        let place = self.folder.join(root);
        match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(_) => {
                let message = format!("{} already exists; nothing was replaced", place.display());
                Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
            }
        }
    }

    /// Moves everything from the scratch folder to where it belongs.
    pub(super) fn move_into_place(self) -> io::Result<()> {
        self.roots.iter().try_for_each(|root| self.is_free(root))?;
        self.roots.iter().try_for_each(|root| {
            match fs::rename(self.scratch.path().join(root), self.folder.join(root)) {
                // A folder of which only the name of a file was used.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                other => other,
            }
        })
    }
}

/// Writes the content of an entry. The outer error is a read error of the archive, the inner one a write error of the
/// disk.
fn copy(entry: &mut Entry<'_, impl Read>, file: &mut File) -> io::Result<io::Result<()>> {
    use std::io::Write as _;

    let (mut piece, mut left) = (vec![0; 128 * 1024], entry.size());
    loop {
        match entry.read(&mut piece).map_err(damaged)? {
            0 if left > 0 => return Err(damaged(io::ErrorKind::UnexpectedEof.into())),
            0 => return Ok(Ok(())),
            read => {
                if let Err(error) = file.write_all(&piece[..read]) {
                    return Ok(Err(error));
                }
                left = left.saturating_sub(read as u64);
            }
        }
    }
}

fn about(name: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", name.display()))
}

/// Whether the disk has room for a file of the stated size.
#[cfg(unix)]
fn check_free_space(name: &Path, bytes: u64, folder: &Path) -> io::Result<()> {
    let disk = rustix::fs::statvfs(folder)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if bytes <= free {
        return Ok(());
    }
    let message = format!("{} has {bytes} bytes, but only {free} are free", name.display());
    Err(io::Error::new(io::ErrorKind::StorageFull, message))
}

#[cfg(not(unix))]
fn check_free_space(_: &Path, _: u64, _: &Path) -> io::Result<()> {
    Ok(())
}

fn kind_name(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Symlink | EntryType::Link => "is a link",
        EntryType::Char | EntryType::Block => "is a device",
        EntryType::Fifo => "is a pipe",
        _ => "is of an unknown kind",
    }
}

fn unsupported_entry(name: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} {why}, which no backup contains", name.display()))
}

/// Only another entry can be in the way.
fn entry_error(name: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            io::Error::new(io::ErrorKind::InvalidData, format!("{} is duplicated in the archive", name.display()))
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => {
            unsupported_entry(name, "is not a valid file name")
        }
        _ => about(name, error),
    }
}

#[cfg(test)]
mod tests;
