//! Whether a downloaded archive is whole: every checksum of the gzip file, every entry of the tar file in it.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::time::{Instant, timeout_at};

use crate::{
    archive::{
        part::run_blocking,
        reader::{damaged, read},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// An error of kind [`ErrorKind::Decode`] if the archive, which is to be called `name`, is damaged.
pub(super) async fn verify_archive(path: &Path, name: &str, deadline: Instant) -> Result<()> {
    let (path, cancelled) = (path.to_owned(), Arc::new(AtomicBool::new(false)));
    let _cancel = CancelOnDrop(cancelled.clone());
    let check = run_blocking(move || {
        let is_cancelled = || cancelled.load(Relaxed);
        let whole =
            read(File::open(path)?, is_cancelled, |entry| io::copy(entry, &mut io::sink()).map(drop).map_err(damaged));
        match whole {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(error)),
            whole => whole.map(|_| None),
        }
    });
    match timeout_at(deadline, check).await {
        Ok(Ok(None)) => Ok(()),
        Ok(Ok(Some(source))) => {
            let message = format!("{name} is damaged: {source}");
            Err(Error::new(ErrorKind::Decode, message).with_source(source))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error::new(ErrorKind::Timeout, "the archive was not verified in time")),
    }
}

/// Ends the reading when its result is no longer awaited.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}
