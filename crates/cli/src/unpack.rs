//! Unpacking an archive that comes from elsewhere, and that nobody has looked into before.
//!
//! All of it appears in the folder or nothing does. Nothing in an archive leads out of the folder, replaces what is there or
//! is anything but a file or a folder; no length in it is believed: not that of a file, which has to fit on the disk, nor
//! that of a header, which is read into memory.

use std::{
    cell::Cell,
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use flate2::read::MultiGzDecoder;
use tar::{Entry, EntryType};

use crate::context::background::Awaited;

/// The longest header: a long name, and what else there is to say about a file.
const HEADER: u64 = 1 << 20;

/// Unpacks a gzipped tar file into `folder`, which is made if it is missing, and reads the archive to its last byte; the
/// archive.
///
/// # Errors
/// [`InvalidData`](io::ErrorKind::InvalidData) if the archive is damaged or holds what no backup does,
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if something of its name is there, otherwise those of the disk.
pub(crate) fn unpack<R: Read>(archive: R, folder: &Path, awaited: &Awaited) -> io::Result<R> {
    fs::create_dir_all(folder)?;
    // Gone with whatever is in it, unless all of that has found its place.
    let scratch = tempfile::Builder::new().prefix(".atlas-backup-unpack-").tempdir_in(folder)?;
    let allowed = Rc::new(Cell::new(0));
    let of = MultiGzDecoder::new(BufReader::with_capacity(256 * 1024, archive));
    let mut archive = tar::Archive::new(Limited { of, allowed: allowed.clone(), awaited: awaited.clone() });
    let mut unpacking = Unpacking { folder, scratch: scratch.path(), roots: BTreeSet::new() };
    let mut entries = archive.entries().map_err(damaged)?;
    loop {
        allowed.set(HEADER);
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(damaged)?;
        allowed.set(u64::MAX);
        unpacking.take(&mut entry)?;
    }
    // What follows the last entry, so that the last checksum is compared and all of the file was read.
    allowed.set(u64::MAX);
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(damaged)?;
    let mut archive = rest.of.into_inner();
    io::copy(&mut archive, &mut io::sink())?;
    unpacking.place()?;
    Ok(archive.into_inner())
}

/// An archive on its way onto the disk.
struct Unpacking<'f> {
    folder: &'f Path,
    scratch: &'f Path,
    /// The names that will be in the folder.
    roots: BTreeSet<OsString>,
}

impl Unpacking<'_> {
    fn take(&mut self, entry: &mut Entry<'_, impl Read>) -> io::Result<()> {
        let name = entry.path().map_err(damaged)?.into_owned();
        let kind = entry.header().entry_type();
        // Before there were kinds, the name told a folder.
        let is_folder = kind.is_dir() || entry.header().as_ustar().is_none() && entry.path_bytes().ends_with(b"/");
        let path = match kind {
            // It is about those that follow, and nothing of that matters here.
            EntryType::XGlobalHeader => return Ok(()),
            _ if is_folder => self.path(&name)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => self.path(&name)?,
            other => return Err(refused(&name, what_it_is(other))),
        };
        match (path, is_folder) {
            (None, true) => Ok(()),
            (None, false) => Err(refused(&name, "has no name")),
            (Some(path), true) => fs::create_dir_all(path).map_err(|error| told(&name, error)),
            (Some(path), false) => {
                fits(&name, entry.size(), self.scratch)?;
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent).map_err(|error| told(&name, error))?;
                }
                let mut file = File::create_new(&path).map_err(|error| told(&name, error))?;
                copy(entry, &mut file)
                    .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", name.display())))
            }
        }
    }

    /// Where an entry goes for now; nowhere if it is the folder itself.
    fn path(&mut self, name: &Path) -> io::Result<Option<PathBuf>> {
        let mut path = PathBuf::new();
        for part in name.components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                _ => return Err(refused(name, "leads out of the folder")),
            }
        }
        let Some(root) = path.iter().next() else { return Ok(None) };
        if self.roots.insert(root.to_owned()) {
            self.is_free(root)?;
        }
        Ok(Some(self.scratch.join(path)))
    }

    fn is_free(&self, root: &std::ffi::OsStr) -> io::Result<()> {
        let place = self.folder.join(root);
        match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(_) => {
                let message = format!("{} is there already, and nothing of it was replaced", place.display());
                Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
            }
        }
    }

    /// Puts everything where it belongs.
    fn place(self) -> io::Result<()> {
        self.roots.iter().try_for_each(|root| self.is_free(root))?;
        self.roots.iter().try_for_each(|root| match fs::rename(self.scratch.join(root), self.folder.join(root)) {
            // A folder of which only a file's name was taken.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        })
    }
}

/// Tells the troubles of reading, which are the archive's, from those of writing, which are the disk's.
fn copy(entry: &mut Entry<'_, impl Read>, file: &mut File) -> io::Result<()> {
    use std::io::Write as _;

    let (mut piece, mut left) = (vec![0; 128 * 1024], entry.size());
    loop {
        match entry.read(&mut piece).map_err(damaged)? {
            0 if left > 0 => return Err(damaged(io::ErrorKind::UnexpectedEof.into())),
            0 => return Ok(()),
            read => {
                file.write_all(&piece[..read])?;
                left = left.saturating_sub(read as u64);
            }
        }
    }
}

/// Whether there is room for a file, as long as it says to be.
#[cfg(unix)]
fn fits(name: &Path, bytes: u64, folder: &Path) -> io::Result<()> {
    let disk = rustix::fs::statvfs(folder)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if bytes <= free {
        return Ok(());
    }
    let message = format!("{} has {bytes} bytes, and only {free} are free", name.display());
    Err(io::Error::new(io::ErrorKind::StorageFull, message))
}

#[cfg(not(unix))]
fn fits(_: &Path, _: u64, _: &Path) -> io::Result<()> {
    Ok(())
}

fn what_it_is(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Symlink | EntryType::Link => "is a link",
        EntryType::Char | EntryType::Block => "is a device",
        EntryType::Fifo => "is a pipe",
        _ => "is of an unknown kind",
    }
}

fn refused(name: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} {why}, which nothing in a backup does", name.display()))
}

/// What is in the way of an entry can only be another one.
fn told(name: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            io::Error::new(io::ErrorKind::InvalidData, format!("{} is in it twice", name.display()))
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => refused(name, "is no name for a file"),
        kind => io::Error::new(kind, format!("{}: {error}", name.display())),
    }
}

/// What is wrong with an archive, unless it can't be read at all.
fn damaged(error: io::Error) -> io::Error {
    match (error.raw_os_error(), error.kind()) {
        (Some(_), _) => error,
        (None, io::ErrorKind::UnexpectedEof) => io::Error::new(io::ErrorKind::InvalidData, "it ends too early"),
        (None, _) => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

/// Reads no more than is allowed, and nothing once nobody wants it any more.
struct Limited<R> {
    of: R,
    allowed: Rc<Cell<u64>>,
    awaited: Awaited,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.awaited.check()?;
        let read = self.of.read(buffer)?;
        match self.allowed.get().checked_sub(read as u64) {
            Some(left) => self.allowed.set(left),
            None => return Err(io::Error::new(io::ErrorKind::InvalidData, "a header in it is too long")),
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
