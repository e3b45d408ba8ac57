//! `flex`: backups of flex clusters, which have operations and documents of their own.

use atlas_backup::FlexSnapshot;
use clap::Subcommand;

use super::target::OneCluster;
use crate::{
    args::{Global, Listing},
    exit::Outcome,
    output::{Column, Document, cell::Cell},
    session::Session,
};

/// What of a flex cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexCommand {
    /// Snapshots of a flex cluster, which Atlas takes once a day.
    #[command(subcommand, visible_alias = "snapshot")]
    Snapshots(FlexSnapshotsCommand),
}

/// What to do with snapshots of a flex cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum FlexSnapshotsCommand {
    /// Lists the snapshots of a flex cluster.
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        listing: Listing,
    },
}

pub(crate) async fn run(command: FlexCommand, global: &Global) -> Outcome {
    let session = Session::open(global).await?;
    match command {
        FlexCommand::Snapshots(FlexSnapshotsCommand::List { cluster, listing }) => {
            let snapshots = session.project()?.flex_cluster(cluster.find(&session)?.name())?.snapshots();
            session.printer().list(snapshots.list().items(), listing.limit).await
        }
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
