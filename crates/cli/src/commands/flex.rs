//! `flex`: backups of flex clusters, which have separate operations and documents.
//!
//! The plain nouns detect the cluster kind with an extra call; `flex` saves that call for lists and single documents.
//! All other logic is shared with `restores`.

use atlas_backup::{AnyRestore, FlexSnapshot};
use clap::Subcommand;
use futures_util::StreamExt;

use crate::{
    context::{
        confirmation::Confirmation,
        download::Destination,
        restores,
        session::Session,
        targets::{ClusterArg, ClusterItemArgs, ClusterListArgs, SnapshotFlag, Target},
        wait::{WaitArgs, WaitFlags},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `flex`.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexCommand {
    /// Snapshots of a flex cluster. Atlas takes one per day.
    #[command(subcommand, visible_alias = "snapshot")]
    Snapshots(FlexSnapshotsCommand),
    /// Restores of snapshots into a flex cluster.
    #[command(subcommand, visible_alias = "restore")]
    Restores(FlexRestoresCommand),
    /// Download a snapshot: prepare the archive, fetch it and verify it.
    Download {
        #[command(flatten)]
        snapshot: ClusterItemArgs,
        #[command(flatten)]
        destination: Destination,
    },
}

/// Subcommands of `flex snapshots`.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexSnapshotsCommand {
    /// List the snapshots of a flex cluster.
    #[command(visible_alias = "ls")]
    List(ClusterListArgs),
    /// Show a snapshot.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
}

/// Subcommands of `flex restores`.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexRestoresCommand {
    /// Restore a snapshot into a flex cluster, overwriting its data.
    #[command(visible_alias = "create")]
    Start {
        #[command(flatten)]
        cluster: ClusterArg,
        #[command(flatten)]
        snapshot: SnapshotFlag,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        wait: WaitFlags,
    },
    /// List the restore jobs of a flex cluster, including downloads.
    #[command(visible_alias = "ls")]
    List(ClusterListArgs),
    /// Show a restore job.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
    /// Wait until a restore job is completed.
    #[command(visible_alias = "watch")]
    Wait(WaitArgs),
}

pub(crate) async fn run(command: FlexCommand, session: &Session) -> Outcome {
    match command {
        FlexCommand::Snapshots(FlexSnapshotsCommand::List(ClusterListArgs { cluster, listing })) => {
            let snapshots = session.project()?.flex_cluster(cluster.find(session)?.name())?.snapshots();
            session.printer().list(snapshots.list().items(), listing.limit).await
        }
        FlexCommand::Snapshots(FlexSnapshotsCommand::Get(snapshot)) => {
            let (cluster, id) = snapshot.find(session)?;
            let snapshots = session.project()?.flex_cluster(cluster.name())?.snapshots();
            let list = Command::new("flex snapshots list").arg(cluster.name());
            let snapshot = snapshots.get(id).await.map_err(|error| Failure::not_found(error, list))?;
            session.printer().one(&snapshot).await
        }
        FlexCommand::Restores(FlexRestoresCommand::Start { cluster, snapshot, target, confirmation, wait }) => {
            restores::automated(cluster, snapshot, target, confirmation, wait, session).await
        }
        FlexCommand::Restores(FlexRestoresCommand::List(ClusterListArgs { cluster, listing })) => {
            let jobs = session.project()?.flex_cluster(cluster.find(session)?.name())?.restores().list().items();
            session.printer().list(jobs.map(|job| job.map(AnyRestore::from)), listing.limit).await
        }
        FlexCommand::Restores(FlexRestoresCommand::Get(job)) => {
            let (cluster, id) = job.find(session)?;
            let list = Command::new("flex restores list").arg(cluster.name());
            let job = session.project()?.flex_cluster(cluster.name())?.restores().get(id).await;
            let job = job.map_err(|error| Failure::not_found(error, list))?;
            session.printer().one(&AnyRestore::from(job)).await
        }
        FlexCommand::Restores(FlexRestoresCommand::Wait(WaitArgs { of: job, timeout })) => {
            restores::wait_for(job, timeout, session).await
        }
        FlexCommand::Download { snapshot, destination } => destination.download(snapshot, session).await,
    }
}

impl Document for FlexSnapshot {
    const PLURAL: &'static str = "snapshots";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |snapshot, _| Cell::text(Some(&snapshot.id))),
        Column::new("STATUS", |snapshot, _| Cell::state(snapshot.status.as_ref())),
        Column::new("STARTED", |snapshot, now| Cell::time(snapshot.start_time, now)),
        Column::new("FINISHED", |snapshot, now| Cell::time(snapshot.finish_time, now)),
        Column::new("EXPIRES", |snapshot, now| Cell::time(snapshot.expiration, now)),
        Column::new("MONGODB", |snapshot, _| Cell::text(snapshot.mongo_db_version.as_ref())),
        Column::detail("SCHEDULED", |snapshot, now| Cell::time(snapshot.scheduled_time, now)),
    ];
}
