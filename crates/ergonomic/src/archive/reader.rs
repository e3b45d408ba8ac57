//! The reader of archives: gzipped tar files, entry by entry, to the last byte.
//!
//! No length in an archive is trusted: a header is read into memory only up to a limit. Every checksum is compared, and the
//! tar file must have its end marker: an archive that was cut between two entries is otherwise well formed.

use std::{
    cell::Cell,
    io::{self, BufReader, Read},
    rc::Rc,
};

use flate2::bufread::MultiGzDecoder;
use tar::Entry;

/// The longest header: a long name, and whatever else describes a file.
const HEADER: u64 = 1 << 20;
/// The unit of tar files. Two blocks of zeros are the end marker.
const BLOCK: usize = 512;

/// Reads `archive` once and passes each entry to `each`, which may read its content. Returns the archive.
///
/// # Errors
/// [`InvalidData`](io::ErrorKind::InvalidData) if the archive is damaged, an error of `each`, those of the disk, and
/// one of another kind when `is_cancelled` says so.
pub(super) fn read<R: Read, C: Fn() -> bool>(
    archive: R,
    is_cancelled: C,
    mut each: impl FnMut(&mut Entry<'_, Limited<R, C>>) -> io::Result<()>,
) -> io::Result<R> {
    let (allowed, is_at_end) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
    let of = MultiGzDecoder::new(BufReader::with_capacity(256 * 1024, archive));
    let limited = Limited { of, allowed: allowed.clone(), is_at_end: is_at_end.clone(), is_cancelled };
    let mut archive = tar::Archive::new(limited);
    let mut entries = archive.entries().map_err(damaged)?;
    loop {
        allowed.set(HEADER);
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(damaged)?;
        allowed.set(u64::MAX);
        each(&mut entry)?;
    }
    // The first block of the end marker ends the entries, and so does the end of the file.
    let mut rest = archive.into_inner();
    let mut second = [1; BLOCK];
    if is_at_end.get() {
        return Err(damaged(io::ErrorKind::UnexpectedEof.into()));
    }
    rest.read_exact(&mut second).map_err(damaged)?;
    if second != [0; BLOCK] {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it has no end marker"));
    }
    // What follows, so that the last checksum is compared and all of the file was read.
    allowed.set(u64::MAX);
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
    /// Whether a read has found nothing more.
    is_at_end: Rc<Cell<bool>>,
    is_cancelled: C,
}

impl<R: Read, C: Fn() -> bool> Read for Limited<R, C> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.is_cancelled)() {
            return Err(io::Error::other("cancelled"));
        }
        let read = self.of.read(buffer)?;
        self.is_at_end.set(read == 0 && !buffer.is_empty());
        match self.allowed.get().checked_sub(read as u64) {
            Some(left) => self.allowed.set(left),
            None => return Err(io::Error::new(io::ErrorKind::InvalidData, "a header in it is too long")),
        }
        Ok(read)
    }
}
