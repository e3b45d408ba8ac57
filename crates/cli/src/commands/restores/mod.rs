//! `restores`: snapshots on their way back, into a cluster or onto a disk, whatever kind the cluster is.

mod documents;
mod fetch;
mod read;
mod start;

use clap::Subcommand;

use super::{
    consent::Consent,
    target::{OfCluster, OneCluster},
    waiting::Patience,
};
use crate::{
    args::{Global, Listing},
    exit::{Outcome, Resume},
    session::Session,
};

pub(crate) use self::{
    documents::{AnyRestore, FLEX_STATES, flex_state, state},
    fetch::Destination,
    start::{Moment, SnapshotFlag, Start, Target},
};

/// What to do with restores.
#[derive(Debug, Subcommand)]
pub(crate) enum RestoresCommand {
    /// Starts a restore.
    #[command(subcommand, visible_alias = "create")]
    Start(Start),
    /// Lists the restore jobs of a cluster, the newest first.
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        listing: Listing,
    },
    /// Shows one restore job.
    #[command(visible_alias = "describe")]
    Get {
        #[command(flatten)]
        job: OfCluster,
    },
    /// Cancels a restore job that is under way.
    Cancel {
        #[command(flatten)]
        job: OfCluster,
        #[command(flatten)]
        consent: Consent,
    },
    /// Waits until a restore job is done: a download when it can be fetched, any other when it has finished.
    #[command(visible_alias = "watch")]
    Wait {
        #[command(flatten)]
        job: OfCluster,
        #[command(flatten)]
        patience: Patience,
    },
    /// Fetches the archive of a download, resuming what is there of it, and checks it.
    #[command(visible_alias = "download")]
    Fetch(fetch::Fetch),
}

pub(crate) async fn run(command: RestoresCommand, global: &Global, resume: &Resume) -> Outcome {
    let session = Session::open(global).await?;
    match command {
        RestoresCommand::Start(start) => start.run(&session, resume).await,
        RestoresCommand::List { cluster, listing } => read::list(&cluster.find(&session)?, listing, &session).await,
        RestoresCommand::Get { job } => {
            let (cluster, id) = job.find(&session)?;
            let job = read::get(&cluster, &id, &session).await?;
            session.printer().one(&job).await
        }
        RestoresCommand::Cancel { job, consent } => {
            let (cluster, id) = job.find(&session)?;
            consent
                .ask(&format!("Cancels restore job {id} of {}", cluster.name()), cluster.name().as_str(), &session)
                .await?;
            cluster.restores().cancel(id.as_str()).await?;
            let job = read::get(&cluster, &id, &session).await?;
            session.printer().one(&job).await
        }
        RestoresCommand::Wait { job, patience } => {
            let (cluster, id) = job.find(&session)?;
            let job = read::get(&cluster, &id, &session).await?;
            start::wait(&cluster, job, patience, &session, resume).await
        }
        RestoresCommand::Fetch(fetch) => fetch.run(&session, resume).await,
    }
}
