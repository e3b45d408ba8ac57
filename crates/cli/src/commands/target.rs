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
    /// The cluster's name.
    #[arg(required_unless_present_all = ["cluster_flag", "id_flag"], value_name = "CLUSTER",
          add = ArgValueCompleter::new(names::clusters))]
    first: Option<String>,
    /// The id.
    #[arg(required_unless_present_any = ["cluster_flag", "id_flag"], value_name = "ID")]
    second: Option<String>,
    #[arg(long = "cluster", aliases = ["clusterName", "cluster-name"], hide = true)]
    cluster_flag: Option<String>,
    #[arg(long = "snapshotId", aliases = ["restoreJobId", "exportId"], hide = true)]
    id_flag: Option<String>,
}

impl OfCluster {
    /// The cluster, and the id of what is meant of it.
    ///
    /// # Errors
    /// One of the two is missing, no project is named, or a name is none.
    pub(crate) fn find(self, session: &Session) -> Outcome<(Cluster, String)> {
        // What a flag names is left out of its place.
        let mut names = self.first.into_iter().chain(self.second);
        let cluster = self.cluster_flag.or_else(|| names.next());
        let id = self.id_flag.or_else(|| names.next());
        let (Some(cluster), Some(id)) = (cluster, id) else {
            return Err(Failure::usage("only one name is given", "name the cluster and the id"));
        };
        if let Some(name) = names.next() {
            return Err(Failure::usage(
                format!("{name} is one name too many"),
                "name the cluster and the id once, in their places or by flags",
            ));
        }
        Ok((session.project()?.cluster(cluster)?, id))
    }
}
