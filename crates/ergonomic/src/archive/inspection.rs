//! Everything that is done with an archive once it is there, in one pass that reads it once: its checksum is compared, its
//! entries are checked, and it is unpacked.
//!
//! Content that cannot be unpacked does not end the pass: whether the archive is complete must be known before it gets
//! its name.

#[cfg(feature = "verify")]
use std::path::{Path, PathBuf};
use std::{
    fs::File,
    io::{self, Read},
};

use crate::archive::checksum::{Checksum, Summed};
#[cfg(feature = "verify")]
use crate::archive::{
    reader::{damaged, read},
    unpack::Unpacking,
};

/// What to do with an archive.
#[derive(Debug, Clone, Default)]
pub(super) struct Inspection {
    /// The checksum that its host states.
    pub(super) checksum: Option<Checksum>,
    /// Whether to check every entry.
    #[cfg(feature = "verify")]
    pub(super) verify: bool,
    /// The folder to unpack it into, which checks every entry as well.
    #[cfg(feature = "verify")]
    pub(super) unpack_into: Option<PathBuf>,
}

/// An archive that is complete.
#[derive(Default)]
pub(super) struct Inspected {
    /// Its content, which is not in its folder yet, or why it cannot be unpacked.
    #[cfg(feature = "verify")]
    unpacking: Option<io::Result<Unpacking>>,
}

impl Inspection {
    /// Whether there is anything to read the archive for.
    fn is_needed(&self) -> bool {
        #[cfg(feature = "verify")]
        if self.reads_entries() {
            return true;
        }
        self.checksum.is_some()
    }

    #[cfg(feature = "verify")]
    fn reads_entries(&self) -> bool {
        self.verify || self.unpack_into.is_some()
    }

    /// Reads an archive if there is anything to read it for, once and to the last byte.
    ///
    /// # Errors
    /// [`InvalidData`](io::ErrorKind::InvalidData) if it is damaged or not the archive that its host describes, those of
    /// the disk, and one of another kind once it is cancelled.
    pub(super) fn file(
        &self,
        open: impl FnOnce() -> io::Result<File>,
        is_cancelled: impl Fn() -> bool,
    ) -> io::Result<Inspected> {
        if self.is_needed() { self.run(open()?, is_cancelled) } else { Ok(Inspected::default()) }
    }

    fn run<R: Read>(&self, archive: R, is_cancelled: impl Fn() -> bool) -> io::Result<Inspected> {
        let archive = Summed::new(archive, self.checksum.clone());
        #[cfg(feature = "verify")]
        if self.reads_entries() {
            return match self.entries(archive, &is_cancelled) {
                // The reader takes an error for damage.
                Err(_) if is_cancelled() => Err(io::Error::other("cancelled")),
                Err(error) => Err(error),
                Ok((inspected, archive)) => archive.compare().map(|()| inspected),
            };
        }
        let (mut archive, mut piece) = (archive, vec![0; 256 * 1024]);
        while !is_cancelled() {
            if archive.read(&mut piece)? == 0 {
                archive.compare()?;
                return Ok(Inspected::default());
            }
        }
        Err(io::Error::other("cancelled"))
    }

    #[cfg(feature = "verify")]
    fn entries<R: Read>(&self, archive: R, is_cancelled: impl Fn() -> bool) -> io::Result<(Inspected, R)> {
        let mut unpacking = self.unpack_into.as_deref().map(Unpacking::start);
        let archive = read(archive, is_cancelled, |entry| {
            if let Some(Ok(folder)) = &mut unpacking
                && let Err(refused) = folder.take(entry)?
            {
                // Dropped, so that the disk has room again.
                unpacking = Some(Err(refused));
            }
            // What was not read of the entry; nothing after it was unpacked.
            io::copy(entry, &mut io::sink()).map(drop).map_err(damaged)
        })?;
        Ok((Inspected { unpacking }, archive))
    }
}

impl Inspected {
    /// Moves what was unpacked into its folder; the folder, or `None` if nothing was to be unpacked.
    #[cfg(feature = "verify")]
    pub(super) fn move_into_place(self, folder: Option<&Path>) -> io::Result<Option<PathBuf>> {
        match self.unpacking {
            None => Ok(None),
            Some(unpacking) => unpacking?.move_into_place().map(|()| folder.map(Path::to_owned)),
        }
    }
}

#[cfg(all(test, feature = "verify"))]
mod tests;
