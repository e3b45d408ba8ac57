use std::{path::Path, time::Duration};

use atlas_backup::{Client, Result, Retention, Saved};

/// Takes a snapshot of a cluster of any kind but flex, and proves that its data can be read.
pub(crate) async fn nightly_snapshot(
    atlas: &Client,
    project: &str,
    cluster: &str,
    folder: &Path,
) -> Result<Vec<Saved>> {
    let cluster = atlas.project(project)?.any_cluster(cluster)?;

    // The request is repeated only if it surely was not executed, so there are never two
    // snapshots.
    let taken = cluster.take_snapshot("nightly", Retention::days(7)).await?;
    // Log the ID at once. A run that ends here can wait for this snapshot later.
    eprintln!("snapshot {} of {} was started", taken.id(), cluster.name());

    // Outages of the service are polled through until the deadline.
    let done = cluster.wait_snapshot(taken.id()).timeout(Duration::from_secs(4 * 3600)).await?;
    eprintln!("snapshot {} is complete, {:?} bytes", done.id(), done.size_bytes());

    // Checks every checksum and every entry before an archive gets its name.
    cluster.download_snapshot(done.id()).await?.verify().save_into(folder).await
}
