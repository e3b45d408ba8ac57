//! `restores`: restore jobs of every kind of cluster, into a cluster or for download.

use atlas_backup::Cluster;
use clap::Subcommand;
use futures_util::{StreamExt, stream};

use crate::{
    context::{
        clusters,
        confirmation::Confirmation,
        fetching::Destination,
        global::Listing,
        restores::{self, AnyRestore},
        session::Session,
        targets::{Moment, OfCluster, OneCluster, SnapshotFlag, Target},
        waiting::{Timeout, WaitFlags},
    },
    ui::exit::{Failure, Outcome},
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
        confirmation: Confirmation,
    },
    /// Waits until a restore job is done: a download when it can be fetched, any other when it has finished.
    #[command(visible_alias = "watch")]
    Wait {
        #[command(flatten)]
        job: OfCluster,
        #[command(flatten)]
        timeout: Timeout,
    },
    /// Fetches the archive of a download, resuming what is there of it, and checks it.
    #[command(visible_alias = "download")]
    Fetch {
        #[command(flatten)]
        job: OfCluster,
        #[command(flatten)]
        destination: Destination,
    },
}

pub(crate) async fn run(command: RestoresCommand, session: &Session) -> Outcome {
    match command {
        RestoresCommand::Start(start) => start.run(session).await,
        RestoresCommand::List { cluster, listing } => list(&cluster.find(session)?, listing, session).await,
        RestoresCommand::Get { job } => {
            let (cluster, id) = job.find(session)?;
            let job = restores::get(&cluster, &id, session).await?;
            session.printer().one(&job).await
        }
        RestoresCommand::Cancel { job, confirmation } => {
            let (cluster, id) = job.find(session)?;
            confirmation
                .ask(&format!("Cancels restore job {id} of {}", cluster.name()), cluster.name().as_str(), session)
                .await?;
            cluster.restores().cancel(id.as_str()).await?;
            let job = restores::get(&cluster, &id, session).await?;
            session.printer().one(&job).await
        }
        RestoresCommand::Wait { job, timeout } => restores::wait_for(job, timeout, session).await,
        RestoresCommand::Fetch { job, destination } => destination.fetch(job, session).await,
    }
}

/// What kind of restore.
#[derive(Debug, Subcommand)]
pub(crate) enum Start {
    /// Restores a snapshot into a cluster, whose data it replaces.
    Automated {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        snapshot: SnapshotFlag,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        wait: WaitFlags,
    },
    /// Restores a cluster as it was at a moment, into a cluster whose data it replaces; needs continuous backup.
    #[command(alias = "pointInTime")]
    PointInTime {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        moment: Moment,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        wait: WaitFlags,
    },
    /// Prepares a snapshot's data for download; no cluster is touched.
    Download {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        snapshot: SnapshotFlag,
        #[command(flatten)]
        wait: WaitFlags,
    },
}

impl Start {
    async fn run(self, session: &Session) -> Outcome {
        match self {
            Start::Automated { cluster, snapshot, target, confirmation, wait } => {
                restores::automated(cluster, snapshot, target, confirmation, wait, session).await
            }
            Start::PointInTime { cluster, moment, target, confirmation, wait } => {
                let source = cluster.find(session)?;
                let moment = moment.read()?.ok_or_else(|| {
                    Failure::usage("it must be said to which moment", "say `--at 2026-01-31T12:00:00Z`")
                })?;
                let over = target.dedicated(&source, session)?;
                let deed = format!("Restores {} as it was", source.name());
                restores::confirm(confirmation, &deed, &over, session).await?;
                let job = source.restores().point_in_time(moment, &over).await?.into();
                restores::started(&source, job, wait, session).await
            }
            Start::Download { cluster, snapshot, wait } => {
                let source = cluster.find(session)?;
                let job = restores::prepare(&source, &snapshot.snapshot, session).await?;
                restores::started(&source, job, wait, session).await
            }
        }
    }
}

/// Prints the restore jobs of `cluster`, whatever it is.
async fn list(cluster: &Cluster, listing: Listing, session: &Session) -> Outcome {
    let mut items = cluster.restores().list().items();
    match items.next().await {
        Some(Err(error)) if clusters::is_flex(&error) => {
            let jobs = session.project()?.flex_cluster(cluster.name())?.restores().list().items();
            session.printer().list(jobs.map(|job| job.map(AnyRestore::from)), listing.limit).await
        }
        first => {
            let all = stream::iter(first).chain(items).map(|job| job.map(AnyRestore::from));
            session.printer().list(all, listing.limit).await
        }
    }
}
