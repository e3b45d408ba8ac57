//! Snapshots of dedicated clusters: list, get, take, wait, change retention, delete.
//!
//! A snapshot goes from `queued` over `inProgress` to `completed` or `failed`; its expiry date changes on completion.
//! Taking one is never repeated unless it surely was not begun.

use std::num::NonZeroU32;

use atlas_backup_generated::types::{
    BackupSnapshotRetention, BackupSnapshotRetentionRetentionUnit, DiskBackupOnDemandSnapshotRequest,
    DiskBackupReplicaSet, DiskBackupSnapshot, SnapshotStatus,
};

use super::Cluster;
use crate::{
    entity::{Entity, FromDocument, changed, finish, one, recast},
    error::{Error, ErrorKind, Result},
    ids::{IntoId, SnapshotId},
    meta::Meta,
    paging::{List, fetch},
    per_call::per_call,
    wait::{Outcome, Wait},
};

/// A snapshot of a dedicated cluster.
pub type Snapshot = Entity<SnapshotId, DiskBackupReplicaSet>;

/// The snapshots of a dedicated cluster.
#[derive(Debug, Clone)]
pub struct Snapshots {
    cluster: Cluster,
}

per_call!(Snapshots, cluster);

impl Cluster {
    /// The snapshots.
    #[must_use]
    pub fn snapshots(&self) -> Snapshots {
        Snapshots { cluster: self.clone() }
    }
}

/// How long a snapshot is kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retention(Option<NonZeroU32>);

impl Retention {
    /// A number of days; the service keeps a snapshot for a day at least, so 0 is refused when it is used.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Retention(NonZeroU32::new(days))
    }

    fn checked(self) -> Result<i64> {
        let days = self.0.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "a snapshot is kept for a day at least"));
        days.map(|days| i64::from(days.get()))
    }
}

impl Snapshots {
    /// Lists them, the newest first (`listGroupClusterBackupSnapshots`).
    pub fn list(&self) -> List<Snapshot> {
        let cluster = self.cluster.clone();
        List::new(move |q| {
            let cluster = cluster.clone();
            async move {
                let bindings = cluster.client().bindings();
                fetch(bindings.list_group_cluster_backup_snapshots(
                    cluster.project_id().as_str(),
                    cluster.name().as_str(),
                    q.include_count,
                    q.items_per_page,
                    None,
                    None,
                    q.page_num,
                    None,
                ))
                .await
            }
        })
    }

    /// Gets one (`getGroupClusterBackupSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none of this id; otherwise as every call.
    pub async fn get(&self, id: impl IntoId<SnapshotId>) -> Result<Snapshot> {
        self.fetch(id.into_id()?).await
    }

    /// Takes one now and returns as soon as the service has accepted it (`takeGroupClusterBackupSnapshots`); then
    /// [`wait`](Self::wait).
    ///
    /// The request is repeated only when it surely was not executed, so there are never two snapshots. If the
    /// connection breaks midway there may be one though the call failed: list to find out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a retention of 0 days; [`ErrorKind::Conflict`] where the cluster's state does
    /// not allow it; otherwise as every call.
    pub async fn take(&self, description: impl Into<String>, retention: Retention) -> Result<Snapshot> {
        let request = DiskBackupOnDemandSnapshotRequest::new()
            .with_description(description)
            .with_retention_in_days(retention.checked()?);
        let bindings = self.cluster.client().bindings();
        let pending = bindings.take_group_cluster_backup_snapshots(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            &request,
        );
        let (operation, version) = (pending.operation(), pending.version());
        let answer = finish(pending).await?;
        let document = match answer.value {
            DiskBackupSnapshot::ReplicaSet(document) => Ok(*document),
            other => recast(&other),
        };
        let meta = Meta::new(answer.status, answer.headers).into();
        document
            .and_then(|document| Snapshot::from_document(document, &meta))
            .map_err(|error| error.on(operation, Some(version)))
    }

    /// Changes how long one is kept, which moves its `expires_at` (`updateGroupClusterBackupSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a retention of 0 days; [`ErrorKind::NotFound`] when there is none of this id;
    /// otherwise as every call.
    pub async fn change_retention(&self, id: impl IntoId<SnapshotId>, retention: Retention) -> Result<Snapshot> {
        let id = id.into_id()?;
        let unit = BackupSnapshotRetentionRetentionUnit::Days;
        let request = BackupSnapshotRetention::new(unit, retention.checked()?);
        let bindings = self.cluster.client().bindings();
        let pending = bindings.update_group_cluster_backup_snapshot(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            id.as_str(),
            &request,
        );
        changed(pending, self.fetch(id.clone())).await
    }

    /// Deletes one, for good (`deleteGroupClusterBackupSnapshot`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none of this id; otherwise as every call.
    pub async fn delete(&self, id: impl IntoId<SnapshotId>) -> Result<()> {
        let id = id.into_id()?;
        let bindings = self.cluster.client().bindings();
        finish(bindings.delete_group_cluster_backup_snapshot(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            id.as_str(),
        ))
        .await?;
        Ok(())
    }

    /// Waits until one has completed. A failed one is [`ErrorKind::Failed`].
    pub fn wait(&self, id: impl IntoId<SnapshotId>) -> Wait<Snapshot> {
        let snapshots = self.clone();
        let fetch = move |id| {
            let snapshots = snapshots.clone();
            async move { snapshots.fetch(id).await }
        };
        Wait::by_id(id.into_id(), fetch, |snapshot: &Snapshot| judge(snapshot.status.as_ref()))
    }

    async fn fetch(&self, id: SnapshotId) -> Result<Snapshot> {
        one(self.cluster.client().bindings().get_group_cluster_backup_snapshot(
            self.cluster.project_id().as_str(),
            self.cluster.name().as_str(),
            id.as_str(),
        ))
        .await
    }
}

/// What a snapshot's state means to whoever waits for it.
pub(super) fn judge(status: Option<&SnapshotStatus>) -> Outcome {
    match status.map(SnapshotStatus::as_str) {
        Some("completed") => Outcome::Done,
        Some("failed") => Outcome::Failed("the service says that it failed"),
        _ => Outcome::Pending,
    }
}
