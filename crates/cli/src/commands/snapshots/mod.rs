//! `snapshots`: the main job. List them, look at one, take one, wait for one, keep one longer, delete one, whatever kind
//! the cluster is.

mod change;
mod contents;
mod documents;
mod read;
mod take;

use clap::Subcommand;

use super::{
    consent::Consent,
    policy_items::Kept,
    restores::Destination,
    target::{OfCluster, OneCluster},
    waiting::Patience,
};
use crate::{
    args::{Global, Listing},
    exit::{Outcome, Resume},
    session::Session,
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
        consent: Consent,
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
        consent: Consent,
    },
    /// Waits until a snapshot is completed.
    #[command(visible_alias = "watch")]
    Wait {
        #[command(flatten)]
        snapshot: OfCluster,
        #[command(flatten)]
        patience: Patience,
    },
}

pub(crate) async fn run(command: SnapshotsCommand, global: &Global, resume: &Resume) -> Outcome {
    let session = Session::open(global).await?;
    match command {
        SnapshotsCommand::List { cluster, listing } => read::list(&cluster.find(&session)?, listing, &session).await,
        SnapshotsCommand::Get { snapshot } => {
            let (cluster, id) = snapshot.find(&session)?;
            read::get(&cluster, &id, &session).await
        }
        SnapshotsCommand::Take(take) => take::take(take, &session, resume).await,
        SnapshotsCommand::Retain { snapshot, kept, consent } => {
            let (cluster, id) = snapshot.find(&session)?;
            change::retain(&cluster, &id, &kept, consent, &session).await
        }
        SnapshotsCommand::Download { snapshot, destination } => destination.download(snapshot, &session, resume).await,
        SnapshotsCommand::Databases { snapshot, listing } => {
            let (cluster, id) = snapshot.find(&session)?;
            contents::databases(&cluster, &id, listing, &session).await
        }
        SnapshotsCommand::Collections { snapshot, database, listing } => {
            let (cluster, id) = snapshot.find(&session)?;
            contents::collections(&cluster, &id, &database, listing, &session).await
        }
        SnapshotsCommand::Delete { snapshot, consent } => {
            let (cluster, id) = snapshot.find(&session)?;
            change::delete(&cluster, &id, consent, &session).await
        }
        SnapshotsCommand::Wait { snapshot, patience } => {
            let (cluster, id) = snapshot.find(&session)?;
            take::resume(&cluster, id.try_into()?, patience, &session, resume).await
        }
    }
}
