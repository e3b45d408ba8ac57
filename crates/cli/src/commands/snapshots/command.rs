//! The commands of the noun, for every kind of cluster.

use clap::Subcommand;

use super::{change, contents, read, take};
use crate::{
    context::{
        confirmation::Confirmation,
        fetching::Destination,
        global::Listing,
        policy_items::Kept,
        session::Session,
        targets::{OfCluster, OneCluster},
        waiting::Timeout,
    },
    ui::exit::Outcome,
};

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotsCommand {
    /// Lists the snapshots of a cluster, the newest first.
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        listing: Listing,
    },
    /// Shows one snapshot.
    #[command(visible_alias = "describe")]
    Get {
        #[command(flatten)]
        snapshot: OfCluster,
    },
    /// Takes a snapshot now.
    #[command(visible_alias = "create")]
    Take(take::Take),
    /// Changes how long a snapshot is kept, counted from its completion.
    #[command(visible_alias = "update")]
    Retain {
        #[command(flatten)]
        snapshot: OfCluster,
        /// How long, such as 30d, 4w, 6m or 1y.
        #[arg(long = "for", value_name = "KEPT")]
        kept: Kept,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Downloads a snapshot: has its archive prepared, fetches it and checks it.
    Download {
        #[command(flatten)]
        snapshot: OfCluster,
        #[command(flatten)]
        destination: Destination,
    },
    /// Lists the databases in a snapshot of a dedicated cluster.
    Databases {
        #[command(flatten)]
        snapshot: OfCluster,
        #[command(flatten)]
        listing: Listing,
    },
    /// Lists the collections of a database in a snapshot of a dedicated cluster.
    Collections {
        #[command(flatten)]
        snapshot: OfCluster,
        /// The database's name.
        #[arg(long, value_name = "NAME")]
        database: String,
        #[command(flatten)]
        listing: Listing,
    },
    /// Deletes a snapshot, for good.
    #[command(visible_alias = "rm")]
    Delete {
        #[command(flatten)]
        snapshot: OfCluster,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Waits until a snapshot is completed.
    #[command(visible_alias = "watch")]
    Wait {
        #[command(flatten)]
        snapshot: OfCluster,
        #[command(flatten)]
        timeout: Timeout,
    },
}

pub(crate) async fn run(command: SnapshotsCommand, session: &Session) -> Outcome {
    match command {
        SnapshotsCommand::List { cluster, listing } => read::list(&cluster.find(session)?, listing, session).await,
        SnapshotsCommand::Get { snapshot } => {
            let (cluster, id) = snapshot.find(session)?;
            read::get(&cluster, &id, session).await
        }
        SnapshotsCommand::Take(take) => take::take(take, session).await,
        SnapshotsCommand::Retain { snapshot, kept, confirmation } => {
            let (cluster, id) = snapshot.find(session)?;
            change::retain(&cluster, &id, &kept, confirmation, session).await
        }
        SnapshotsCommand::Download { snapshot, destination } => destination.download(snapshot, session).await,
        SnapshotsCommand::Databases { snapshot, listing } => {
            let (cluster, id) = snapshot.find(session)?;
            contents::databases(&cluster, &id, listing, session).await
        }
        SnapshotsCommand::Collections { snapshot, database, listing } => {
            let (cluster, id) = snapshot.find(session)?;
            contents::collections(&cluster, &id, &database, listing, session).await
        }
        SnapshotsCommand::Delete { snapshot, confirmation } => {
            let (cluster, id) = snapshot.find(session)?;
            change::delete(&cluster, &id, confirmation, session).await
        }
        SnapshotsCommand::Wait { snapshot, timeout } => {
            let (cluster, id) = snapshot.find(session)?;
            take::resume(&cluster, id.try_into()?, timeout, session).await
        }
    }
}
