//! `clusters`: the clusters of a project, dedicated and flex alike, and what kind a cluster is.
//!
//! Atlas keeps flex clusters apart; a person asks for "the clusters". Nobody is asked for a cluster's kind: it is found
//! out, and only where the first call has not answered the question already.

use std::collections::BTreeSet;

use atlas_backup::{ClusterDocument, FlexClusterDocument};
use clap::Subcommand;
use futures_util::StreamExt;
use serde::Serialize;

use crate::{
    context::{clusters, completion_cache, global::Listing, session::Session, targets::OneCluster},
    ui::{
        exit::Outcome,
        output::{
            cell::Cell,
            document::{Column, Document},
        },
    },
};

/// The same field of whichever family it is.
macro_rules! either {
    ($cluster:expr, $document:ident => $value:expr) => {
        match $cluster {
            AnyCluster::Dedicated($document) => $value,
            AnyCluster::Flex($document) => $value,
        }
    };
}

/// What to do with clusters.
#[derive(Debug, Subcommand)]
pub(crate) enum ClustersCommand {
    /// Lists the clusters of a project, dedicated ones first.
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Shows one cluster.
    #[command(visible_alias = "describe")]
    Get {
        #[command(flatten)]
        cluster: OneCluster,
    },
}

pub(crate) async fn run(command: ClustersCommand, session: &Session) -> Outcome {
    match command {
        ClustersCommand::List { listing } => {
            let project = session.project()?;
            let dedicated = project.clusters().list().items();
            let flex = project.flex_clusters().list().items();
            let all = dedicated
                .map(|cluster| cluster.map(|document| AnyCluster::Dedicated(Box::new(document))))
                .chain(flex.map(|cluster| cluster.map(|document| AnyCluster::Flex(Box::new(document)))));
            let mut seen = BTreeSet::new();
            let all = all.inspect(|cluster| {
                if let Ok(cluster) = cluster {
                    seen.insert(either!(cluster, c => c.name.to_string()));
                }
            });
            session.printer().list(all, listing.limit).await?;
            if listing.limit.is_none() && !session.is_throw_away() {
                completion_cache::remember_clusters(project.id().as_str(), seen);
            }
            Ok(())
        }
        ClustersCommand::Get { cluster } => {
            let cluster = cluster.find(session)?;
            let document = match cluster.get().await {
                Ok(document) => AnyCluster::Dedicated(Box::new(document)),
                Err(error) if clusters::is_flex(&error) => {
                    let flex = session.project()?.flex_cluster(cluster.name())?;
                    AnyCluster::Flex(Box::new(flex.get().await?))
                }
                Err(error) => return Err(error.into()),
            };
            session.printer().one(&document).await
        }
    }
}

/// A cluster of either family.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AnyCluster {
    Dedicated(Box<ClusterDocument>),
    Flex(Box<FlexClusterDocument>),
}

impl Document for AnyCluster {
    const PLURAL: &'static str = "clusters";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |cluster, _| either!(cluster, c => Cell::text(Some(&c.name)))),
        Column::new("STATE", |cluster, _| either!(cluster, c => Cell::state(c.state_name.as_ref()))),
        Column::new("TYPE", |cluster, _| match cluster {
            AnyCluster::Dedicated(dedicated) => Cell::text(dedicated.cluster_type.as_ref()),
            AnyCluster::Flex(_) => Cell::text(Some("FLEX")),
        }),
        Column::new("MONGODB", |cluster, _| either!(cluster, c => Cell::text(c.mongo_db_version.as_ref()))),
        Column::new("BACKUP", |cluster, _| match cluster {
            AnyCluster::Dedicated(dedicated) => Cell::yes_no(dedicated.backup_enabled),
            AnyCluster::Flex(flex) => Cell::yes_no(flex.backup_settings.as_ref().and_then(|backup| backup.enabled)),
        }),
        Column::new("POINT IN TIME", |cluster, _| match cluster {
            AnyCluster::Dedicated(dedicated) => Cell::yes_no(dedicated.pit_enabled),
            AnyCluster::Flex(_) => Cell::text(None::<&str>),
        }),
        Column::new("CREATED", |cluster, now| either!(cluster, c => Cell::time(c.create_date, now))),
    ];
}
