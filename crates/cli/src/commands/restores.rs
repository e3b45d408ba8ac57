//! `restores`: restore jobs of every cluster kind, into a cluster or for download.

use atlas_backup::AnyRestore;
use clap::Subcommand;

use crate::{
    context::{
        confirmation::Confirmation,
        download::Destination,
        filters::{FilteredListArgs, TypedFilters},
        restores,
        session::Session,
        snapshots,
        targets::{ClusterArg, ClusterItemArgs, PointInTimeFlags, SnapshotFlag, Target},
        wait::{WaitArgs, WaitFlags},
    },
    ui::exit::{Failure, Outcome},
};

/// Subcommands of `restores`.
#[derive(Debug, Subcommand)]
pub(crate) enum RestoresCommand {
    /// Start a restore.
    #[command(subcommand, visible_alias = "create")]
    Start(Start),
    /// List the restore jobs of a cluster, newest first.
    #[command(visible_alias = "ls")]
    List(FilteredListArgs<TypedFilters>),
    /// Show a restore job.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
    /// Cancel a running restore job.
    Cancel {
        #[command(flatten)]
        job: ClusterItemArgs,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Wait until a restore job is done; a download is done when its archive is ready.
    #[command(visible_alias = "watch")]
    Wait(WaitArgs),
    /// Fetch the archive of a download, resuming a partial file, and verify it.
    #[command(visible_alias = "download")]
    Fetch {
        #[command(flatten)]
        job: ClusterItemArgs,
        #[command(flatten)]
        destination: Destination,
    },
}

pub(crate) async fn run(command: RestoresCommand, session: &Session) -> Outcome {
    match command {
        RestoresCommand::Start(start) => start.run(session).await,
        RestoresCommand::List(FilteredListArgs { cluster, filters, listing }) => {
            let jobs = filters.apply(cluster.find(session)?.of_any_kind().restores().items(), session);
            session.printer().list(jobs, listing.limit).await
        }
        RestoresCommand::Get(job) => {
            let (cluster, id) = job.find(session)?;
            let job = restores::get(&cluster.of_any_kind(), &id).await?;
            session.printer().one(&job).await
        }
        RestoresCommand::Cancel { job, confirmation } => {
            let (cluster, id) = job.find(session)?;
            confirmation
                .ask(&format!("Cancel restore job {id} of {}", cluster.name()), cluster.name().as_str(), session)
                .await?;
            cluster.restores().cancel(id.as_str()).await?;
            let job = restores::get(&cluster.of_any_kind(), &id).await?;
            session.printer().one(&job).await
        }
        RestoresCommand::Wait(WaitArgs { of: job, timeout }) => restores::wait_for(job, timeout, session).await,
        RestoresCommand::Fetch { job, destination } => destination.fetch(job, session).await,
    }
}

/// Kinds of restores.
#[derive(Debug, Subcommand)]
pub(crate) enum Start {
    /// Restore a snapshot into a cluster, overwriting its data.
    Automated {
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
    /// Restore a point in time into a cluster, overwriting its data; requires continuous backup.
    #[command(alias = "pointInTime")]
    PointInTime {
        #[command(flatten)]
        cluster: ClusterArg,
        #[command(flatten)]
        point_in_time: PointInTimeFlags,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        wait: WaitFlags,
    },
    /// Prepare the archive of a snapshot for download; changes no cluster.
    Download {
        #[command(flatten)]
        cluster: ClusterArg,
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
            Start::PointInTime { cluster, point_in_time, target, confirmation, wait } => {
                let source = cluster.find(session)?;
                let moment = point_in_time.read()?.ok_or_else(|| {
                    Failure::usage(
                        "missing point in time",
                        "pass `--at`, such as `--at 2026-01-31T12:00:00Z`, or `--oplog-ts` and `--oplog-inc`",
                    )
                })?;
                let over = target.cluster(&source, session).await?;
                let action = format!("Restore {} as of {moment}", source.name());
                restores::confirm(confirmation, &action, &source, &over, session).await?;
                let job: AnyRestore = match source.restores().point_in_time(moment, &over).await {
                    Ok(job) => job.into(),
                    Err(error) => return Err(restores::with_window(error, &source, session).await),
                };
                restores::started(&source, &job).print(&job, wait, session).await
            }
            Start::Download { cluster, snapshot, wait } => {
                let source = cluster.find(session)?;
                let id = snapshots::find_id(&source, snapshot.snapshot).await?;
                let job = restores::prepare(&source, &id).await?;
                restores::started(&source, &job).print(&job, wait, session).await
            }
        }
    }
}
