//! Restore jobs of dedicated clusters: automated, to a point in time, as a download; list, get, cancel, wait.
//!
//! A job has no status. A restore has ended when it has `finishedAt`. A download has ended when it has a URL and never
//! gets a `finishedAt`. Starting a job is retried only if it was certainly not executed, and a method that overwrites a
//! cluster takes that cluster as an argument. `downloads` starts downloads.

use std::{fmt, str::FromStr};

use atlas_backup_generated::types::{DeliveryType, DiskBackupSnapshotRestoreJob};
use atlas_backup_runtime::Pending;
use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        document::Acknowledged,
        documents::RestoreJob,
        error::{Error, Result},
        error_kind::ErrorKind,
        ids::{IntoId, RestoreJobId, SnapshotId},
        text_form::serde_as_text,
    },
    resources::clusters::Cluster,
};

/// The restore jobs of a dedicated cluster, which is the source of the backups.
#[derive(Debug, Clone)]
pub struct Restores {
    pub(super) cluster: Cluster,
}

call_options!(Restores, cluster);

impl Cluster {
    /// The restore jobs that use this cluster's backups.
    #[must_use]
    pub fn restores(&self) -> Restores {
        Restores { cluster: self.clone() }
    }
}

/// A point in time within the restore window of a cluster with continuous backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointInTime(pub(super) Moment);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Time(i64),
    Oplog { seconds: i64, increment: i64 },
}

impl PointInTime {
    /// A time in seconds. Fractions are dropped.
    #[must_use]
    pub fn time(time: DateTime<Utc>) -> Self {
        PointInTime(Moment::Time(time.timestamp()))
    }

    /// An operation in the oplog: its timestamp in seconds since 1970, and its number within that second.
    #[must_use]
    pub const fn oplog(seconds: u32, increment: u32) -> Self {
        // Both are 32 bits wide in an oplog timestamp.
        PointInTime(Moment::Oplog { seconds: seconds as i64, increment: increment as i64 })
    }
}

/// A time as `2026-01-31T12:00:00Z`, an operation in the oplog as `1790000000:7`.
impl fmt::Display for PointInTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Moment::Time(seconds) => match DateTime::from_timestamp(seconds, 0) {
                Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true)),
                None => write!(f, "@{seconds}"),
            },
            Moment::Oplog { seconds, increment } => write!(f, "{seconds}:{increment}"),
        }
    }
}

impl FromStr for PointInTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let oplog = text
            .split_once(':')
            .and_then(|(seconds, increment)| Some((seconds.parse().ok()?, increment.parse().ok()?)));
        if let Some((seconds, increment)) = oplog {
            return Ok(PointInTime::oplog(seconds, increment));
        }
        match DateTime::parse_from_rfc3339(text) {
            Ok(time) => Ok(PointInTime::time(time.to_utc())),
            Err(source) => {
                let message =
                    format!("invalid point in time {text:?}: expected 2026-01-31T12:00:00Z or SECONDS:INCREMENT");
                Err(Error::new(ErrorKind::InvalidInput, message).with_source(source))
            }
        }
    }
}

serde_as_text!(PointInTime);

impl From<DateTime<Utc>> for PointInTime {
    fn from(time: DateTime<Utc>) -> Self {
        PointInTime::time(time)
    }
}

impl Restores {
    /// Lists them, the newest first (`listGroupClusterBackupRestoreJobs`).
    #[doc(alias("listGroupClusterBackupRestoreJobs", "listBackupRestoreJobs", "returnAllRestoreJobsForOneCluster"))]
    pub fn list(&self) -> List<RestoreJob> {
        List::over(&self.cluster, |cluster, q| {
            let (api, project, name) = cluster.parts();
            api.list_group_cluster_backup_restore_jobs(project, name, &q.of())
        })
    }

    /// Gets one (`getGroupClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("getGroupClusterBackupRestoreJob", "getBackupRestoreJob", "returnOneRestoreJobOfOneCluster"))]
    pub async fn get(&self, id: impl IntoId<RestoreJobId>) -> Result<RestoreJob> {
        fetch_document(ask(&self.cluster, &id.into_id()?)).await
    }

    /// Restores a snapshot over `target`, **whose data it replaces** (`createGroupClusterBackupRestoreJob`); then
    /// [`wait`](Self::wait). The target may be this cluster or another one, also of another project.
    ///
    /// The request is retried only if it was certainly not executed. If the connection breaks midway there may be a job
    /// though the call failed: list to find out.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the snapshot or the target does not exist; otherwise as every call.
    #[doc(alias("createGroupClusterBackupRestoreJob", "createBackupRestoreJob", "restoreOneSnapshotOfOneCluster"))]
    pub async fn automated(&self, snapshot: impl IntoId<SnapshotId>, target: &Cluster) -> Result<RestoreJob> {
        let job = over(target, DeliveryType::Automated).with_snapshot_id(snapshot.into_id()?);
        self.create(&job).await
    }

    /// Restores this cluster's data as it was at a moment over `target`, **whose data it replaces**
    /// (`createGroupClusterBackupRestoreJob`); then [`wait`](Self::wait). Retried only as
    /// [`automated`](Self::automated) is.
    ///
    /// ```no_run
    /// # use atlas_backup::{Cluster, PointInTime};
    /// # async fn example(cluster: Cluster, copy: Cluster) -> atlas_backup::Result<()> {
    /// let job = cluster.restores().point_in_time(PointInTime::oplog(1_790_000_000, 1), &copy).await?;
    /// cluster.restores().wait(&job.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when the moment is outside the restore window or the
    /// cluster has no continuous backup; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the target is not
    /// there; otherwise as every call.
    pub async fn point_in_time(&self, moment: impl Into<PointInTime>, target: &Cluster) -> Result<RestoreJob> {
        let job = over(target, DeliveryType::PointInTime);
        let job = match moment.into().0 {
            Moment::Time(seconds) => job.with_point_in_time_utc_seconds(seconds),
            Moment::Oplog { seconds, increment } => job.with_oplog_ts(seconds).with_oplog_inc(increment),
        };
        self.create(&job).await
    }

    /// Cancels a running one (`cancelGroupClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when it is over already;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("cancelGroupClusterBackupRestoreJob", "cancelBackupRestoreJob", "cancelOneRestoreJobOfOneCluster"))]
    pub async fn cancel(&self, id: impl IntoId<RestoreJobId>) -> Result<Acknowledged> {
        let (id, (api, project, name)) = (id.into_id()?, self.cluster.parts());
        fetch_document(api.cancel_group_cluster_backup_restore_job(project, name, id.as_str())).await
    }

    /// Waits until one has finished, or until a download can be fetched. One that failed, was cancelled or has expired
    /// is [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    pub fn wait(&self, id: impl IntoId<RestoreJobId>) -> Wait<RestoreJob> {
        Wait::over(&self.cluster, id.into_id(), ask)
    }

    pub(super) async fn create(&self, job: &DiskBackupSnapshotRestoreJob) -> Result<RestoreJob> {
        let (api, project, name) = self.cluster.parts();
        fetch_document(api.create_group_cluster_backup_restore_job(project, name, job)).await
    }
}

fn ask<'a>(cluster: &'a Cluster, id: &RestoreJobId) -> Pending<'a, DiskBackupSnapshotRestoreJob> {
    let (api, project, name) = cluster.parts();
    api.get_group_cluster_backup_restore_job(project, name, id.as_str())
}

/// A job that writes to `target`.
fn over(target: &Cluster, delivery: DeliveryType) -> DiskBackupSnapshotRestoreJob {
    DiskBackupSnapshotRestoreJob::new(delivery)
        .with_target_cluster_name(target.name().as_str())
        .with_target_group_id(target.project_id().as_str())
}
