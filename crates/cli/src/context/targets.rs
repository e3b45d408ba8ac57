//! Arguments that select an object: a cluster, an item of a cluster, a snapshot, a point in time, or the target of a
//! restore.
//!
//! Cluster and ID are positional arguments. The flags of the official command line are accepted but hidden.

use atlas_backup::{Cluster, PointInTime};
use chrono::{DateTime, Local, LocalResult, NaiveDateTime, SubsecRound as _, TimeDelta, TimeZone as _, Utc};
use clap::Args;
use clap_complete::ArgValueCompleter;

use super::{completion_cache, global::Listing, session::Session, snapshots};
use crate::ui::exit::{Failure, Outcome};

/// A cluster argument.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterArg {
    /// Cluster name.
    #[arg(required_unless_present = "cluster_flag", add = ArgValueCompleter::new(completion_cache::clusters))]
    cluster: Option<String>,
    #[arg(long = "cluster", aliases = ["clusterName", "cluster-name"], hide = true, conflicts_with = "cluster")]
    cluster_flag: Option<String>,
}

impl ClusterArg {
    /// The cluster in the project of the session.
    ///
    /// # Errors
    /// The project is missing, or a name is invalid.
    pub(crate) fn find(self, session: &Session) -> Outcome<Cluster> {
        let name = self.cluster.or(self.cluster_flag).unwrap_or_default();
        Ok(session.project()?.cluster(name)?)
    }
}

/// A cluster argument and a limit.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterListArgs {
    #[command(flatten)]
    pub(crate) cluster: ClusterArg,
    #[command(flatten)]
    pub(crate) listing: Listing,
}

/// A cluster and the ID of one of its items.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterItemArgs {
    /// Cluster name.
    #[arg(required_unless_present_all = ["cluster_flag", "id_flag"], value_name = "CLUSTER",
          add = ArgValueCompleter::new(completion_cache::clusters))]
    first: Option<String>,
    /// ID of the item.
    #[arg(required_unless_present_any = ["cluster_flag", "id_flag"], value_name = "ID")]
    second: Option<String>,
    #[arg(long = "cluster", aliases = ["clusterName", "cluster-name"], hide = true)]
    cluster_flag: Option<String>,
    #[arg(long = "snapshotId", aliases = ["restoreJobId", "exportId"], hide = true)]
    id_flag: Option<String>,
}

impl ClusterItemArgs {
    /// The cluster and the ID.
    ///
    /// # Errors
    /// An argument or the project is missing, or a name is invalid.
    pub(crate) fn find(self, session: &Session) -> Outcome<(Cluster, String)> {
        // Values of flags are not positional.
        let mut names = self.first.into_iter().chain(self.second);
        let cluster = self.cluster_flag.or_else(|| names.next());
        let id = self.id_flag.or_else(|| names.next());
        let (Some(cluster), Some(id)) = (cluster, id) else {
            return Err(Failure::usage("missing argument", "pass the cluster name and the ID"));
        };
        if let Some(name) = names.next() {
            return Err(Failure::usage(
                format!("unexpected argument {name}"),
                "pass the cluster name and the ID once, as arguments or as flags",
            ));
        }
        Ok((session.project()?.cluster(cluster)?, id))
    }
}

impl ClusterItemArgs {
    /// The cluster and the ID of its snapshot.
    ///
    /// # Errors
    /// As for [`find`](Self::find); or no snapshot is the latest or oldest one.
    pub(crate) async fn find_snapshot(self, session: &Session) -> Outcome<(Cluster, String)> {
        let (cluster, id) = self.find(session)?;
        let id = snapshots::find_id(&cluster, id).await?;
        Ok((cluster, id))
    }
}

/// A snapshot flag.
#[derive(Debug, Args)]
pub(crate) struct SnapshotFlag {
    /// Snapshot ID, or `latest` or `oldest`.
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID")]
    pub(crate) snapshot: String,
}

/// The target of a restore.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Cluster to restore into; its data is overwritten. To restore over the source, name the source.
    #[arg(long, aliases = ["targetClusterName", "target-cluster-name"], value_name = "NAME")]
    target_cluster: String,
    /// Project of the target cluster, by ID or name [default: the project of the source].
    #[arg(long, aliases = ["targetProjectId", "target-project-id"], value_name = "PROJECT")]
    target_project: Option<String>,
}

/// Parses a time: with an offset, in the local time zone, or relative to now.
pub(crate) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    if let Some(ago) = text.strip_suffix("ago").and_then(|text| humantime::parse_duration(text.trim()).ok()) {
        let ago = TimeDelta::from_std(ago).ok().and_then(|ago| Utc::now().checked_sub_signed(ago));
        return ago.map(|time| time.trunc_subsecs(0)).ok_or_else(|| format!("{text} is too long ago"));
    }
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
    let local = local.into_iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let Some(local) = local else {
        return Err(
            "expected a time such as 2026-01-31T12:00:00Z, '2026-01-31 12:00' (local time) or '2h ago'".to_owned()
        );
    };
    match Local.from_local_datetime(&local) {
        LocalResult::Single(time) => Ok(time.to_utc()),
        // When the clocks change, a local time occurs twice or never.
        _ => Err(format!(
            "{text} is not a unique local time; add an offset, such as {}Z",
            local.format("%Y-%m-%dT%H:%M:%S")
        )),
    }
}

/// A point in time.
#[derive(Debug, Args)]
#[group(multiple = true)]
pub(crate) struct PointInTimeFlags {
    /// Point in time, such as 2026-01-31T12:00:00Z, '2026-01-31 12:00' (local time) or '2h ago'.
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with_all = ["seconds", "milliseconds", "oplog_ts"])]
    at: Option<DateTime<Utc>>,
    #[arg(long = "pointInTimeUTCSeconds", hide = true, conflicts_with_all = ["oplog_ts", "milliseconds"])]
    seconds: Option<i64>,
    #[arg(long = "pointInTimeUTCMillis", hide = true, conflicts_with = "oplog_ts")]
    milliseconds: Option<i64>,
    /// Point in time as an oplog timestamp: seconds since 1970.
    #[arg(long, alias = "oplogTs", value_name = "SECONDS", requires = "oplog_inc")]
    oplog_ts: Option<u32>,
    /// Number of the operation within that second.
    #[arg(long, alias = "oplogInc", value_name = "N", requires = "oplog_ts")]
    oplog_inc: Option<u32>,
}

impl PointInTimeFlags {
    /// The point in time, if given.
    ///
    /// # Errors
    /// The number is out of range.
    pub(crate) fn read(&self) -> Outcome<Option<PointInTime>> {
        let none = || {
            Failure::usage(
                "invalid point in time: the number is out of range",
                "pass a time such as `--at 2026-01-31T12:00:00Z`",
            )
        };
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
    /// The target cluster, of any kind.
    ///
    /// # Errors
    /// The name of the project is unknown, or a name is invalid.
    pub(crate) async fn cluster(&self, source: &Cluster, session: &Session) -> Outcome<Cluster> {
        target_cluster(&self.target_cluster, self.target_project.as_deref(), source, session).await
    }
}

/// The cluster `name` in the project with this ID or name, by default that of the source.
///
/// # Errors
/// The name of the project is unknown, or a name is invalid.
pub(crate) async fn target_cluster(
    name: &str,
    project: Option<&str>,
    source: &Cluster,
    session: &Session,
) -> Outcome<Cluster> {
    let project = match project {
        Some(project) => session.find_project(project).await?,
        None => source.project_id().to_string(),
    };
    Ok(session.client().project(project.as_str())?.cluster(name)?)
}
