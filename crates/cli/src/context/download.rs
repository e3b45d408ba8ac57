//! Downloads the archive of a snapshot: resumes an earlier attempt, verifies the archive, and extracts it on request.

use std::{
    error::Error as StdError,
    fs, io,
    path::{Path, PathBuf},
};

use atlas_backup::{AnyClusterHandle, AnyRestore, ErrorKind, JobState, Saved};
use clap::Args;
use serde::Serialize;

use super::{restores, session::Session, targets::ClusterItemArgs, wait::Timeout};
use crate::ui::{
    atomic_file,
    exit::{Exit, Failure, Outcome},
    hints::{Command, Hint},
    interrupts::Interrupts,
    messages,
    output::columns::{Cell, Column, Document},
    progress::Progress,
};

/// Where to save an archive, and how long to wait for it.
#[derive(Debug, Args)]
pub(crate) struct Destination {
    /// File or folder to write; always a folder for a sharded cluster, with one archive per shard [default: named after
    /// cluster and snapshot].
    #[arg(long, alias = "out", value_name = "PATH")]
    to: Option<PathBuf>,
    /// Overwrite an existing file.
    #[arg(long)]
    force: bool,
    /// Extract the archive into its folder, or into this folder.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true)]
    extract: Option<Option<PathBuf>>,
    /// Fetch only the archive of this shard, by the name of its replica set.
    #[arg(long = "shard", value_name = "REPLICA_SET")]
    replica_set: Option<String>,
    /// Fetch through this private endpoint of the cloud provider, such as vpce-0123456789abcdef0.
    #[arg(long, value_name = "ENDPOINT_ID")]
    private_endpoint: Option<String>,
    #[command(flatten)]
    timeout: Timeout,
}

/// A downloaded file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FetchedFile {
    path: PathBuf,
    bytes: u64,
    resumed_from: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extracted: Option<PathBuf>,
}

impl From<Saved> for FetchedFile {
    fn from(saved: Saved) -> Self {
        let Saved { path, bytes, resumed_from, shard, unpacked_into: extracted, .. } = saved;
        FetchedFile { path, bytes, resumed_from, shard, extracted }
    }
}

impl Destination {
    /// Starts the download of a snapshot and fetches the archive.
    pub(crate) async fn download(self, snapshot: ClusterItemArgs, session: &Session) -> Outcome {
        let (cluster, id) = snapshot.find_snapshot(session).await?;
        self.check()?;
        if let Some(file) = self.to.as_deref().filter(|file| file.is_file() && !self.force) {
            // No job is started for an archive that could not be saved.
            return Err(exists(format!("{} already exists", file.display())));
        }
        let cluster = cluster.of_any_kind();
        let job = (*cluster.download_snapshot(id.as_str()).await?).clone();
        self.fetch_job(&cluster, job, session).await
    }

    /// Fetches the archive of an existing download job.
    pub(crate) async fn fetch(self, job: ClusterItemArgs, session: &Session) -> Outcome {
        let (cluster, id) = job.find(session)?;
        self.check()?;
        let cluster = cluster.of_any_kind();
        let job = restores::get(&cluster, &id).await?;
        self.fetch_job(&cluster, job, session).await
    }

    /// Rejects a target path that cannot be written, before a job is started or awaited.
    fn check(&self) -> Outcome {
        let Some(path) = self.to.as_deref() else { return Ok(()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder.filter(|folder| !folder.is_dir()) {
            Some(folder) => Err(Failure::usage(
                format!("folder {} does not exist", folder.display()),
                "create it, or pass another path with `--to`",
            )),
            // Files within a folder are checked when their names are known.
            None if path.is_dir() => Ok(()),
            None => atomic_file::check(path),
        }
    }

    /// Waits until the archive is ready, and fetches it.
    async fn fetch_job(self, cluster: &AnyClusterHandle, job: AnyRestore, session: &Session) -> Outcome {
        let name = cluster.name();
        let id = job.id().clone();
        let snapshot = job.snapshot_id().unwrap_or(id.as_str()).to_owned();
        if !job.is_download() {
            let message = format!("restore job {id} of {name} is not a download");
            let download = Command::new("snapshots download").arg(name);
            let hint = match job.snapshot_id() {
                Some(snapshot) => download.arg(snapshot).hint(" downloads its snapshot"),
                None => download.arg("SNAPSHOT").hint(" downloads a snapshot"),
            };
            return Err(Failure::usage(message, hint));
        }
        if session.client().is_dry_run() {
            messages::note(format_args!("dry run: would fetch the archive of restore job {id}"));
            return Ok(());
        }
        let resume = Command::new("restores fetch").arg(name).arg(&id).args(self.arguments());
        let resume = resume.hint(" resumes the download");
        let another = Command::new("restores start download").arg(name).arg("--snapshot").arg(&snapshot);
        let another = another.hint(" prepares another download");
        // A job that is ready names its archives already.
        let job = match job.state() {
            JobState::Succeeded => job,
            _ => restores::started(&cluster.dedicated(), &job).wait(self.timeout, session).await?,
        };
        // From here on, an interruption names the command that resumes the download, not the wait.
        if !session.uses_temporary_emulator() {
            session.interruption().set_resume(resume.clone());
        }
        let saved = self.save(cluster, job, &snapshot, session, &resume).await?;
        let saved = saved.map_err(|error| failed(error, &resume, &another))?;
        let all = futures_util::stream::iter(saved.into_iter().map(|saved| Ok::<_, Failure>(FetchedFile::from(saved))));
        session.printer().list(all, None).await
    }

    /// Fetches, verifies and extracts the archives, each in one pass. The inner error is that of the download.
    async fn save(
        &self,
        cluster: &AnyClusterHandle,
        job: AnyRestore,
        snapshot: &str,
        session: &Session,
        resume: &Hint,
    ) -> Outcome<atlas_backup::Result<Vec<Saved>>> {
        let stem = format!("{}-{snapshot}", cluster.name());
        let is_into_folder = job.delivery_urls().len() > 1 && self.replica_set.is_none();
        let to = match (is_into_folder, &self.to) {
            (true, to) => {
                let folder = to.clone().unwrap_or_else(|| stem.into());
                fs::create_dir_all(&folder)
                    .map_err(|source| Failure::local(format!("cannot create {}", folder.display()), source))?;
                folder
            }
            (false, to) => {
                let shard = self.replica_set.as_deref().map(|shard| format!("-{shard}")).unwrap_or_default();
                let name = format!("{stem}{shard}.tar.gz");
                match to {
                    Some(folder) if folder.is_dir() => folder.join(name),
                    Some(file) => file.clone(),
                    None => name.into(),
                }
            }
        };
        let bar = Progress::start_transfer(format!("snapshot {snapshot}"));
        let shown = bar.clone();
        let mut download = cluster
            .download_from(job)
            .timeout(self.timeout.timeout)
            .verify()
            .on_progress(move |progress| shown.bytes(progress.received, progress.total));
        if !self.force {
            download = download.keep_existing();
        }
        if let Some(shard) = &self.replica_set {
            download = download.shard(shard);
        }
        if let Some(endpoint) = &self.private_endpoint {
            download = download.private_endpoint(endpoint);
        }
        if let Some(folder) = &self.extract {
            let beside = if is_into_folder { Some(to.as_path()) } else { to.parent() };
            download = download.unpack_into(folder.as_deref().or(beside).unwrap_or(Path::new(".")));
        }
        // On an interruption, the download deletes extracted files before the program ends.
        let mut interrupts = Interrupts::listen();
        session.interruption().hold();
        let finished = download.finished();
        let saving = async {
            match is_into_folder {
                true => download.save_into(&to).await,
                false => download.save_to(&to).await.map(|saved| vec![saved]),
            }
        };
        let saved = tokio::select! {
            saved = saving => saved,
            () = interrupts.next() => {
                finished.await;
                let resume = (!session.uses_temporary_emulator()).then(|| resume.clone());
                return Err(Failure::Interrupted { resume });
            }
        };
        drop(bar);
        Ok(saved)
    }

    /// The flags that select this destination.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let path = self.to.as_ref().map(|path| path.display().to_string());
        for (flag, value) in
            [("--to", &path), ("--shard", &self.replica_set), ("--private-endpoint", &self.private_endpoint)]
        {
            arguments.extend(value.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
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
}

fn exists(message: String) -> Failure {
    Failure::usage(message, "pass another path with `--to`, or overwrite it with `--force`")
}

/// The failure of saving or extracting an archive, with a hint.
fn failed(error: atlas_backup::Error, resume: &Hint, another: &Hint) -> Failure {
    match (error.kind(), cause(&error)) {
        (ErrorKind::InvalidInput, Some(io::ErrorKind::AlreadyExists)) => exists(error.to_string()),
        (ErrorKind::File, Some(io::ErrorKind::AlreadyExists)) => Failure::usage(
            error.to_string(),
            "pass another folder with `--extract=FOLDER`; the archive itself is complete",
        ),
        // The archive is complete, but contains an entry that backups never contain.
        (ErrorKind::File, Some(io::ErrorKind::InvalidData)) => Failure::status(Exit::JobFailed, error.to_string()),
        _ => Failure::from(error).with_hint(|error| hint_for(error, resume, another)),
    }
}

/// The hint for an incomplete download. The received part is kept.
fn hint_for(error: &atlas_backup::Error, resume: &Hint, another: &Hint) -> Option<Hint> {
    Some(match error.kind() {
        ErrorKind::File if cause(error) == Some(io::ErrorKind::StorageFull) => {
            resume.clone().preceded_by("free disk space; ")
        }
        ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::Connect | ErrorKind::Server => resume.clone(),
        ErrorKind::Failed | ErrorKind::NotFound | ErrorKind::Forbidden | ErrorKind::Gone => another.clone(),
        _ => return None,
    })
}

fn cause(error: &atlas_backup::Error) -> Option<io::ErrorKind> {
    StdError::source(error)?.downcast_ref::<io::Error>().map(io::Error::kind)
}

impl Document for FetchedFile {
    const PLURAL: &'static str = "archives";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("FILE", |fetched, _| Cell::text(Some(fetched.path.display()))),
        Column::new("SIZE", |fetched, _| Cell::bytes(i64::try_from(fetched.bytes).ok())),
        Column::detail("SHARD", |fetched, _| Cell::text(fetched.shard.as_deref())),
        Column::new("RESUMED FROM", |fetched, _| Cell::bytes(i64::try_from(fetched.resumed_from).ok())),
        Column::new("EXTRACTED INTO", |fetched, _| Cell::text(fetched.extracted.as_ref().map(|path| path.display()))),
    ];
}
