//! `collections`: restores single databases and collections from a snapshot or a point in time, into a running cluster.
//!
//! By default, existing collections are not overwritten. Only `--overwrite` needs a confirmation.

use atlas_backup::{
    Cluster, CollectionRestoreJob, CollectionRestoreJobId, HasState, NewCollectionRestore, RestoredCollection,
    StateWords,
    types::{IndexStrategy, RestoreNamespace},
};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    context::{
        confirmation::Confirmation,
        global::Listing,
        restores,
        session::Session,
        snapshots,
        targets::{ClusterArg, ClusterItemArgs, ClusterListArgs, PointInTimeFlags, target_cluster},
        wait::{Job, StartedJob, WaitArgs, WaitFlags},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `collections`.
#[derive(Debug, Subcommand)]
pub(crate) enum CollectionsCommand {
    /// Restore databases and collections of a cluster.
    #[command(visible_alias = "create")]
    Restore(Box<Restore>),
    /// List the collection restore jobs of a cluster.
    #[command(visible_alias = "ls")]
    List(ClusterListArgs),
    /// Show a collection restore job.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
    /// Show the state of each collection of a job.
    Status {
        #[command(flatten)]
        job: ClusterItemArgs,
        #[command(flatten)]
        listing: Listing,
    },
    /// Wait until a collection restore job succeeds.
    #[command(visible_alias = "watch")]
    Wait(WaitArgs),
}

/// Flags of `collections restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    cluster: ClusterArg,
    /// Snapshot to restore from; alternatively, a point in time.
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID", conflicts_with_all = ["at", "oplog_ts"])]
    snapshot: Option<String>,
    #[command(flatten)]
    point_in_time: PointInTimeFlags,
    /// Database to restore, optionally under a new name; repeatable.
    #[arg(long = "database", value_name = "NAME[=NEW]", required_unless_present = "collections")]
    databases: Vec<String>,
    /// Collection to restore, such as shop.orders, optionally under a new name; repeatable.
    #[arg(long = "collection", value_name = "DB.NAME[=DB.NEW]")]
    collections: Vec<String>,
    /// Cluster to restore into [default: the source cluster; required with --overwrite].
    #[arg(long, aliases = ["targetClusterName", "target-cluster-name"], value_name = "NAME")]
    target_cluster: Option<String>,
    /// Project of the target cluster, by ID or name [default: the project of the source].
    #[arg(long, aliases = ["targetProjectId", "target-project-id"], value_name = "PROJECT")]
    target_project: Option<String>,
    /// Overwrite existing collections of the target; without it, the job fails if one exists.
    #[arg(long, requires = "target_cluster")]
    overwrite: bool,
    /// Indexes to build.
    #[arg(long, value_enum, default_value = "all")]
    indexes: Indexes,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    wait: WaitFlags,
}

/// Which indexes to build.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Indexes {
    /// All indexes of the source.
    All,
    /// Only the index on `_id`.
    None,
    /// All indexes of the source except TTL indexes.
    AllExceptTtl,
}

impl From<Indexes> for IndexStrategy {
    fn from(indexes: Indexes) -> Self {
        match indexes {
            Indexes::All => IndexStrategy::All,
            Indexes::None => IndexStrategy::None,
            Indexes::AllExceptTtl => IndexStrategy::AllExceptTtl,
        }
    }
}

impl Restore {
    fn request(&self, target: &Cluster) -> Outcome<NewCollectionRestore> {
        let mut request = match (&self.snapshot, self.point_in_time.read()?) {
            (Some(snapshot), None) => NewCollectionRestore::from_snapshot(snapshot.as_str(), target)?,
            (None, Some(moment)) => NewCollectionRestore::at(moment, target),
            _ => {
                return Err(Failure::usage(
                    "missing restore source",
                    "pass either `--snapshot ID` or a point in time, such as `--at 2026-01-31T12:00:00Z`",
                ));
            }
        };
        for name in &self.databases {
            request = match name.split_once('=') {
                Some((name, new)) => request.database_as(name, new)?,
                None => request.database(name.as_str())?,
            };
        }
        for name in &self.collections {
            request = match name.split_once('=') {
                Some((name, new)) => request.collection_as(name, new)?,
                None => request.collection(name.as_str())?,
            };
        }
        let request = request.indexes(self.indexes.into());
        Ok(if self.overwrite { request.overwriting() } else { request })
    }

    async fn run(mut self, session: &Session) -> Outcome {
        let source = self.cluster.clone().find(session)?;
        let name = self.target_cluster.as_deref().unwrap_or(source.name().as_str());
        let target = target_cluster(name, self.target_project.as_deref(), &source, session).await?;
        let snapshot = match self.snapshot.take() {
            Some(snapshot) => Some(snapshots::find_id(&source, snapshot).await?),
            None => None,
        };
        self.snapshot = snapshot;
        let request = self.request(&target)?;
        if self.overwrite {
            let names: Vec<&str> = self.databases.iter().chain(&self.collections).map(String::as_str).collect();
            let (names, over, project) = (names.join(", "), target.name(), target.project_id());
            // Ask only about a target that exists.
            target.of_any_kind().get().await?;
            let action =
                format!("Overwrite {names} in cluster {over} of project {project} with data of {}", source.name());
            self.confirmation.ask(&action, over.as_str(), session).await?;
        }
        let job = match source.collection_restores().create(request).await {
            Ok(job) => job,
            Err(error) => {
                let list = Command::new("collections list").arg(source.name());
                return Err(restores::with_window(error, &source, session).await.of_start(list));
            }
        };
        restore_job(&source, &job.id).print(&job, self.wait, session).await
    }
}

pub(crate) async fn run(command: CollectionsCommand, session: &Session) -> Outcome {
    match command {
        CollectionsCommand::Restore(restore) => restore.run(session).await,
        CollectionsCommand::List(ClusterListArgs { cluster, listing }) => {
            let jobs = cluster.find(session)?.collection_restores().list().items();
            session.printer().list(jobs, listing.limit).await
        }
        CollectionsCommand::Get(job) => {
            let (cluster, id) = job.find(session)?;
            let list = Command::new("collections list").arg(cluster.name());
            let job = cluster.collection_restores().get(id).await;
            session.printer().one(&job.map_err(|error| Failure::not_found(error, list))?).await
        }
        CollectionsCommand::Status { job, listing } => {
            let (cluster, id) = job.find(session)?;
            let collections = cluster.collection_restores().collections(id)?;
            session.printer().list(collections.list().items(), listing.limit).await
        }
        CollectionsCommand::Wait(WaitArgs { of: job, timeout }) => {
            let (cluster, id) = job.find(session)?;
            restore_job(&cluster, &id.try_into()?).wait_and_print(timeout, session).await
        }
    }
}

fn restore_job(cluster: &Cluster, id: &CollectionRestoreJobId) -> StartedJob<CollectionRestoreJob> {
    let status = Command::new("collections status").hint(" shows the state of each collection");
    let states = StateWords::COLLECTION_RESTORE;
    Job::of_cluster("collection restore job", "collections", cluster, id, states, status)
        .with_wait(cluster.collection_restores().wait(id), |job| job.state_word())
}

/// Source names, with their target names.
fn renamed(namespaces: Option<&Vec<RestoreNamespace>>) -> impl Iterator<Item = String> {
    namespaces.into_iter().flatten().filter_map(|namespace| {
        let source = namespace.source_namespace.as_ref()?;
        Some(match &namespace.target_namespace {
            Some(new) => format!("{source} as {new}"),
            None => source.clone(),
        })
    })
}

impl Document for CollectionRestoreJob {
    const PLURAL: &'static str = "collection restore jobs";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |job, _| Cell::text(Some(&job.id))),
        Column::new("STATE", |job, _| Cell::state(job.state.as_ref())),
        Column::new("WHAT", |job, _| {
            let (databases, collections) = (renamed(job.databases.as_ref()), renamed(job.collections.as_ref()));
            Cell::list(Some(databases.chain(collections)))
        }),
        Column::new("TARGET", |job, _| Cell::text(job.target_cluster_name.as_ref())),
        Column::new("DOCUMENTS", |job, _| {
            let share = |all| format!("{} of {all}", job.restored_documents.unwrap_or(0));
            Cell::text(job.total_documents.filter(|all| *all > 0).map(share))
        }),
        Column::new("CREATED", |job, now| Cell::time(job.created_at, now)),
        Column::new("FINISHED", |job, now| Cell::time(job.finished_at, now)),
        Column::detail("SNAPSHOT", |job, _| Cell::text(job.snapshot_id.as_ref())),
        Column::detail("POINT IN TIME", |job, now| {
            let seconds = job.point_in_time_utc_seconds.or(job.oplog_ts);
            Cell::time(seconds.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0)), now)
        }),
        Column::detail("TARGET PROJECT", |job, _| Cell::text(job.target_group_id.as_ref())),
        Column::detail("WRITES", |job, _| Cell::text(job.write_strategy.as_ref())),
        Column::detail("INDEXES", |job, _| Cell::text(job.index_strategy.as_ref())),
        Column::detail("ERROR", |job, _| Cell::text(job.error_message.as_ref())),
    ];
}

impl Document for RestoredCollection {
    const PLURAL: &'static str = "collections";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("COLLECTION", |collection, _| Cell::text(Some(&collection.name))),
        Column::new("STATE", |collection, _| Cell::state(collection.state.as_ref())),
        Column::new("RESTORED AS", |collection, _| Cell::text(collection.effective_target_namespace.as_ref())),
        Column::new("DOCUMENTS", |collection, _| {
            let share = |all| format!("{} of {all}", collection.restored_documents.unwrap_or(0));
            Cell::text(collection.total_documents.map(share))
        }),
    ];
}
