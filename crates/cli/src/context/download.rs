//! Fetching the archive of a download: resumed where an earlier try broke off, verified, and unpacked on request.

use std::{
    error::Error as StdError,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use atlas_backup::{AnyRestore, Cluster, Download, ErrorKind, Saved, unpack};
use clap::Args;
use serde::Serialize;

use super::{background::Background, restores, session::Session, targets::ClusterItemArgs, wait::Timeout};
use crate::ui::{
    exit::{Exit, Failure, Outcome},
    hints::{Command, Hint, shell_quote},
    interrupts::Interrupts,
    messages,
    output::columns::{Cell, Column, Document},
    progress::Progress,
};

/// Where an archive goes, and how long to wait for it.
#[derive(Debug, Args)]
pub(crate) struct Destination {
    /// The file to write, or the folder to write it into; always a folder where there are several archives, one for each
    /// shard [default: named by cluster and snapshot].
    #[arg(long, alias = "out", value_name = "PATH")]
    to: Option<PathBuf>,
    /// Replaces the file if it is there already.
    #[arg(long)]
    force: bool,
    /// Unpacks the archive beside it, or into this folder.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true)]
    extract: Option<Option<PathBuf>>,
    #[command(flatten)]
    timeout: Timeout,
}

/// A file that was fetched.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FetchedFile {
    path: PathBuf,
    bytes: u64,
    resumed_from: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    extracted: Option<PathBuf>,
}

impl Destination {
    /// Starts a download of a snapshot and fetches it.
    pub(crate) async fn download(self, snapshot: ClusterItemArgs, session: &Session) -> Outcome {
        let (cluster, id) = snapshot.find(session)?;
        self.check()?;
        let job = restores::prepare(&cluster, &id).await?;
        self.fetch_job(&cluster, job, session).await
    }

    /// Fetches the archive of a download that was started before.
    pub(crate) async fn fetch(self, job: ClusterItemArgs, session: &Session) -> Outcome {
        let (cluster, id) = job.find(session)?;
        self.check()?;
        let job = restores::get(&cluster, &id).await?;
        self.fetch_job(&cluster, job, session).await
    }

    /// Refuses a place that is not there, before anybody waits for what is to go into it.
    fn check(&self) -> Outcome {
        let folder = self.to.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
        match folder.filter(|folder| !folder.is_dir()) {
            Some(folder) => Err(Failure::usage(
                format!("there is no folder {} to write to", folder.display()),
                "make it, or name another place by `--to`",
            )),
            None => self.to.as_deref().map_or(Ok(()), |file| self.refuse_existing(file)),
        }
    }

    /// Refuses to replace a file that nobody gave up.
    fn refuse_existing(&self, file: &Path) -> Outcome {
        match file.is_file() && !self.force {
            true => Err(Failure::usage(
                format!("{} is there already", file.display()),
                "name another with `--to`, or replace it with `--force`",
            )),
            false => Ok(()),
        }
    }

    /// Waits until an archive is there, and fetches it.
    async fn fetch_job(self, cluster: &Cluster, job: AnyRestore, session: &Session) -> Outcome {
        let name = cluster.name();
        let id = job.id();
        let snapshot = job.snapshot_id().unwrap_or(id.as_str()).to_owned();
        if !job.is_download() {
            let message = format!("restore job {id} of {name} is no download");
            let download = Command::new("snapshots download").arg(name);
            let hint = match job.snapshot_id() {
                Some(snapshot) => download.arg(snapshot).hint(" downloads its snapshot"),
                None => download.arg("SNAPSHOT").hint(" downloads a snapshot"),
            };
            return Err(Failure::usage(message, hint));
        }
        if session.client().is_dry_run() {
            messages::note(format_args!("a dry run: the archive of restore job {id} would be fetched"));
            return Ok(());
        }
        let resume = Command::new("restores fetch").arg(name).arg(id).args(self.arguments());
        let resume = resume.hint(" goes on where it broke off");
        let another = Command::new("restores start download").arg(name).arg("--snapshot").arg(&snapshot);
        let another = another.hint(" prepares another");
        let fetch_failure = |error| Failure::from(error).with_hint(|error| hint_for(error, &resume, &another));
        let done = restores::started(cluster, &job).wait(self.timeout, session).await?;
        // The wait has said how to wait again; from then on there is more to take up.
        if !session.uses_temporary_emulator() {
            session.interruption().set_resume(resume.clone());
        }
        let several = done.delivery_urls().len() > 1;
        let saved = match &done {
            AnyRestore::Flex(job) => {
                let download = cluster.of_any_kind().flex().restores().resume_download(&job.id).await?;
                self.save(download, several, cluster, &snapshot, fetch_failure).await?
            }
            job => {
                let download = cluster.restores().resume_download(job.id()).await?;
                self.save(download, several, cluster, &snapshot, fetch_failure).await?
            }
        };
        let mut fetched = Vec::with_capacity(saved.len());
        let several = saved.len() > 1;
        for saved in saved {
            fetched.push(self.unpack_if_requested(saved, several, session).await?);
        }
        let all = futures_util::stream::iter(fetched.into_iter().map(Ok::<_, Failure>));
        session.printer().list(all, None).await
    }

    async fn save<J>(
        &self,
        download: Download<J>,
        several: bool,
        cluster: &Cluster,
        snapshot: &str,
        fetch_failure: impl Fn(atlas_backup::Error) -> Failure,
    ) -> Outcome<Vec<Saved>> {
        let stem = format!("{}-{snapshot}", cluster.name());
        let bar = Progress::start_transfer(format!("snapshot {snapshot}"));
        let shown = bar.clone();
        let download = download
            .timeout(self.timeout.timeout)
            .verify()
            .on_progress(move |progress| shown.bytes(progress.received, progress.total));
        let saved = match several {
            true => {
                let folder = self.to.clone().unwrap_or_else(|| stem.into());
                fs::create_dir_all(&folder)
                    .map_err(|source| Failure::local(format!("{} can not be made", folder.display()), source))?;
                download.save_into(folder).await.map_err(fetch_failure)?
            }
            false => {
                let name = format!("{stem}.tar.gz");
                let file = match &self.to {
                    Some(folder) if folder.is_dir() => folder.join(name),
                    Some(file) => file.clone(),
                    None => name.into(),
                };
                self.refuse_existing(&file)?;
                vec![download.save_to(file).await.map_err(fetch_failure)?]
            }
        };
        drop(bar);
        Ok(saved)
    }

    /// The flags of this destination.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(path) = &self.to {
            arguments.extend(["--to".to_owned(), path.display().to_string()]);
        }
        if self.force {
            arguments.push("--force".to_owned());
        }
        arguments.extend(self.extract.as_ref().map(|folder| match folder {
            None => "--extract".to_owned(),
            Some(folder) => format!("--extract={}", folder.display()),
        }));
        arguments
    }

    async fn unpack_if_requested(&self, saved: Saved, several: bool, session: &Session) -> Outcome<FetchedFile> {
        let extracted = match &self.extract {
            None => None,
            Some(folder) => {
                let beside = || saved.path.parent().unwrap_or(Path::new(".")).to_owned();
                let mut folder = folder.clone().unwrap_or_else(beside);
                if several {
                    // The archives of all shards have the same paths in them.
                    folder.push(shard(&saved.path));
                }
                extract(&saved.path, &folder, session).await?;
                Some(folder)
            }
        };
        Ok(FetchedFile { path: saved.path, bytes: saved.bytes, resumed_from: saved.resumed_from, extracted })
    }
}

/// What to do when an archive was not fetched completely; what has arrived is kept.
fn hint_for(error: &atlas_backup::Error, resume: &Hint, another: &Hint) -> Option<Hint> {
    let is_full = || {
        let cause = StdError::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::StorageFull)
    };
    Some(match error.kind() {
        ErrorKind::File if is_full() => resume.clone().preceded_by("make room, and "),
        ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::Connect | ErrorKind::Server => resume.clone(),
        ErrorKind::Failed | ErrorKind::NotFound | ErrorKind::Forbidden | ErrorKind::Gone => another.clone(),
        _ => return None,
    })
}

/// What an archive is called without its endings.
fn shard(archive: &Path) -> String {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    name.trim_end_matches(".gz").trim_end_matches(".tgz").trim_end_matches(".tar").to_owned()
}

/// Unpacks an archive that was saved, which stays whatever comes of that.
async fn extract(archive: &Path, folder: &Path, session: &Session) -> Outcome {
    let (name, path, into) = (archive.display(), archive.to_owned(), folder.to_owned());
    let by_hand = || {
        let [archive, folder] = [archive, folder].map(|path| shell_quote(&path.display().to_string()));
        format!("`tar -xzf {archive} -C {folder}` unpacks it")
    };
    // What was unpacked by then is taken away before the program ends.
    let mut interrupts = Interrupts::listen();
    session.interruption().hold();
    let (work, bar) = (Background::default(), Progress::start(format!("unpacking {name}"), &[]));
    let unpacked = tokio::select! {
        unpacked = work.on_thread(move |cancelled| unpack(File::open(path)?, &into, || cancelled.check().is_err()).map(drop)) => unpacked,
        () = interrupts.next() => {
            work.finished().await;
            return Err(Failure::Interrupted { resume: Some(format!("{name} is whole, and {}", by_hand()).into()) });
        }
    };
    drop(bar);
    unpacked.map_err(|source| match source.kind() {
        io::ErrorKind::InvalidData => {
            Failure::status(Exit::JobFailed, format!("nothing of {name} was unpacked: {source}"))
        }
        io::ErrorKind::AlreadyExists => Failure::usage(
            format!("{name} is whole, but nothing of it was unpacked: {source}"),
            "name another folder with `--extract=FOLDER`",
        ),
        _ => Failure::local(format!("{name} is whole, but was not unpacked, and {} later", by_hand()), source),
    })
}

impl Document for FetchedFile {
    const PLURAL: &'static str = "archives";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("FILE", |fetched, _| Cell::text(Some(fetched.path.display()))),
        Column::new("SIZE", |fetched, _| Cell::bytes(i64::try_from(fetched.bytes).ok())),
        Column::new("RESUMED FROM", |fetched, _| Cell::bytes(i64::try_from(fetched.resumed_from).ok())),
        Column::new("EXTRACTED INTO", |fetched, _| Cell::text(fetched.extracted.as_ref().map(|path| path.display()))),
    ];
}
