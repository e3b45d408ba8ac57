//! Downloads of snapshots: from a restore job that has an archive to a file that is complete.
//!
//! A file gets its name only when it is complete. Until then it is `<name>.part`, with a sidecar file that describes
//! it. Bytes of two different archives are never mixed, an error page is never saved as an archive, and the host of the
//! archive never receives the client's credentials. Memory use does not grow with the archive.

use std::{
    fmt,
    future::Future,
    ops::Deref,
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::{
    archive::{
        blocking::BlockingWork,
        inspection::Inspection,
        origin::{ArchiveLocation, Origin, find},
        part::{AT_REST, Named, Part, exists},
        stream::DownloadStream,
        transfer::{Event, Transfer},
    },
    http::retry::instant_after,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// How long a download may take unless the caller sets a timeout.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(86_400);

pub(super) type Observer = Box<dyn FnMut(&DownloadProgress) + Send>;

/// A download: a restore job whose archive can be [saved](Self::save_to) or [read](Self::open).
///
/// It dereferences to the job. Saving and reading wait until the service has prepared the archive, resume a broken
/// transfer where it broke, and ask for a fresh URL when the one they had is no longer accepted.
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
    keeps_existing: bool,
    choice: Option<Choice>,
    /// Unpacking is into this folder, or into one below it.
    inspection: Inspection,
    observer: Option<Observer>,
    work: BlockingWork,
}

/// One of several archives.
enum Choice {
    Number(usize),
    Shard(String),
}

/// How far a download has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadProgress {
    /// Index of the archive, counted from 0.
    pub archive: usize,
    /// How many bytes are in the file, those of an earlier try included; of a [stream](Download::open), how many have
    /// arrived.
    pub received: u64,
    /// How many bytes there will be, where the service says so.
    pub total: Option<u64>,
}

/// An archive that is complete and has its name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// How many of these bytes existed before. All of them, if the file was complete already.
    pub resumed_from: u64,
    /// The replica set that the archive is of. The service names it for shards only.
    pub shard: Option<String>,
    /// The folder that its content was unpacked into (`Download::unpack_into`).
    pub unpacked_into: Option<PathBuf>,
}

impl<J> Download<J> {
    pub(crate) fn new(job: J, origin: Origin) -> Self {
        Download {
            job,
            origin,
            timeout: DEFAULT_TIMEOUT,
            any_content: false,
            keeps_existing: false,
            choice: None,
            inspection: Inspection::default(),
            observer: None,
            work: BlockingWork::default(),
        }
    }

    pub(crate) fn into_job(self) -> J {
        self.job
    }

    /// How long everything may take, the wait for the archive, checking and unpacking included. Default: a day.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long to wait before asking again whether the archive is there, and longer each time, as
    /// [`Wait`](crate::Wait) does. Default: as the client's [`WaitPolicy`](crate::WaitPolicy) says.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.origin.query.interval = Some(interval);
        self
    }

    /// Calls `progress` as bytes arrive. Bytes of a file are counted once they are written to it.
    pub fn on_progress(mut self, progress: impl FnMut(&DownloadProgress) + Send + 'static) -> Self {
        self.observer = Some(Box::new(progress));
        self
    }

    /// Accepts any content. Without this setting, content that does not begin like a gzip file is an error.
    pub fn any_content(mut self) -> Self {
        self.any_content = true;
        self
    }

    /// Downloads through a private endpoint, by the cloud provider's identifier for it, such as
    /// `vpce-0123456789abcdef0`: takes the job's `privateDownloadDeliveryUrls` in place of the public URLs.
    pub fn private_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.origin.query.endpoint = Some(endpoint.into());
        self
    }

    /// Restricts the download to one of several archives, counted from 0 in the service's order.
    pub fn archive(mut self, number: usize) -> Self {
        self.choice = Some(Choice::Number(number));
        self
    }

    /// Restricts the download to the archive of one shard, by the name of its replica set.
    pub fn shard(mut self, replica_set: impl Into<String>) -> Self {
        self.choice = Some(Choice::Shard(replica_set.into()));
        self
    }

    /// Replaces no file. A file that has an archive's name is an error, unless it is that archive, complete.
    pub fn keep_existing(mut self) -> Self {
        self.keeps_existing = true;
        self
    }

    /// Reads the archive before it gets its name: every checksum of the gzip file and every entry of the tar file in it
    /// must be right, and the tar file must have its end marker.
    #[cfg(feature = "verify")]
    pub fn verify(mut self) -> Self {
        self.inspection.verify = true;
        self
    }

    /// Unpacks the archive into `folder`, as [`unpack`](crate::unpack) does, in the pass that [checks](Self::verify) it:
    /// the file is read once. `folder` is created if it is missing. Of a job with several archives, each goes into a
    /// separate folder below it, named like the archive.
    ///
    /// The archive gets its name first. If its content cannot be unpacked, the archive is kept and the error is
    /// [`ErrorKind::File`], whose source is the [`io::Error`](std::io::Error): of kind
    /// [`AlreadyExists`](std::io::ErrorKind::AlreadyExists) if something of a name in it is in the folder, and
    /// [`InvalidData`](std::io::ErrorKind::InvalidData) if it holds something that a backup does not hold.
    #[cfg(feature = "verify")]
    pub fn unpack_into(mut self, folder: impl Into<PathBuf>) -> Self {
        self.inspection.unpack_into = Some(folder.into());
        self
    }

    /// Waits until the work on files has ended that a dropped save has left behind. Take this future before saving,
    /// and await it before deleting the files or ending the process: what was unpacked so far is deleted by then.
    pub fn finished(&self) -> impl Future<Output = ()> + Send + 'static + use<J> {
        let work = self.work.clone();
        async move { work.finished().await }
    }

    /// Saves the archive as a file, which replaces a regular file of this name. Until all of it is there and on the disk,
    /// it is `<path>.part` beside `<path>.part.json`. When this fails or is dropped these stay, and the next try resumes
    /// from there if the service still has the very same archive; otherwise it begins anew. Only the owner can read the
    /// files.
    ///
    /// # Errors
    /// - [`ErrorKind::InvalidInput`] when there are several archives, which [`save_into`](Self::save_into) takes, when
    ///   something other than a regular file is at `path`, or when another download is saving to it;
    /// - [`ErrorKind::Failed`] when the job failed, was cancelled or has expired;
    /// - [`ErrorKind::File`] when a file can't be written;
    /// - [`ErrorKind::Decode`] when the content is not an archive or is damaged;
    /// - [`ErrorKind::Timeout`]; otherwise as every call.
    pub async fn save_to(mut self, path: impl AsRef<Path>) -> Result<Saved> {
        let deadline = instant_after(self.timeout);
        let (places, count) = self.places(deadline).await?;
        match <[ArchiveLocation; 1]>::try_from(places) {
            Ok([place]) => self.save(place, count, path.as_ref().to_owned(), self.keeps_existing, deadline).await,
            Err(places) => Err(several_archives(places.len()).about(&self.origin.subject)),
        }
    }

    /// Saves every archive, each as [`save_to`](Self::save_to) does, into a folder that exists, one after the other and in
    /// the service's order. A sharded cluster has an archive for each shard. The names are the service's, behind the
    /// name of the shard.
    ///
    /// An archive that is complete already is not downloaded again: the file has the length that the service states, its
    /// checksum where one is stated, and is not older. With `verify` its content is checked as well.
    ///
    /// # Errors
    /// As [`save_to`](Self::save_to); archives that are complete by then stay.
    pub async fn save_into(mut self, folder: impl AsRef<Path>) -> Result<Vec<Saved>> {
        let deadline = instant_after(self.timeout);
        let (places, count) = self.places(deadline).await?;
        let mut saved = Vec::with_capacity(places.len());
        for place in places {
            let path = folder.as_ref().join(&place.name);
            saved.push(self.save(place, count, path, true, deadline).await?);
        }
        Ok(saved)
    }

    /// The archive as a stream of bytes. A broken transfer is resumed where it broke; if the archive has become another
    /// one by then, the stream ends with an error.
    ///
    /// # Errors
    /// As [`save_to`](Self::save_to) until the first byte; later ones are items of the stream.
    pub async fn open(self) -> Result<DownloadStream> {
        let deadline = instant_after(self.timeout);
        let place = match <[ArchiveLocation; 1]>::try_from(self.places(deadline).await?.0) {
            Ok([place]) => place,
            Err(places) => return Err(several_archives(places.len()).about(&self.origin.subject)),
        };
        let mut transfer = Transfer::new(self.origin, &place, deadline, self.any_content);
        // The head of the response, so that what is wrong from the start is an error here.
        transfer.next().await?;
        Ok(DownloadStream::new(place.number, transfer, self.observer))
    }

    /// The archives to download, and how many the job has.
    async fn places(&self, deadline: Instant) -> Result<(Vec<ArchiveLocation>, usize)> {
        let places = find(&self.origin, deadline).await.map_err(|error| error.about(&self.origin.subject))?;
        let count = places.len();
        let (chosen, wanted) = match &self.choice {
            None => return Ok((places, count)),
            Some(Choice::Number(number)) => (*number, format!("archive {number}")),
            Some(Choice::Shard(shard)) => {
                let position = places.iter().position(|place| place.shard.as_ref() == Some(shard));
                (position.unwrap_or(count), format!("archive of shard {shard}"))
            }
        };
        let shards: Vec<_> = places.iter().filter_map(|place| place.shard.as_deref()).collect();
        let named = if shards.is_empty() { String::new() } else { format!(", of {}", shards.join(", ")) };
        let message = format!("the job of snapshot {} has no {wanted}: it has {count}{named}", self.origin.of);
        match places.into_iter().nth(chosen) {
            Some(place) => Ok((vec![place], count)),
            None => Err(Error::new(ErrorKind::InvalidInput, message).about(&self.origin.subject)),
        }
    }

    /// As [`save_archive`](Self::save_archive), with errors that name the job and the file.
    async fn save(
        &mut self,
        place: ArchiveLocation,
        count: usize,
        path: PathBuf,
        skips: bool,
        deadline: Instant,
    ) -> Result<Saved> {
        let saved = self.save_archive(place, count, path.clone(), skips, deadline).await;
        saved.map_err(|error| {
            let error = error.about(&self.origin.subject);
            // A job that failed has nothing to do with the file.
            if error.kind() == ErrorKind::Failed { error } else { error.with_path(path) }
        })
    }

    /// Saves one of `count` archives, unless `skips` and it is complete.
    async fn save_archive(
        &mut self,
        place: ArchiveLocation,
        count: usize,
        path: PathBuf,
        skips: bool,
        deadline: Instant,
    ) -> Result<Saved> {
        let inspection = self.inspection_of(&place, count);
        let mut part =
            Part::open(path.clone(), format!("{} {}", self.origin.of, place.number), self.work.clone()).await?;
        let mut transfer = Transfer::new(self.origin.clone(), &place, deadline, self.any_content);
        transfer.resume(part.state());
        let saved = |named: Named, resumed_from| {
            let Named { path, bytes, unpacked_into } = named;
            Saved { path, bytes, resumed_from, shard: place.shard, unpacked_into }
        };
        let received = async {
            let first = transfer.next().await?;
            if let (true, Event::Begins(state)) = (skips && part.has_target().await?, &first) {
                if let Some(named) = part.complete(state, &inspection, deadline).await? {
                    return Ok(Received::Before(named));
                }
                if self.keeps_existing {
                    return Err(exists(&path));
                }
            }
            self.receive(place.number, first, &mut transfer, &mut part).await.map(Received::Now)
        };
        match received.await {
            Ok(Received::Now(resumed_from)) => {
                let replaces = !self.keeps_existing;
                let named = part.finish(transfer.state(), &inspection, replaces, deadline).await?;
                Ok(saved(named, resumed_from))
            }
            Ok(Received::Before(named)) => {
                part.discard().await?;
                let bytes = named.bytes;
                Ok(saved(named, bytes))
            }
            Err(error) => {
                // Keep received bytes, but no empty file.
                let kept = if transfer.received() > 0 { part.flush().await } else { part.discard().await };
                if let Err(error) = kept {
                    tracing::debug!(%error, "what was received is not kept");
                }
                Err(error)
            }
        }
    }

    #[cfg(feature = "verify")]
    fn inspection_of(&self, place: &ArchiveLocation, count: usize) -> Inspection {
        let mut inspection = self.inspection.clone();
        if let Some(folder) = inspection.unpack_into.as_mut().filter(|_| count > 1) {
            // The archives of all shards have the same paths in them.
            folder.push(crate::archive::origin::stem(&place.name));
        }
        inspection
    }

    #[cfg(not(feature = "verify"))]
    fn inspection_of(&self, _: &ArchiveLocation, _: usize) -> Inspection {
        self.inspection.clone()
    }

    /// Writes what arrives, and returns how much of it was there already.
    async fn receive(&mut self, number: usize, first: Event, transfer: &mut Transfer, part: &mut Part) -> Result<u64> {
        let (mut resumed_from, mut reported, mut event) = (0, None, first);
        loop {
            match event {
                Event::Begins(state) => {
                    resumed_from = state.at;
                    part.start_at(&state).await?;
                }
                Event::Bytes(bytes) => part.write(bytes).await?,
                Event::End => break,
            }
            self.tell(number, part, &mut reported);
            let mut next = pin!(transfer.next());
            event = match timeout_at(instant_after(AT_REST), next.as_mut()).await {
                Ok(event) => event?,
                Err(_) => {
                    part.flush().await?;
                    self.tell(number, part, &mut reported);
                    next.await?
                }
            };
        }
        part.flush().await?;
        self.tell(number, part, &mut reported);
        Ok(resumed_from)
    }

    /// Reports what is in the file, if that is something new.
    fn tell(&mut self, archive: usize, part: &Part, reported: &mut Option<u64>) {
        let (received, total) = part.progress();
        if let Some(observer) = &mut self.observer
            && reported.replace(received) != Some(received)
        {
            observer(&DownloadProgress { archive, received, total });
        }
    }
}

/// The state of an archive on disk.
enum Received {
    /// A complete file from before.
    Before(Named),
    /// All of it, of which so much was there before.
    Now(u64),
}

fn several_archives(archives: usize) -> Error {
    let message =
        format!("the job has {archives} archives, one for each shard: save them into a folder, or choose one of them");
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
