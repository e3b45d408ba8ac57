//! `exports`: snapshots on their way into a bucket of the customer's own.

use atlas_backup::Export;
use clap::Subcommand;

use crate::{
    args::{Global, Listing},
    exit::Outcome,
    output::{Column, Document, cell::Cell},
    session::Session,
};

/// What to do with exports.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportsCommand {
    /// Lists the export jobs of a cluster.
    #[command(visible_alias = "ls")]
    List {
        /// The cluster's name.
        cluster: String,
        #[command(flatten)]
        listing: Listing,
    },
}

pub(crate) async fn run(command: ExportsCommand, global: &Global) -> Outcome {
    let session = Session::open(global).await?;
    match command {
        ExportsCommand::List { cluster, listing } => {
            let exports = session.project()?.cluster(cluster)?.exports();
            session.printer().list(exports.list().items(), listing.limit).await
        }
    }
}

impl Document for Export {
    const PLURAL: &'static str = "exports";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |export, _| Cell::text(Some(&export.id))),
        Column::new("STATE", |export, _| Cell::state(export.state.as_ref())),
        Column::new("SNAPSHOT", |export, _| Cell::text(export.snapshot_id.as_ref())),
        Column::new("CREATED", |export, now| Cell::time(export.created_at, now)),
        Column::new("FINISHED", |export, now| Cell::time(export.finished_at, now)),
        Column::new("BUCKET", |export, _| Cell::text(export.export_bucket_id.as_ref())),
        Column::detail("PREFIX", |export, _| Cell::text(export.prefix.as_ref())),
        Column::detail("COLLECTIONS", |export, _| {
            let status = export.export_status.as_ref();
            let done = |status: &atlas_backup::generated::types::ExportStatus| {
                Some(format!("{} of {}", status.exported_collections?, status.total_collections?))
            };
            Cell::text(status.and_then(done))
        }),
    ];
}
