//! A drill without a cluster: downloads the archives of the snapshot, extracts them, and reads every document.
//!
//! It shows that the backup can be fetched and is complete, on any machine with enough disk space.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use atlas_backup::{AnyRestore, Download, RestoreJobId, Saved, unpack};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    drill::{
        context::Drill,
        record::{Archive, Method},
    },
    ui::{
        exit::{Exit, Failure, Outcome},
        progress::Progress,
    },
};

/// Downloads and extracts all archives. Returns the folder.
///
/// # Errors
/// The archives cannot be fetched, or are damaged.
pub(super) async fn recover(drill: &Drill<'_>, within: &Path) -> Outcome<PathBuf> {
    let folder = tempfile::Builder::new().prefix("atlas-backup-drill-").tempdir_in(within);
    let folder =
        folder.map_err(|source| Failure::local(format!("cannot create a folder in {}", within.display()), source))?;
    let path = folder.path().to_owned();
    drill.started.folder.replace(Some(folder));
    drill.log.begin_step("prepare");
    let (snapshot, cluster) = (drill.plan.snapshot.id.as_str(), &drill.plan.cluster);
    let download = cluster.download_snapshot(snapshot).await?;
    wait_prepared(drill, download.id()).await?;
    let saved = fetch(drill, download, &path).await?;

    drill.log.begin_step("unpack");
    let into = path.join("unpacked");
    let (target, count) = (into.clone(), saved.len());
    let archives = drill.started.work.on_thread(move |cancelled| {
        let unpacked = saved.into_iter().enumerate().map(|(number, saved)| {
            // The archives of a sharded cluster contain the same paths.
            let name = saved.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file = HashingReader { of: File::open(&saved.path)?, hash: Sha256::new() };
            // Reads the archive to its last byte, so it needs no other check.
            let read =
                unpack(file, target.join(number.to_string()), || cancelled.check().is_err()).map_err(|error| {
                    let problem = if error.kind() == io::ErrorKind::InvalidData { " is damaged" } else { "" };
                    io::Error::new(error.kind(), format!("{name}{problem}: {error}"))
                })?;
            fs::remove_file(&saved.path)?;
            Ok(Archive { file: name, bytes: saved.bytes, sha256: read.sha256() })
        });
        unpacked.collect::<io::Result<Vec<_>>>()
    });
    let archives = archives.await.map_err(unpack_failure)?;
    drill.log.update(|evidence| evidence.archives = archives);
    drill.finish_step("unpack", None);
    drill.check(Method::Archive, "every archive is complete and can be extracted", format!("{count} of {count}"), true);
    Ok(into)
}

/// Waits until the archives of a download are ready.
async fn wait_prepared(drill: &Drill<'_>, id: &RestoreJobId) -> Outcome {
    drill.log.add_id("restoreJob", id);
    let wait = drill.step_wait(format!("download {id}"), drill.plan.kind.restore_states().steps());
    wait.run(drill.plan.cluster.wait_restore(id), AnyRestore::state_word).await.map(drop)
}

async fn fetch(drill: &Drill<'_>, download: Download<AnyRestore>, folder: &Path) -> Outcome<Vec<Saved>> {
    drill.finish_step("prepare", None);
    drill.log.begin_step("fetch");
    let bar = Progress::start_transfer(format!("snapshot {}", drill.plan.snapshot.id));
    let shown = bar.clone();
    let left = drill.until.saturating_duration_since(Instant::now());
    let download = download.timeout(left).on_progress(move |progress| shown.bytes(progress.received, progress.total));
    let saved = download.save_into(folder).await.map_err(|error| match error.kind() {
        atlas_backup::ErrorKind::Decode => Failure::status(Exit::JobFailed, error.to_string()),
        _ => error.into(),
    })?;
    drop(bar);
    let bytes: u64 = saved.iter().map(|saved| saved.bytes).sum();
    drill.finish_step("fetch", Some(format!("{bytes} bytes")));
    Ok(saved)
}

fn unpack_failure(source: io::Error) -> Failure {
    match source.kind() {
        io::ErrorKind::InvalidData => Failure::status(Exit::JobFailed, source.to_string()),
        _ => Failure::local("cannot extract the archive", source),
    }
}

/// Hashes the bytes that are read.
struct HashingReader {
    of: File,
    hash: Sha256,
}

impl HashingReader {
    fn sha256(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Read for HashingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.of.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}
