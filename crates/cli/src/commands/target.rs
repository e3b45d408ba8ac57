//! Which thing a command is about: a cluster, or something of a cluster.
//!
//! Both are positions on the command line. The flags of the official command line name the same things, so that what
//! somebody has typed for years goes on working; they are taken but not shown.

use atlas_backup::Cluster;
use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::{
    exit::{Failure, Outcome},
    names,
    session::Session,
};

/// A cluster.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneCluster {
    /// The cluster's name.
    #[arg(required_unless_present = "cluster_flag", add = ArgValueCompleter::new(names::clusters))]
    cluster: Option<String>,
    #[arg(long = "cluster", aliases = ["clusterName", "cluster-name"], hide = true, conflicts_with = "cluster")]
    cluster_flag: Option<String>,
}

impl OneCluster {
    /// The cluster in the project that the session is about.
    ///
    /// # Errors
    /// No project is named, or a name is none.
    pub(crate) fn find(self, session: &Session) -> Outcome<Cluster> {
        let name = self.cluster.or(self.cluster_flag).unwrap_or_default();
        Ok(session.project()?.cluster(name)?)
    }
}

/// Something of a cluster.
#[derive(Debug, Clone, Args)]
pub(crate) struct OfCluster {
    /// The cluster's name, and the id.
    #[arg(required = true, num_args = 1..=2, value_names = ["CLUSTER", "ID"],
          add = ArgValueCompleter::new(names::clusters))]
    names: Vec<String>,
    #[arg(long = "cluster", aliases = ["clusterName", "cluster-name"], hide = true)]
    cluster_flag: Option<String>,
}

impl OfCluster {
    /// The cluster, and the id of what is meant of it.
    ///
    /// # Errors
    /// One of the two is missing, no project is named, or a name is none.
    pub(crate) fn find(self, session: &Session) -> Outcome<(Cluster, String)> {
        let mut names = self.names.into_iter();
        let (cluster, id) = match (self.cluster_flag, names.next(), names.next()) {
            (None, Some(cluster), Some(id)) | (Some(cluster), Some(id), None) => (cluster, id),
            (None, Some(_), None) => {
                return Err(Failure::usage("only one name is given", "name the cluster and the id"));
            }
            _ => return Err(Failure::usage("the cluster is named twice", "leave `--cluster` out")),
        };
        Ok((session.project()?.cluster(cluster)?, id))
    }
}
