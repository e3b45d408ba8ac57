//! Whether a downloaded archive is whole: every checksum of the gzip file, every entry of the tar file in it.
//!
//! Reads the file from its beginning to its end and keeps nothing of it.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use flate2::bufread::MultiGzDecoder;
use tokio::time::{Instant, timeout_at};

use super::part::blocking;
use crate::error::{Error, ErrorKind, Result};

/// An error of kind [`ErrorKind::Decode`] if the archive is damaged.
pub(super) async fn whole(path: &Path, deadline: Instant) -> Result<()> {
    let (path, wanted) = (path.to_owned(), Wanted::default());
    let still = wanted.0.clone();
    let damage = blocking(move || Ok(read(BufReader::with_capacity(256 * 1024, File::open(path)?), &still).err()));
    match timeout_at(deadline, damage).await {
        Ok(Ok(None)) => Ok(()),
        Ok(Ok(Some(source))) => {
            let message = format!("the archive is damaged: {source}");
            Err(Error::new(ErrorKind::Decode, message).because(source))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error::new(ErrorKind::Timeout, "the archive was not verified in time")),
    }
}

fn read(file: impl io::BufRead, wanted: &AtomicBool) -> io::Result<()> {
    let mut archive = tar::Archive::new(MultiGzDecoder::new(file));
    for entry in archive.entries()? {
        drain(&mut entry?, wanted)?;
    }
    // What follows the last entry, so that the last checksum is compared too.
    drain(&mut archive.into_inner(), wanted)
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
