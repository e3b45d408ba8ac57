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

/// Which moment.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Moment {
    /// The moment, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["seconds", "oplog_ts"])]
    at: Option<DateTime<Utc>>,
    #[arg(long = "pointInTimeUTCSeconds", aliases = ["pointInTimeUTCMillis"], hide = true, conflicts_with = "oplog_ts")]
    seconds: Option<i64>,
    /// The moment as an oplog timestamp: its seconds since 1970.
    #[arg(long, alias = "oplogTs", value_name = "SECONDS", requires = "oplog_inc")]
    oplog_ts: Option<u32>,
    /// The operation's number within that second.
    #[arg(long, alias = "oplogInc", value_name = "N", requires = "oplog_ts")]
    oplog_inc: Option<u32>,
}

impl Moment {
    fn read(&self) -> Outcome<PointInTime> {
        let none = || Failure::usage("that is no moment", "say `--at 2026-01-31T12:00:00Z`");
        match (self.at, self.seconds, self.oplog_ts.zip(self.oplog_inc)) {
            (Some(time), ..) => Ok(time.into()),
            (_, Some(seconds), _) => Ok(DateTime::from_timestamp(seconds, 0).ok_or_else(none)?.into()),
            (_, _, Some((seconds, increment))) => Ok(PointInTime::oplog(seconds, increment)),
            _ => Err(none()),
        }
    }
}

impl Target {
    fn dedicated(&self, source: &Cluster, session: &Session) -> Outcome<Cluster> {
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
                ask(consent, &format!("Restores snapshot {id} of {}", source.name()), &over).await?;
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
                let (source, moment) = (cluster.find(session)?, moment.read()?);
                let over = target.dedicated(&source, session)?;
                ask(consent, &format!("Restores {} as it was", source.name()), &over).await?;
                let job = source.restores().point_in_time(moment, &over).await?.into();
                (source, job, waiting)
            }
            Start::Download { cluster, snapshot, waiting } => {
                let (source, id) = (cluster.find(session)?, snapshot.snapshot);
                let job = match clusters::kind(&source).await? {
                    Kind::Flex => {
                        let flex = session.project()?.flex_cluster(source.name())?;
                        (*flex.restores().download(id.as_str()).await?).clone().into()
                    }
                    Kind::ReplicaSet | Kind::Sharded => {
                        AnyRestore::from((*source.restores().download(id.as_str()).await?).clone())
                    }
                };
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

async fn ask(consent: Consent, deed: &str, over: &Cluster) -> Outcome {
    let deed = format!("{deed} over {} of project {}, whose data it replaces", over.name(), over.project_id());
    consent.ask(&deed, over.name().as_str()).await
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
        remedy: "what it restored into may hold anything; start another",
    }
}
