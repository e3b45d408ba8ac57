//! A drill without a cluster: the snapshot's archives are downloaded, unpacked, and read to the last document.
//!
//! It proves that the backup can be had and is whole, on any machine with the room for it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use atlas_backup::{AnyRestore, ClusterKind, Download, RestoreJobId, Saved, unpack};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    drill::{current::Drill, record::Archive},
    ui::{
        exit::{Exit, Failure, Outcome},
        progress::Progress,
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
    drill.started.folder.replace(Some(folder));
    drill.log.step("prepare");
    let (snapshot, cluster) = (drill.plan.snapshot.id.as_str(), &drill.plan.cluster);
    let saved = match drill.plan.kind {
        ClusterKind::Flex => {
            let download = cluster.flex().restores().download(snapshot).await?;
            prepared(drill, &download.id).await?;
            fetch(drill, download, &path).await?
        }
        _ => {
            let download = cluster.dedicated().restores().download(snapshot).await?;
            prepared(drill, &download.id).await?;
            fetch(drill, download, &path).await?
        }
    };

    drill.log.step("unpack");
    let into = path.join("unpacked");
    let (target, count) = (into.clone(), saved.len());
    let archives = drill.started.work.on_thread(move |awaited| {
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

/// Waits until the archives of a download can be fetched.
async fn prepared(drill: &Drill<'_>, id: &RestoreJobId) -> Outcome {
    drill.log.id("restoreJob", id);
    let watch = drill.watch(format!("download {id}"), drill.plan.kind.restore_states().steps());
    watch.on(drill.plan.cluster.wait_restore(id), AnyRestore::state_word).await.map(drop)
}

async fn fetch<J>(drill: &Drill<'_>, download: Download<J>, folder: &Path) -> Outcome<Vec<Saved>> {
    drill.done("prepare", None);
    drill.log.step("fetch");
    let bar = Progress::start_transfer(format!("snapshot {}", drill.plan.snapshot.id));
    let shown = bar.clone();
    let left = drill.until.saturating_duration_since(Instant::now());
    let download = download.timeout(left).on_progress(move |progress| shown.bytes(progress.received, progress.total));
    let saved = download.save_into(folder).await.map_err(|error| match error.kind() {
        atlas_backup::ErrorKind::Decode => Failure::verdict(Exit::JobFailed, error.to_string()),
        _ => error.into(),
    })?;
    drop(bar);
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
