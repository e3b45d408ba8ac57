//! A drill without a cluster: the snapshot's archives are downloaded, unpacked, and read to the last document.
//!
//! It proves that the backup can be had and is whole, on any machine with the room for it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use atlas_backup::{Download, FlexRestoreJob, RestoreJob, Saved, unpack};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    context::{clusters::Kind, restores},
    drill::{record::Archive, steps::Drill},
    ui::{
        exit::{Exit, Failure, Outcome},
        progress::Transfer,
    },
};

/// Downloads and unpacks everything; the folder that it is in.
///
/// # Errors
/// The archives can't be had, or are damaged.
pub(super) async fn recover(drill: &Drill<'_>, within: &Path) -> Outcome<PathBuf> {
    let folder = tempfile::Builder::new().prefix("atlas-backup-drill-").tempdir_in(within);
    let folder = folder.map_err(|source| Failure::local(format!("no folder in {}", within.display()), source))?;
    let path = folder.path().to_owned();
    drill.made.folder.replace(Some(folder));
    let (snapshot, name) = (drill.plan.snapshot.id.as_str(), drill.plan.cluster.name());

    drill.log.step("prepare");
    let saved = if drill.plan.kind == Kind::Flex {
        let of = drill.session.project()?.flex_cluster(name)?.restores();
        let download = of.download(snapshot).await?;
        drill.log.id("restoreJob", &download.id);
        let watch = drill.watch(format!("download {}", download.id), restores::FLEX_STATES);
        let state = |job: &FlexRestoreJob| restores::flex_state(job).map(str::to_owned);
        watch.on(of.wait(&download.id), state).await?;
        fetch(drill, download, &path).await?
    } else {
        let of = drill.plan.cluster.restores();
        let download = of.download(snapshot).await?;
        drill.log.id("restoreJob", &download.id);
        let watch = drill.watch(format!("download {}", download.id), &["inProgress", "completed"]);
        let state = |job: &RestoreJob| restores::state(job).map(str::to_owned);
        watch.on(of.wait(&download.id), state).await?;
        fetch(drill, download, &path).await?
    };

    drill.log.step("unpack");
    let into = path.join("unpacked");
    let (target, count) = (into.clone(), saved.len());
    let archives = drill.made.work.on_thread(move |awaited| {
        let unpacked = saved.into_iter().enumerate().map(|(number, saved)| {
            // Those of a sharded cluster have the same paths in them.
            let name = saved.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file = Hashed { of: File::open(&saved.path)?, hash: Sha256::new() };
            // Reads the archive to its last byte, so that nothing else has to check it.
            let read = unpack(file, target.join(number.to_string()), || awaited.check().is_err()).map_err(|error| {
                let problem = if error.kind() == io::ErrorKind::InvalidData { " is damaged" } else { "" };
                io::Error::new(error.kind(), format!("{name}{problem}: {error}"))
            })?;
            fs::remove_file(&saved.path)?;
            Ok(Archive { file: name, bytes: saved.bytes, sha256: read.sha256() })
        });
        unpacked.collect::<io::Result<Vec<_>>>()
    });
    let archives = archives.await.map_err(damaged)?;
    drill.log.note(|evidence| evidence.archives = archives);
    drill.done("unpack", None);
    drill.check("every archive is whole and can be unpacked", format!("{count} of {count}"), true);
    Ok(into)
}

async fn fetch<J>(drill: &Drill<'_>, download: Download<J>, folder: &Path) -> Outcome<Vec<Saved>> {
    drill.done("prepare", None);
    drill.log.step("fetch");
    let bar = Transfer::start(format!("snapshot {}", drill.plan.snapshot.id));
    let shown = bar.clone();
    let left = drill.until.saturating_duration_since(Instant::now());
    let download = download.timeout(left).on_progress(move |progress| shown.at(progress.received, progress.total));
    let saved = download.save_into(folder).await.map_err(|error| match error.kind() {
        atlas_backup::ErrorKind::Decode => Failure::verdict(Exit::JobFailed, error.to_string()),
        _ => error.into(),
    })?;
    bar.end();
    let bytes: u64 = saved.iter().map(|saved| saved.bytes).sum();
    drill.done("fetch", Some(format!("{bytes} bytes")));
    Ok(saved)
}

fn damaged(source: io::Error) -> Failure {
    match source.kind() {
        io::ErrorKind::InvalidData => Failure::verdict(Exit::JobFailed, source.to_string()),
        _ => Failure::local("the archive could not be unpacked", source),
    }
}

/// Hashes what is read.
struct Hashed {
    of: File,
    hash: Sha256,
}

impl Hashed {
    fn sha256(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.of.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}
