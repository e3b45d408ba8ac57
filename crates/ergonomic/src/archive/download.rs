//! Downloads of snapshots: from a restore job that has an archive to a file that is whole.
//!
//! A file appears under its name only when all of it is there: until then it is `<name>.part`, beside a note that says
//! of what. Bytes of two different archives never come together, an error page never becomes an archive, and whoever
//! serves the archive never sees the client's credentials. Memory does not grow with the archive.

use std::{
    fmt,
    ops::Deref,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::Instant;
use url::Url;

use crate::{
    archive::{
        origin::{Origin, file_name, find},
        part::Part,
        stream::DownloadStream,
        transfer::{Event, Transfer},
    },
    http::retry::instant_after,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// How long a download may take when nobody says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(86_400);

pub(super) type Observer = Box<dyn FnMut(&DownloadProgress) + Send>;

/// A download in the making: a restore job whose archive can be [saved](Self::save_to) or [read](Self::open).
///
/// It dereferences to the job. Both wait until the service has prepared the archive, take up a broken transfer where it
/// broke, and ask for a fresh URL when the one they had is no longer accepted.
///
/// ```no_run
/// # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
/// let snapshot = "5f3e8e7d9b1c2a0012345678";
/// let saved = cluster
///     .restores()
///     .download(snapshot)
///     .await?
///     .on_progress(|progress| eprintln!("{} of {:?} bytes", progress.received, progress.total))
///     .save_to("dump.tar.gz")
///     .await?;
/// println!("{} bytes in {}", saved.bytes, saved.path.display());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is downloaded until it is saved or opened"]
pub struct Download<J> {
    job: J,
    origin: Origin,
    timeout: Duration,
    any_content: bool,
    #[cfg(feature = "verify")]
    verify: bool,
    observer: Option<Observer>,
}

/// How far a download has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadProgress {
    /// Which of several archives it is, counted from 0.
    pub archive: usize,
    /// How many bytes are there, those of an earlier try included.
    pub received: u64,
    /// How many there will be, where the service says so.
    pub total: Option<u64>,
}

/// A file that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// How many of these bytes an earlier try had left behind.
    pub resumed_from: u64,
}

impl<J> Download<J> {
    pub(crate) fn new(job: J, origin: Origin) -> Self {
        Download {
            job,
            origin,
            timeout: DEFAULT_TIMEOUT,
            any_content: false,
            #[cfg(feature = "verify")]
            verify: false,
            observer: None,
        }
    }

    /// How long everything may take, the wait for the archive included: a day unless said otherwise.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long to wait before asking again whether the archive is there: two seconds unless said otherwise, and longer
    /// each time, as [`Wait`](crate::Wait) does.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.origin.interval = interval;
        self
    }

    /// Calls `progress` as bytes arrive.
    pub fn on_progress(mut self, progress: impl FnMut(&DownloadProgress) + Send + 'static) -> Self {
        self.observer = Some(Box::new(progress));
        self
    }

    /// Takes whatever comes. Unless this is said, what does not begin like a gzip file is refused.
    pub fn any_content(mut self) -> Self {
        self.any_content = true;
        self
    }

    /// Reads the archive once more when it is there, before it gets its name: every checksum of the gzip file and
    /// every entry of the tar file in it must be right.
    #[cfg(feature = "verify")]
    pub fn verify(mut self) -> Self {
        self.verify = true;
        self
    }

    /// Saves the archive as a file, which replaces one of this name. Until all of it is there and on the disk, it is
    /// `<path>.part` beside `<path>.part.json`; when this fails or is dropped these stay, and the next try goes on
    /// from there if the service still has the very same archive. Otherwise that begins anew.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there are several archives, which [`save_into`](Self::save_into) takes, when the
    /// path is a folder's, or when someone else is saving to it; [`ErrorKind::Failed`] when the job failed, was cancelled or has expired;
    /// [`ErrorKind::File`] when a file can't be written; [`ErrorKind::Decode`] when what came is no archive;
    /// [`ErrorKind::Timeout`]; otherwise as every call.
    pub async fn save_to(mut self, path: impl AsRef<Path>) -> Result<Saved> {
        let deadline = instant_after(self.timeout);
        let urls = find(&self.origin, deadline).await?;
        match <[Url; 1]>::try_from(urls) {
            Ok([url]) => self.save(0, url, path.as_ref().to_owned(), deadline).await,
            Err(urls) => Err(several_archives(urls.len())),
        }
    }

    /// Saves every archive, each as [`save_to`](Self::save_to) does, into a folder that is there, one after the other
    /// and in the service's order. The names are the service's. A sharded cluster has an archive for each shard.
    ///
    /// # Errors
    /// As [`save_to`](Self::save_to); what is whole by then stays.
    pub async fn save_into(mut self, folder: impl AsRef<Path>) -> Result<Vec<Saved>> {
        let deadline = instant_after(self.timeout);
        let urls = find(&self.origin, deadline).await?;
        let mut saved: Vec<Saved> = Vec::with_capacity(urls.len());
        for (archive, url) in urls.into_iter().enumerate() {
            let mut name = file_name(&url, archive);
            // Some file systems know no difference between `a` and `A`.
            let is_like = |name: &str, saved: &Saved| {
                saved.path.file_name().is_some_and(|other| other.eq_ignore_ascii_case(name))
            };
            while saved.iter().any(|saved| is_like(&name, saved)) {
                name = format!("{archive}-{name}");
            }
            saved.push(self.save(archive, url, folder.as_ref().join(name), deadline).await?);
        }
        Ok(saved)
    }

    /// The archive as a stream of bytes, for who pipes it elsewhere. A broken transfer is taken up where it broke; if
    /// the archive has become another one by then, the stream ends with an error.
    ///
    /// # Errors
    /// As [`save_to`](Self::save_to) until the first byte; later ones are items of the stream.
    pub async fn open(self) -> Result<DownloadStream> {
        let deadline = instant_after(self.timeout);
        match <[Url; 1]>::try_from(find(&self.origin, deadline).await?) {
            Ok([url]) => self.read(0, url, deadline).await,
            Err(urls) => Err(several_archives(urls.len())),
        }
    }

    /// One of several archives as [`open`](Self::open) does, counted from 0.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there is none of this number; otherwise as [`open`](Self::open).
    pub async fn open_archive(self, archive: usize) -> Result<DownloadStream> {
        let deadline = instant_after(self.timeout);
        let urls = find(&self.origin, deadline).await?;
        let message = format!("there is no archive {archive}: there are {}", urls.len());
        let url = urls.into_iter().nth(archive).ok_or_else(|| Error::new(ErrorKind::InvalidInput, message))?;
        self.read(archive, url, deadline).await
    }

    async fn save(&mut self, archive: usize, url: Url, path: PathBuf, deadline: Instant) -> Result<Saved> {
        let mut part = Part::open(path, format!("{} {archive}", self.origin.of)).await?;
        let mut transfer = Transfer::new(self.origin.clone(), archive, url, deadline, self.any_content);
        transfer.resume(part.state());
        let resumed_from = match self.receive(archive, &mut transfer, &mut part).await {
            Ok(resumed_from) => resumed_from,
            Err(error) => {
                // What came so far is worth keeping; nothing is not.
                let kept = if transfer.received() > 0 { part.flush().await } else { part.discard().await };
                if let Err(error) = kept {
                    tracing::debug!(%error, "what was received is not kept");
                }
                return Err(error);
            }
        };
        #[cfg(feature = "verify")]
        if self.verify
            && let Err(damaged) = crate::archive::verify::verify_archive(part.path(), &part.name(), deadline).await
        {
            if damaged.kind() == ErrorKind::Decode {
                part.discard().await?;
            }
            return Err(damaged);
        }
        let (path, bytes) = part.finish(transfer.received()).await?;
        Ok(Saved { path, bytes, resumed_from })
    }

    /// Writes what comes, and returns how much of it was there already.
    async fn receive(&mut self, archive: usize, transfer: &mut Transfer, part: &mut Part) -> Result<u64> {
        let mut resumed_from = 0;
        loop {
            match transfer.next().await? {
                Event::Begins(state) => {
                    resumed_from = state.at;
                    part.start_at(&state).await?;
                }
                Event::Bytes(bytes) => part.write(bytes).await?,
                Event::End => break,
            }
            if let Some(observer) = &mut self.observer {
                let (received, total) = (transfer.received(), transfer.total());
                observer(&DownloadProgress { archive, received, total });
            }
        }
        part.flush().await?;
        Ok(resumed_from)
    }

    async fn read(self, archive: usize, url: Url, deadline: Instant) -> Result<DownloadStream> {
        let mut transfer = Transfer::new(self.origin.clone(), archive, url, deadline, self.any_content);
        // The answer's head, so that what is wrong from the start is an error here.
        transfer.next().await?;
        Ok(DownloadStream::new(archive, transfer, self.observer))
    }
}

fn several_archives(archives: usize) -> Error {
    let message = format!("there are {archives} archives, one for each shard: save them into a folder, or open each");
    Error::new(ErrorKind::InvalidInput, message)
}

impl<J> Deref for Download<J> {
    type Target = J;

    fn deref(&self) -> &J {
        &self.job
    }
}

impl<J: fmt::Debug> fmt::Debug for Download<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("job", &self.job).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
