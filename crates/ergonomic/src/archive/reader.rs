//! The reader of archives: gzipped tar files, entry by entry, to the last byte.
//!
//! No length in an archive is believed: a header is read into memory only up to a limit. Every checksum is compared.

use std::{
    cell::Cell,
    io::{self, BufReader, Read},
    rc::Rc,
};

use flate2::bufread::MultiGzDecoder;
use tar::Entry;

/// The longest header: a long name, and whatever else describes a file.
const HEADER: u64 = 1 << 20;

/// Reads `archive` and hands each entry to `each`, which may read its content. Returns the archive.
///
/// # Errors
/// [`InvalidData`](io::ErrorKind::InvalidData) if the archive is damaged, an error of `each`, those of the disk, and
/// one of another kind when `is_cancelled` says so.
pub(super) fn read<R: Read, C: Fn() -> bool>(
    archive: R,
    is_cancelled: C,
    mut each: impl FnMut(&mut Entry<'_, Limited<R, C>>) -> io::Result<()>,
) -> io::Result<R> {
    let allowed = Rc::new(Cell::new(0));
    let of = MultiGzDecoder::new(BufReader::with_capacity(256 * 1024, archive));
    let mut archive = tar::Archive::new(Limited { of, allowed: allowed.clone(), is_cancelled });
    let mut entries = archive.entries().map_err(damaged)?;
    loop {
        allowed.set(HEADER);
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(damaged)?;
        allowed.set(u64::MAX);
        each(&mut entry)?;
    }
    // What follows the last entry, so that the last checksum is compared and all of the file was read.
    allowed.set(u64::MAX);
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(damaged)?;
    let mut archive = rest.of.into_inner();
    io::copy(&mut archive, &mut io::sink())?;
    Ok(archive.into_inner())
}

/// What is wrong with an archive, unless it cannot be read at all.
pub(super) fn damaged(error: io::Error) -> io::Error {
    match (error.raw_os_error(), error.kind()) {
        (Some(_), _) => error,
        (None, io::ErrorKind::UnexpectedEof) => io::Error::new(io::ErrorKind::InvalidData, "it ends too early"),
        (None, _) => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

/// Reads no more than is allowed, and nothing once it is cancelled.
pub(super) struct Limited<R, C> {
    of: MultiGzDecoder<BufReader<R>>,
    allowed: Rc<Cell<u64>>,
    is_cancelled: C,
}

impl<R: Read, C: Fn() -> bool> Read for Limited<R, C> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.is_cancelled)() {
            return Err(io::Error::other("cancelled"));
        }
        let read = self.of.read(buffer)?;
        match self.allowed.get().checked_sub(read as u64) {
            Some(left) => self.allowed.set(left),
            None => return Err(io::Error::new(io::ErrorKind::InvalidData, "a header in it is too long")),
        }
        Ok(read)
    }
}
