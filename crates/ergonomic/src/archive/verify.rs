//! Whether a downloaded archive is whole: every checksum of the gzip file, every entry of the tar file in it.
//!
//! Reads the file from its beginning to its end and keeps nothing of it: memory does not grow with what an archive says of
//! itself.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use flate2::bufread::MultiGzDecoder;
use tokio::time::{Instant, timeout_at};

use crate::{
    archive::part::blocking,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// The longest header: a long name, and what else there is to say about a file. It is read into memory.
const HEADER: u64 = 1 << 20;

/// An error of kind [`ErrorKind::Decode`] if the archive, which is to be called `name`, is damaged.
pub(super) async fn whole(path: &Path, name: &str, deadline: Instant) -> Result<()> {
    let (path, wanted) = (path.to_owned(), Wanted::default());
    let still = wanted.0.clone();
    let damage = blocking(move || Ok(read(BufReader::with_capacity(256 * 1024, File::open(path)?), &still).err()));
    match timeout_at(deadline, damage).await {
        Ok(Ok(None)) => Ok(()),
        Ok(Ok(Some(source))) => {
            let message = format!("{name} is damaged: {source}");
            Err(Error::new(ErrorKind::Decode, message).because(source))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error::new(ErrorKind::Timeout, "the archive was not verified in time")),
    }
}

fn read(file: impl io::BufRead, wanted: &AtomicBool) -> io::Result<()> {
    let allowed = Rc::new(Cell::new(0));
    let mut archive = tar::Archive::new(Limited { of: MultiGzDecoder::new(file), allowed: allowed.clone() });
    let mut entries = archive.entries()?;
    loop {
        allowed.set(HEADER);
        let Some(entry) = entries.next() else { break };
        let mut entry = entry?;
        allowed.set(u64::MAX);
        drain(&mut entry, wanted)?;
    }
    // What follows the last entry, so that the last checksum is compared too.
    allowed.set(u64::MAX);
    drain(&mut archive.into_inner(), wanted)
}

/// Reads no more than is allowed.
struct Limited<R> {
    of: R,
    allowed: Rc<Cell<u64>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.of.read(buffer)?;
        let left = self.allowed.get().checked_sub(read as u64);
        self.allowed.set(left.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a header in it is too long"))?);
        Ok(read)
    }
}

fn drain(reader: &mut impl Read, wanted: &AtomicBool) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    while reader.read(&mut piece)? > 0 {
        if !wanted.load(Relaxed) {
            return Err(io::Error::other("nobody wants to know any more"));
        }
    }
    Ok(())
}

/// Ends the reading when nobody waits for it any more.
struct Wanted(Arc<AtomicBool>);

impl Default for Wanted {
    fn default() -> Self {
        Wanted(Arc::new(AtomicBool::new(true)))
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}
