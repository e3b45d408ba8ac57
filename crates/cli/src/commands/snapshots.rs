//! `snapshots`: list, show, take, wait for, keep, download and delete snapshots of every cluster kind.

use std::{future::ready, time::Instant};

use atlas_backup::{
    AnyClusterHandle, AnySnapshot, Cluster, ClusterKind, ErrorKind, Retention, SnapshotCollection, SnapshotDatabase,
    SnapshotId, StateWords,
};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use futures_util::{StreamExt, stream};

use crate::{
    context::{
        confirmation::Confirmation,
        download::Destination,
        filters::{FilteredListArgs, TypedFilters},
        global::Listing,
        policy_items::RetentionFlag,
        session::Session,
        targets::{ClusterArg, ClusterItemArgs},
        wait::{Job, StartedJob, WaitArgs, WaitFlags},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        messages,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `snapshots`.
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotsCommand {
    /// List the snapshots of a cluster, newest first.
    #[command(visible_alias = "ls")]
    List(FilteredListArgs<TypedFilters>),
    /// Show a snapshot.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
    /// Take a snapshot now.
    #[command(visible_alias = "create")]
    Take(Take),
    /// Change the retention of a snapshot, counted from its completion.
    #[command(visible_alias = "update")]
    Retain {
        #[command(flatten)]
        snapshot: ClusterItemArgs,
        /// New retention, such as 30d, 4w, 6m or 1y.
        #[arg(long = "for", value_name = "RETENTION")]
        retention: RetentionFlag,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Download a snapshot: prepare the archive, fetch it and verify it.
    Download {
        #[command(flatten)]
        snapshot: ClusterItemArgs,
        #[command(flatten)]
        destination: Destination,
    },
    /// List the databases in a snapshot of a dedicated cluster.
    Databases {
        #[command(flatten)]
        snapshot: ClusterItemArgs,
        #[command(flatten)]
        listing: Listing,
    },
    /// List the collections of a database in a snapshot of a dedicated cluster.
    Collections {
        #[command(flatten)]
        snapshot: ClusterItemArgs,
        /// Database name.
        #[arg(long, value_name = "NAME")]
        database: String,
        #[command(flatten)]
        listing: Listing,
    },
    /// Delete a snapshot; this cannot be undone.
    #[command(visible_alias = "rm")]
    Delete {
        #[command(flatten)]
        snapshot: ClusterItemArgs,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Wait until a snapshot is completed.
    #[command(visible_alias = "watch")]
    Wait(WaitArgs),
}

/// Flags of `snapshots take`.
#[derive(Debug, Args)]
pub(crate) struct Take {
    #[command(flatten)]
    cluster: ClusterArg,
    /// Description of the snapshot.
    #[arg(long, alias = "desc", value_name = "TEXT", default_value = "taken with atlas-backup")]
    description: String,
    /// Retention in days, counted from the completion.
    #[arg(long, aliases = ["retention", "retentionInDays"], value_name = "DAYS", default_value_t = 7,
          value_parser = clap::value_parser!(u32).range(1..))]
    retention_days: u32,
    #[command(flatten)]
    wait: WaitFlags,
}

pub(crate) async fn run(command: SnapshotsCommand, session: &Session) -> Outcome {
    match command {
        SnapshotsCommand::List(FilteredListArgs { cluster, filters, listing }) => {
            list(&cluster.find(session)?.of_any_kind(), filters, listing, session).await
        }
        SnapshotsCommand::Get(snapshot) => {
            let (cluster, id) = snapshot.find_snapshot(session).await?;
            match get(&cluster, &id).await? {
                AnySnapshot::Flex(snapshot) => session.printer().one(&*snapshot).await,
                snapshot => session.printer().one(&snapshot).await,
            }
        }
        SnapshotsCommand::Take(Take { cluster, description, retention_days, wait }) => {
            let cluster = cluster.find(session)?;
            let handle = cluster.of_any_kind();
            let taken = handle.take_snapshot(description, Retention::days(retention_days)).await;
            let list = Command::new("snapshots list").arg(cluster.name());
            let taken = match taken {
                Ok(taken) => taken,
                Err(error) => return Err(with_unfinished(error, &cluster).await.of_start(list)),
            };
            job(&handle, &cluster, taken.id()).print(&taken, wait, session).await
        }
        SnapshotsCommand::Retain { snapshot, retention, confirmation } => {
            let (cluster, id) = snapshot.find_snapshot(session).await?;
            retain(&cluster, &id, &retention, confirmation, session).await
        }
        SnapshotsCommand::Download { snapshot, destination } => destination.download(snapshot, session).await,
        SnapshotsCommand::Databases { snapshot, listing } => {
            let (cluster, id) = snapshot.find_snapshot(session).await?;
            let databases = cluster.snapshots().databases(id)?;
            session.printer().list(databases.list().items(), listing.limit).await
        }
        SnapshotsCommand::Collections { snapshot, database, listing } => {
            let (cluster, id) = snapshot.find_snapshot(session).await?;
            let collections = cluster.snapshots().databases(id)?.collections(database)?;
            session.printer().list(collections.list().items(), listing.limit).await
        }
        SnapshotsCommand::Delete { snapshot, confirmation } => {
            let (cluster, id) = snapshot.find_snapshot(session).await?;
            let (snapshot, name) = (get_dedicated(&cluster, &id).await?, cluster.name());
            confirmation
                .ask(&format!("Delete snapshot {id} of {name}; this cannot be undone"), name.as_str(), session)
                .await?;
            session.project()?.cluster_of_kind(name, snapshot.kind())?.delete_snapshot(id.as_str()).await?;
            messages::note(format_args!("deleted snapshot {id} of {name}"));
            Ok(())
        }
        SnapshotsCommand::Wait(WaitArgs { of, timeout }) => {
            let (cluster, id) = of.find(session)?;
            let (id, handle): (SnapshotId, _) = (id.try_into()?, cluster.of_any_kind());
            let begun = Instant::now();
            let is_flex = match handle.with_timeout(timeout.timeout).snapshot(&id).await {
                Ok(snapshot) => snapshot.kind() == ClusterKind::Flex,
                Err(error) if error.kind() == ErrorKind::NotFound => handle.kind().await? == ClusterKind::Flex,
                // The wait retries transient errors.
                Err(_) => false,
            };
            if is_flex {
                let list = Command::new("flex snapshots list").arg(cluster.name());
                let message = format!(
                    "cannot wait for a snapshot of flex cluster {}: Atlas takes them on its own schedule",
                    cluster.name()
                );
                return Err(Failure::usage(message, list.hint(" lists them")));
            }
            job(&handle, &cluster, &id).wait_and_print(timeout.since(begun), session).await
        }
    }
}

/// The failure of an on-demand snapshot. If the service is not done with an earlier one, the hint names it.
async fn with_unfinished(error: atlas_backup::Error, cluster: &Cluster) -> Failure {
    if error.code().is_none_or(|code| code.as_str() != "UNFINISHED_ON_DEMAND_SNAPSHOT") {
        return error.into();
    }
    let mut snapshots = cluster.of_any_kind().snapshots().items();
    while let Some(Ok(snapshot)) = snapshots.next().await {
        let is_unfinished = matches!(snapshot.state_word(), Some("queued" | "inProgress"));
        if is_unfinished && snapshot.snapshot_type() == Some("onDemand") {
            let wait = Command::new("snapshots wait").arg(cluster.name()).arg(snapshot.id());
            return Failure::from(error).with_hint(|_| Some(wait.hint(" waits for it")));
        }
    }
    error.into()
}

/// Prints the snapshots of a cluster. Flex snapshots have different columns.
async fn list(cluster: &AnyClusterHandle, filters: TypedFilters, listing: Listing, session: &Session) -> Outcome {
    let mut items = cluster.snapshots().items();
    let first = items.next().await;
    // The first page reveals the kind. If it failed, print its error.
    let is_flex = !matches!(first, Some(Err(_))) && cluster.kind().await? == ClusterKind::Flex;
    let items = filters.apply(stream::iter(first).chain(items), session);
    if !is_flex {
        return session.printer().list(items, listing.limit).await;
    }
    let flex = items.filter_map(|item| {
        ready(match item {
            Ok(AnySnapshot::Flex(snapshot)) => Some(Ok(*snapshot)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    });
    session.printer().list(flex, listing.limit).await
}

async fn get(cluster: &Cluster, id: &str) -> Outcome<AnySnapshot> {
    let list = Command::new("snapshots list").arg(cluster.name());
    cluster.of_any_kind().snapshot(id).await.map_err(|error| Failure::not_found(error, list))
}

/// Gets a snapshot of a dedicated cluster, which can be changed.
async fn get_dedicated(cluster: &Cluster, id: &str) -> Outcome<AnySnapshot> {
    match get(cluster, id).await? {
        AnySnapshot::Flex(_) => Err(Failure::usage(
            format!("cannot change a snapshot of flex cluster {}: the service does not allow it", cluster.name()),
            "nothing was changed",
        )),
        snapshot => Ok(snapshot),
    }
}

/// A started snapshot with its wait.
fn job(handle: &AnyClusterHandle, cluster: &Cluster, id: &SnapshotId) -> StartedJob<AnySnapshot> {
    Job::of_cluster("snapshot", "snapshots", cluster, id, StateWords::SNAPSHOT, "take another snapshot")
        .with_wait(handle.wait_snapshot(id), AnySnapshot::state_word)
}

/// Changes the retention of a snapshot. A shorter retention needs a confirmation.
async fn retain(
    cluster: &Cluster,
    id: &str,
    flag: &RetentionFlag,
    confirmation: Confirmation,
    session: &Session,
) -> Outcome {
    let snapshot = get_dedicated(cluster, id).await?;
    let retention = flag.retention()?;
    let shorter = |(created, expires): (DateTime<Utc>, DateTime<Utc>)| created + shortest_duration(flag) < expires;
    if snapshot.completed_at().zip(snapshot.expires_at()).is_none_or(shorter) {
        let action =
            format!("Change the retention of snapshot {id} of {}; it may expire earlier than now", cluster.name());
        confirmation.ask(&action, cluster.name().as_str(), session).await?;
    }
    cluster.snapshots().change_retention(id, retention).await?;
    session.printer().one(&get_dedicated(cluster, id).await?).await
}

/// The shortest duration of a retention: a month may have 28 days.
fn shortest_duration(flag: &RetentionFlag) -> TimeDelta {
    use atlas_backup::types::RetentionUnit::{Months, Weeks, Years};
    let days = match flag.unit {
        Weeks => 7,
        Months => 28,
        Years => 365,
        _ => 1,
    };
    TimeDelta::try_days(flag.value.saturating_mul(days)).unwrap_or(TimeDelta::MAX)
}

impl RetentionFlag {
    /// The retention type of the library.
    fn retention(&self) -> Outcome<Retention> {
        use atlas_backup::types::RetentionUnit::{Months, Weeks, Years};
        let value = u32::try_from(self.value);
        let value = value.map_err(|_| {
            Failure::usage("cannot set the retention: the number is too large", "pass a smaller number")
        })?;
        Ok(match self.unit {
            Weeks => Retention::weeks(value),
            Months => Retention::months(value),
            Years => Retention::years(value),
            _ => Retention::days(value),
        })
    }
}

impl Document for AnySnapshot {
    const PLURAL: &'static str = "snapshots";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |snapshot, _| Cell::text(Some(snapshot.id()))),
        Column::new("STATUS", |snapshot, _| Cell::state(snapshot.state_word())),
        Column::new("TYPE", |snapshot, _| Cell::text(snapshot.snapshot_type())),
        Column::new("FREQUENCY", |snapshot, _| Cell::text(snapshot.frequency())),
        Column::new("CREATED", |snapshot, now| Cell::time(snapshot.completed_at(), now)),
        Column::new("EXPIRES", |snapshot, now| Cell::time(snapshot.expires_at(), now)),
        Column::new("SIZE", |snapshot, _| Cell::bytes(snapshot.size_bytes())),
        Column::detail("DESCRIPTION", |snapshot, _| Cell::text(snapshot.description())),
        Column::detail("CLUSTER TYPE", |snapshot, _| Cell::text(snapshot.cluster_type())),
        Column::detail("MONGODB", |snapshot, _| Cell::text(snapshot.mongodb_version())),
        Column::detail("PROVIDER", |snapshot, _| Cell::list(Some(snapshot.cloud_providers()))),
        Column::detail("REPLICA SETS", |snapshot, _| Cell::list(Some(snapshot.replica_sets()))),
        Column::detail("COPY REGIONS", |snapshot, _| Cell::list(Some(snapshot.copy_regions()))),
    ];
}

impl Document for SnapshotDatabase {
    const PLURAL: &'static str = "databases";
    const COLUMNS: &'static [Column<Self>] = &[Column::new("DATABASE", |database, _| Cell::text(Some(&database.name)))];
}

impl Document for SnapshotCollection {
    const PLURAL: &'static str = "collections";
    const COLUMNS: &'static [Column<Self>] =
        &[Column::new("COLLECTION", |collection, _| Cell::text(Some(&collection.name)))];
}
