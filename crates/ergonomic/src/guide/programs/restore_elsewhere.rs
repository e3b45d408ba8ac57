use std::time::Duration;

use atlas_backup::{Cluster, HasState as _, JobState, RestoreJob, Result};

/// Restores the newest complete snapshot of `source` over `target`, which may belong to another
/// project. Returns `None` if there is no such snapshot.
pub(crate) async fn restore_elsewhere(source: &Cluster, target: &Cluster) -> Result<Option<RestoreJob>> {
    let mut snapshots = source.snapshots().list().items(); // newest first
    let newest = loop {
        match snapshots.try_next().await? {
            None => return Ok(None),
            Some(snapshot) if snapshot.job_state() == JobState::Succeeded => break snapshot,
            Some(_) => {}
        }
    };

    // All data of the target is replaced. The target is an argument, so that it cannot be
    // forgotten.
    let job = source.restores().automated(&newest.id, target).await?;
    eprintln!("restore job {} of {} was started", job.id, source.name());

    // The job belongs to the source, wherever the data goes.
    source.restores().wait(&job.id).timeout(Duration::from_secs(6 * 3600)).await.map(Some)
}
