//! `clusters`: the clusters of a project, dedicated and flex alike, and what kind a cluster is.
//!
//! Atlas keeps flex clusters apart; a person asks for "the clusters". Nobody is asked for a cluster's kind: it is found
//! out, and only where the first call has not answered the question already.

use std::collections::BTreeSet;

use atlas_backup::{Cluster, ClusterDocument, Error, ErrorCode, FlexClusterDocument, generated::types::ClusterType};
use clap::Subcommand;
use futures_util::StreamExt;
use serde::Serialize;

use super::target::OneCluster;
use crate::{
    args::{Global, Listing},
    exit::Outcome,
    names,
    output::{Column, Document, cell::Cell},
    session::Session,
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

pub(crate) async fn run(command: ClustersCommand, global: &Global) -> Outcome {
    let session = Session::open(global).await?;
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
                names::remember_clusters(project.id().as_str(), seen);
            }
            Ok(())
        }
        ClustersCommand::Get { cluster } => {
            let cluster = cluster.find(&session)?;
            let document = match cluster.get().await {
                Ok(document) => AnyCluster::Dedicated(Box::new(document)),
                Err(error) if is_flex(&error) => {
                    let flex = session.project()?.flex_cluster(cluster.name())?;
                    AnyCluster::Flex(Box::new(flex.get().await?))
                }
                Err(error) => return Err(error.into()),
            };
            session.printer().one(&document).await
        }
    }
}

/// What a cluster is, as far as its backups are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    ReplicaSet,
    Sharded,
    Flex,
}

/// Finds out what `cluster` is.
///
/// # Errors
/// There is no such cluster, or it can't be asked for.
pub(crate) async fn kind(cluster: &Cluster) -> Outcome<Kind> {
    match cluster.get().await {
        Ok(document) => Ok(match document.cluster_type {
            Some(ClusterType::Sharded | ClusterType::Geosharded) => Kind::Sharded,
            _ => Kind::ReplicaSet,
        }),
        Err(error) if is_flex(&error) => Ok(Kind::Flex),
        Err(error) => Err(error.into()),
    }
}

/// Whether a call failed because the cluster is flex.
pub(crate) fn is_flex(error: &Error) -> bool {
    error.code() == Some(&ErrorCode::CannotUseFlexClusterInClusterApi)
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
