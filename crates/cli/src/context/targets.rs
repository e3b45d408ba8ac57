//! What a command is about: a cluster, something of a cluster, a snapshot, a point in time, or the target of a restore.
//!
//! The first two are positional arguments. The flags of the official command line name the same things: they are accepted
//! but hidden.

use atlas_backup::{Cluster, PointInTime};
use chrono::{DateTime, Utc};
use clap::Args;
use clap_complete::ArgValueCompleter;

use super::{completion_cache, global::Listing, session::Session};
use crate::ui::exit::{Failure, Outcome};

/// A cluster.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterArg {
    /// The cluster's name.
    #[arg(required_unless_present = "cluster_flag", add = ArgValueCompleter::new(completion_cache::clusters))]
    cluster: Option<String>,
    #[arg(long = "cluster", aliases = ["clusterName", "cluster-name"], hide = true, conflicts_with = "cluster")]
    cluster_flag: Option<String>,
}

impl ClusterArg {
    /// The cluster in the project that the session is about.
    ///
    /// # Errors
    /// No project is named, or a name is none.
    pub(crate) fn find(self, session: &Session) -> Outcome<Cluster> {
        let name = self.cluster.or(self.cluster_flag).unwrap_or_default();
        Ok(session.project()?.cluster(name)?)
    }
}

/// A cluster, and how much of a list about it.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterListArgs {
    #[command(flatten)]
    pub(crate) cluster: ClusterArg,
    #[command(flatten)]
    pub(crate) listing: Listing,
}

/// Something of a cluster.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterItemArgs {
    /// The cluster's name.
    #[arg(required_unless_present_all = ["cluster_flag", "id_flag"], value_name = "CLUSTER",
          add = ArgValueCompleter::new(completion_cache::clusters))]
    first: Option<String>,
    /// The id.
    #[arg(required_unless_present_any = ["cluster_flag", "id_flag"], value_name = "ID")]
    second: Option<String>,
    #[arg(long = "cluster", aliases = ["clusterName", "cluster-name"], hide = true)]
    cluster_flag: Option<String>,
    #[arg(long = "snapshotId", aliases = ["restoreJobId", "exportId"], hide = true)]
    id_flag: Option<String>,
}

impl ClusterItemArgs {
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

/// Which snapshot.
#[derive(Debug, Args)]
pub(crate) struct SnapshotFlag {
    /// The snapshot's id.
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID")]
    pub(crate) snapshot: String,
}

/// Where to.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The cluster to restore into [default: the same cluster].
    #[arg(long, aliases = ["targetClusterName", "target-cluster-name"], value_name = "NAME")]
    target_cluster: Option<String>,
    /// The project of that cluster [default: the same project].
    #[arg(long, aliases = ["targetProjectId", "target-project-id"], value_name = "ID")]
    target_project: Option<String>,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse().map_err(|_| "write it as 2026-01-31T12:00:00Z".to_owned())
}

/// Which moment.
#[derive(Debug, Args)]
#[group(multiple = true)]
pub(crate) struct PointInTimeFlags {
    /// The moment, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with_all = ["seconds", "milliseconds", "oplog_ts"])]
    at: Option<DateTime<Utc>>,
    #[arg(long = "pointInTimeUTCSeconds", hide = true, conflicts_with_all = ["oplog_ts", "milliseconds"])]
    seconds: Option<i64>,
    #[arg(long = "pointInTimeUTCMillis", hide = true, conflicts_with = "oplog_ts")]
    milliseconds: Option<i64>,
    /// The moment as an oplog timestamp: its seconds since 1970.
    #[arg(long, alias = "oplogTs", value_name = "SECONDS", requires = "oplog_inc")]
    oplog_ts: Option<u32>,
    /// The operation's number within that second.
    #[arg(long, alias = "oplogInc", value_name = "N", requires = "oplog_ts")]
    oplog_inc: Option<u32>,
}

impl PointInTimeFlags {
    /// The moment, if one is named.
    ///
    /// # Errors
    /// It lies beyond all calendars.
    pub(crate) fn read(&self) -> Outcome<Option<PointInTime>> {
        let none = || Failure::usage("that is no moment", "say `--at 2026-01-31T12:00:00Z`");
        let time = match (self.at, self.seconds, self.milliseconds, self.oplog_ts.zip(self.oplog_inc)) {
            (.., Some((seconds, increment))) => return Ok(Some(PointInTime::oplog(seconds, increment))),
            (Some(time), ..) => Some(time),
            (_, Some(seconds), ..) => DateTime::from_timestamp(seconds, 0),
            (_, _, Some(milliseconds), _) => DateTime::from_timestamp_millis(milliseconds),
            _ => return Ok(None),
        };
        Ok(Some(time.ok_or_else(none)?.into()))
    }
}

impl Target {
    /// The cluster to restore into, dedicated or not.
    pub(crate) fn cluster(&self, source: &Cluster, session: &Session) -> Outcome<Cluster> {
        let name = self.target_cluster.as_deref().unwrap_or(source.name().as_str());
        let project = self.target_project.as_deref().unwrap_or(source.project_id().as_str());
        Ok(session.client().project(project)?.cluster(name)?)
    }
}
