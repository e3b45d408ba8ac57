//! `clusters`: dedicated and flex clusters of a project.

use std::collections::BTreeSet;

use atlas_backup::AnyCluster;
use clap::Subcommand;
use futures_util::StreamExt;

use crate::{
    context::{completion_cache, global::Listing, session::Session, targets::ClusterArg},
    ui::{
        exit::Outcome,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `clusters`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClustersCommand {
    /// List the clusters of a project, dedicated clusters first.
    #[command(visible_alias = "ls")]
    List(Listing),
    /// Show a cluster.
    #[command(visible_alias = "describe")]
    Get(ClusterArg),
}

pub(crate) async fn run(command: ClustersCommand, session: &Session) -> Outcome {
    match command {
        ClustersCommand::List(listing) => {
            let project = session.project()?;
            let dedicated = project.clusters().list().items().map(|cluster| cluster.map(AnyCluster::from));
            let flex = project.flex_clusters().list().items().map(|cluster| cluster.map(AnyCluster::from));
            let mut seen = BTreeSet::new();
            let all = dedicated.chain(flex).inspect(|cluster| {
                if let Ok(cluster) = cluster {
                    seen.insert(cluster.name().to_string());
                }
            });
            session.printer().list(all, listing.limit).await?;
            if listing.limit.is_none() && !session.uses_temporary_emulator() {
                completion_cache::remember_clusters(project.id().as_str(), seen);
            }
            Ok(())
        }
        ClustersCommand::Get(cluster) => {
            let cluster = cluster.find(session)?.of_any_kind().get().await?;
            session.printer().one(&cluster).await
        }
    }
}

impl Document for AnyCluster {
    const PLURAL: &'static str = "clusters";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |cluster, _| Cell::text(Some(cluster.name()))),
        Column::new("STATE", |cluster, _| Cell::state(cluster.state_word())),
        Column::new("TYPE", |cluster, _| Cell::text(cluster.cluster_type())),
        Column::new("MONGODB", |cluster, _| Cell::text(cluster.mongodb_version())),
        Column::new("BACKUP", |cluster, _| Cell::yes_no(cluster.backup_enabled())),
        Column::new("POINT IN TIME", |cluster, _| Cell::yes_no(cluster.point_in_time_enabled())),
        Column::new("CREATED", |cluster, now| Cell::time(cluster.created_at(), now)),
    ];
}
