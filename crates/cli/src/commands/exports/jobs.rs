//! Export jobs.

use atlas_backup::{Cluster, Export, ExportId, HasState, StateWords};
use clap::{Args, Subcommand};

use crate::{
    context::{
        filters::{FilteredListArgs, Filters},
        session::Session,
        snapshots,
        targets::{ClusterArg, ClusterItemArgs},
        wait::{Job, StartedJob, WaitArgs, WaitFlags},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `exports`.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Start the export of a snapshot into a bucket.
    #[command(visible_alias = "start")]
    Create(Create),
    /// List the export jobs of a cluster.
    #[command(visible_alias = "ls")]
    List(FilteredListArgs<Filters>),
    /// Show an export job.
    #[command(visible_alias = "describe")]
    Get(ClusterItemArgs),
    /// Wait until an export succeeds.
    #[command(visible_alias = "watch")]
    Wait(WaitArgs),
}

/// Flags of `exports create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(flatten)]
    cluster: ClusterArg,
    /// Snapshot ID, or `latest` or `oldest`.
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID")]
    snapshot: String,
    /// Export bucket ID.
    #[arg(long, aliases = ["bucketId", "bucket-id"], value_name = "ID")]
    bucket: String,
    /// Custom label that is stored with the job; repeatable.
    #[arg(long = "label", alias = "customData", value_name = "KEY=VALUE", value_parser = label, value_delimiter = ',')]
    labels: Vec<(String, String)>,
    #[command(flatten)]
    wait: WaitFlags,
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(crate) async fn run(command: JobsCommand, session: &Session) -> Outcome {
    match command {
        JobsCommand::Create(create) => {
            let cluster = create.cluster.find(session)?;
            let export = cluster
                .exports()
                .create_labelled(snapshots::find_id(&cluster, create.snapshot).await?, create.bucket, create.labels)
                .await;
            let list = Command::new("exports list").arg(cluster.name());
            let export = export.map_err(|error| Failure::from(error).of_start(list))?;
            job(&cluster, &export.id).print(&export, create.wait, session).await
        }
        JobsCommand::List(FilteredListArgs { cluster, filters, listing }) => {
            let exports = cluster.find(session)?.exports();
            session.printer().list(filters.apply(exports.list().items(), session), listing.limit).await
        }
        JobsCommand::Get(export) => {
            let (cluster, id) = export.find(session)?;
            let list = Command::new("exports list").arg(cluster.name());
            let export = cluster.exports().get(id).await.map_err(|error| Failure::not_found(error, list))?;
            session.printer().one(&export).await
        }
        JobsCommand::Wait(WaitArgs { of: export, timeout }) => {
            let (cluster, id) = export.find(session)?;
            job(&cluster, &id.try_into()?).wait_and_print(timeout, session).await
        }
    }
}

pub(super) fn job(cluster: &Cluster, id: &ExportId) -> StartedJob<Export> {
    let remedy = "check that Atlas can write to the bucket, then start another export";
    Job::of_cluster("export", "exports", cluster, id, StateWords::EXPORT, remedy)
        .with_wait(cluster.exports().wait(id), |export| export.state_word())
}

impl Document for Export {
    const PLURAL: &'static str = "exports";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |export, _| Cell::text(Some(&export.id))),
        Column::new("STATE", |export, _| Cell::state(export.state.as_ref())),
        Column::reference("SNAPSHOT", |export, _| Cell::text(export.snapshot_id.as_ref())),
        Column::new("CREATED", |export, now| Cell::time(export.created_at, now)),
        Column::new("FINISHED", |export, now| Cell::time(export.finished_at, now)),
        Column::reference("BUCKET", |export, _| Cell::text(export.export_bucket_id.as_ref())),
        Column::detail("PREFIX", |export, _| Cell::text(export.prefix.as_ref())),
        Column::detail("COLLECTIONS", |export, _| {
            let status = export.export_status.as_ref();
            let done = |status: &atlas_backup::generated::types::ExportStatus| {
                // The service may keep both at 0 until the end.
                let all = status.total_collections.filter(|all| *all > 0)?;
                Some(format!("{} of {all}", status.exported_collections?))
            };
            Cell::text(status.and_then(done))
        }),
    ];
}
