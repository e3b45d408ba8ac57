use std::time::Duration;

use atlas_backup::{Cluster, PointInTime, RestoreJob, Result};

/// Restores `source` to a moment over `target`.
pub(crate) async fn restore_to(source: &Cluster, target: &Cluster, moment: PointInTime) -> Result<RestoreJob> {
    // How far back a restore reaches.
    let schedule = source.schedule().get().await?;
    eprintln!("the last {:?} days can be restored", schedule.restore_window_days);

    let job = source.restores().point_in_time(moment, target).await?;
    source.restores().wait(&job.id).timeout(Duration::from_secs(6 * 3600)).await
}
