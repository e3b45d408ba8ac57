//! Starting a restore and waiting for it.
//!
//! A restore into a cluster replaces what the cluster holds, so it asks for the target's name first. A download touches
//! no cluster, of whatever kind: on a flex cluster it is the flex download, never a restore over the target.

use atlas_backup::{Cluster, FlexCluster, PointInTime};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{AnyRestore, documents};
use crate::{
    commands::{
        clusters::{self, Kind},
        consent::Consent,
        target::OneCluster,
        waiting::{Job, Patience, Waiting},
    },
    exit::{Failure, Outcome, Resume},
    session::Session,
};

/// What kind of restore.
#[derive(Debug, Subcommand)]
pub(crate) enum Start {
    /// Restores a snapshot into a cluster, whose data it replaces.
    Automated {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        snapshot: SnapshotFlag,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Restores a cluster as it was at a moment, into a cluster whose data it replaces; needs continuous backup.
    #[command(alias = "pointInTime")]
    PointInTime {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        moment: Moment,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Prepares a snapshot's data for download; no cluster is touched.
    Download {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        snapshot: SnapshotFlag,
        #[command(flatten)]
        waiting: Waiting,
    },
}

/// Which snapshot.
#[derive(Debug, Args)]
pub(crate) struct SnapshotFlag {
    /// The snapshot's id.
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID")]
    snapshot: String,
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
pub(crate) struct Moment {
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

impl Moment {
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
    pub(crate) fn dedicated(&self, source: &Cluster, session: &Session) -> Outcome<Cluster> {
        let name = self.target_cluster.as_deref().unwrap_or(source.name().as_str());
        let project = self.target_project.as_deref().unwrap_or(source.project_id().as_str());
        Ok(session.client().project(project)?.cluster(name)?)
    }

    fn flex(&self, source: &Cluster, session: &Session) -> Outcome<FlexCluster> {
        let target = self.dedicated(source, session)?;
        Ok(session.client().project(target.project_id())?.flex_cluster(target.name())?)
    }
}

impl Start {
    pub(super) async fn run(self, session: &Session, resume: &Resume) -> Outcome {
        let (cluster, job, waiting) = match self {
            Start::Automated { cluster, snapshot, target, consent, waiting } => {
                let (source, id) = (cluster.find(session)?, snapshot.snapshot);
                let over = target.dedicated(&source, session)?;
                ask(consent, &format!("Restores snapshot {id} of {}", source.name()), &over, session).await?;
                let job = match clusters::kind(&source).await? {
                    Kind::Flex => {
                        let flex = session.project()?.flex_cluster(source.name())?;
                        flex.restores().create(id.as_str(), &target.flex(&source, session)?).await?.into()
                    }
                    Kind::ReplicaSet | Kind::Sharded => {
                        AnyRestore::from(source.restores().automated(id.as_str(), &over).await?)
                    }
                };
                (source, job, waiting)
            }
            Start::PointInTime { cluster, moment, target, consent, waiting } => {
                let source = cluster.find(session)?;
                let moment = moment.read()?.ok_or_else(|| {
                    Failure::usage("it must be said to which moment", "say `--at 2026-01-31T12:00:00Z`")
                })?;
                let over = target.dedicated(&source, session)?;
                ask(consent, &format!("Restores {} as it was", source.name()), &over, session).await?;
                let job = source.restores().point_in_time(moment, &over).await?.into();
                (source, job, waiting)
            }
            Start::Download { cluster, snapshot, waiting } => {
                let (source, id) = (cluster.find(session)?, snapshot.snapshot);
                let job = prepare(&source, &id, session).await?;
                (source, job, waiting)
            }
        };
        if waiting.wait {
            return wait(&cluster, job, waiting.patience, session, resume).await;
        }
        session.printer().one(&job).await?;
        described(&cluster, &job).tell(session);
        Ok(())
    }
}

/// Has the data of a snapshot prepared for download.
pub(super) async fn prepare(cluster: &Cluster, id: &str, session: &Session) -> Outcome<AnyRestore> {
    Ok(match clusters::kind(cluster).await? {
        Kind::Flex => {
            let flex = session.project()?.flex_cluster(cluster.name())?;
            (*flex.restores().download(id).await?).clone().into()
        }
        Kind::ReplicaSet | Kind::Sharded => (*cluster.restores().download(id).await?).clone().into(),
    })
}

async fn ask(consent: Consent, deed: &str, over: &Cluster, session: &Session) -> Outcome {
    let deed = format!("{deed} over {} of project {}, whose data it replaces", over.name(), over.project_id());
    consent.ask(&deed, over.name().as_str(), session).await
}

/// Waits until a job is done and prints it.
pub(super) async fn wait(
    cluster: &Cluster,
    job: AnyRestore,
    patience: Patience,
    session: &Session,
    resume: &Resume,
) -> Outcome {
    let waited = described(cluster, &job);
    let done: AnyRestore = match job {
        AnyRestore::Dedicated(job) => {
            let wait = cluster.restores().wait(&job.id);
            waited.wait(wait, documents::state, patience, session, resume).await?.into()
        }
        AnyRestore::Flex(job) => {
            let restores = session.project()?.flex_cluster(cluster.name())?.restores();
            waited.wait(restores.wait(&job.id), documents::flex_state, patience, session, resume).await?.into()
        }
    };
    session.printer().one(&done).await
}

pub(super) fn described(cluster: &Cluster, job: &AnyRestore) -> Job {
    let name = cluster.name();
    let (id, states) = match job {
        AnyRestore::Dedicated(job) => (&job.id, documents::STATES),
        AnyRestore::Flex(job) => (&job.id, documents::FLEX_STATES),
    };
    Job {
        noun: "restore job",
        id: id.to_string(),
        owner: name.to_string(),
        states,
        again: format!("`atlas-backup restores wait {name} {id}`"),
        list: format!("`atlas-backup restores list {name}`"),
        remedy: match job.is_download() {
            true => "start another",
            false => "what it restored into may hold anything; start another",
        },
    }
}
