use std::path::Path;

use atlas_backup::{AnyClusterHandle, Result, Saved, SnapshotId};

/// Downloads all shards of a snapshot into `folder`, and unpacks each into a separate folder
/// below `folder/data`.
pub(crate) async fn download_sharded(
    cluster: &AnyClusterHandle,
    snapshot: &SnapshotId,
    folder: &Path,
) -> Result<Vec<Saved>> {
    let download = cluster
        .download_snapshot(snapshot)
        .await?
        .unpack_into(folder.join("data")) // checks every archive in the same pass
        .on_progress(|seen| eprintln!("archive {}: {} bytes", seen.archive, seen.received));
    eprintln!("restore job {} prepares the archives", download.id());

    let saved = download.save_into(folder).await?;
    for archive in &saved {
        eprintln!("{:?} is in {}", archive.shard, archive.path.display());
    }
    Ok(saved)
}
