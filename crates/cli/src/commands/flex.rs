//! `flex`: backups of flex clusters, which have operations and documents of their own.
//!
//! The plain nouns find out that a cluster is flex and do the same. Whoever says `flex` knows already, so lists and single
//! documents cost one call; everything else is done in one place, by `restores`.

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

/// What of a flex cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexCommand {
    /// Snapshots of a flex cluster, which Atlas takes once a day.
    #[command(subcommand, visible_alias = "snapshot")]
    Snapshots(FlexSnapshotsCommand),
    /// Restores of those snapshots into a flex cluster.
    #[command(subcommand, visible_alias = "restore")]
    Restores(FlexRestoresCommand),
    /// Downloads a snapshot: has its archive prepared, fetches it and checks it.
    Download {
        #[command(flatten)]
        snapshot: ClusterItemArgs,
        #[command(flatten)]
        destination: Destination,
    },
}

/// What to do with snapshots of a flex cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexSnapshotsCommand {
    /// Lists the snapshots of a flex cluster.
    #[command(visible_alias = "ls")]
    List(ClusterListArgs),
    /// Shows one snapshot.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
}

/// What to do with restores of a flex cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexRestoresCommand {
    /// Restores a snapshot into a flex cluster, whose data it replaces.
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
    /// Lists the restore jobs of a flex cluster, downloads among them.
    #[command(visible_alias = "ls")]
    List(ClusterListArgs),
    /// Shows one restore job.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
    /// Waits until a restore job is completed.
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
