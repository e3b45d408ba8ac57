//! Taking a snapshot and waiting for it.
//!
//! Once the service has accepted the request, nothing that happens here may lose the id: an interruption, a deadline and
//! a failure each say which snapshot it is and how to take the wait up again.

use std::time::Duration;

use atlas_backup::{Cluster, ErrorKind, Result, Retention, SnapshotId, Wait};
use clap::Args;
use serde::Serialize;

use super::{Patience, documents::AnySnapshot, read};
use crate::{
    commands::clusters::Kind,
    exit::{Failure, Outcome, Resume},
    progress::Progress,
    session::Session,
};

/// The states of a snapshot, as the service calls them.
const STATES: &[&str] = &["queued", "inProgress", "completed"];

/// How to take a snapshot.
#[derive(Debug, Args)]
pub(crate) struct Take {
    /// The cluster's name.
    cluster: String,
    /// What it is for; shown wherever the snapshot is.
    #[arg(long, alias = "desc", value_name = "TEXT", default_value = "taken with atlas-backup")]
    description: String,
    /// Days to keep it, counted from its completion.
    #[arg(long, alias = "retention", value_name = "DAYS", default_value_t = 7,
          value_parser = clap::value_parser!(u32).range(1..))]
    retention_days: u32,
    /// Waits until it is completed; exit code 5 if it fails, 6 if the time is up.
    #[arg(long, alias = "watch")]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
}

/// Takes a snapshot, and waits for it if that is asked for.
pub(super) async fn take(take: Take, session: &Session, resume: &Resume) -> Outcome {
    let cluster = session.project()?.cluster(take.cluster)?;
    let taken = cluster.snapshots().take(take.description, Retention::days(take.retention_days)).await?;
    if take.wait {
        let sharded = taken.type_.as_ref().is_some_and(|kind| kind.as_str() == "shardedCluster");
        let kind = if sharded { Kind::Sharded } else { Kind::ReplicaSet };
        return wait(&cluster, kind, taken.id.clone(), take.patience, session, resume).await;
    }
    session.printer().one(&AnySnapshot::from(taken.clone())).await?;
    if !session.is_throw_away() {
        crate::notice(format_args!("{} waits until it is completed", again(&cluster, &taken.id)));
    }
    Ok(())
}

/// Waits for a snapshot that was taken earlier.
pub(super) async fn resume(
    cluster: &Cluster,
    id: SnapshotId,
    patience: Patience,
    session: &Session,
    resume: &Resume,
) -> Outcome {
    let kind = match cluster.snapshots().get(&id).await {
        Ok(_) => Kind::ReplicaSet,
        Err(error) => read::kind_after(&error, cluster).await?,
    };
    wait(cluster, kind, id, patience, session, resume).await
}

/// Waits until a snapshot is completed and prints it; with a bar where there is a terminal.
async fn wait(
    cluster: &Cluster,
    kind: Kind,
    id: SnapshotId,
    patience: Patience,
    session: &Session,
    resume: &Resume,
) -> Outcome {
    let again = again(cluster, &id);
    if !session.is_throw_away() {
        resume.set(format!("the snapshot goes on, and {again} waits for it again"));
    }
    let progress = Progress::start(format!("snapshot {id}"), STATES);
    let waiter = Waiter { progress: progress.clone(), timeout: patience.timeout, interval: session.poll_interval() };
    let outcome = match kind {
        Kind::ReplicaSet => waiter.run(cluster.snapshots().wait(&id), |s| s.status.as_ref().map(|s| s.as_str())).await,
        Kind::Sharded => {
            waiter.run(cluster.sharded_snapshots().wait(&id), |s| s.status.as_ref().map(|s| s.as_str())).await
        }
        Kind::Flex => {
            progress.end();
            return Err(Failure::usage(
                format!("{} is a flex cluster, whose snapshots Atlas takes by itself", cluster.name()),
                format!("`atlas-backup flex snapshots list {}` shows them", cluster.name()),
            ));
        }
    };
    let elapsed = humantime::format_duration(Duration::from_secs(progress.elapsed().as_secs()));
    progress.end();
    match outcome {
        Ok(snapshot) => {
            crate::notice(format_args!("completed after {elapsed}"));
            session.printer().one(&snapshot).await
        }
        Err(error) => Err(Failure::from(error).advise(|error| match error.kind() {
            ErrorKind::Failed => Some(format!("it is snapshot {id} of {}; take another", cluster.name())),
            ErrorKind::Timeout => Some(format!("the snapshot goes on, and {again} waits for it again")),
            ErrorKind::NotFound => {
                Some(format!("`atlas-backup snapshots list {}` shows the cluster's snapshots", cluster.name()))
            }
            _ => None,
        })),
    }
}

/// How a wait goes, whatever the snapshot's type.
struct Waiter {
    progress: Progress,
    timeout: Duration,
    interval: Option<Duration>,
}

impl Waiter {
    async fn run<S>(self, wait: Wait<S>, status: fn(&S) -> Option<&str>) -> Result<AnySnapshot>
    where
        S: Serialize + Into<AnySnapshot> + Send + 'static,
    {
        let progress = self.progress;
        let mut wait = wait.timeout(self.timeout).on_progress(move |snapshot| {
            if let Some(status) = status(snapshot) {
                progress.state(status);
            }
        });
        if let Some(interval) = self.interval {
            wait = wait.interval(interval).longest_interval(interval);
        }
        wait.await.map(Into::into)
    }
}

/// The command that waits for the snapshot again.
fn again(cluster: &Cluster, id: &SnapshotId) -> String {
    format!("`atlas-backup snapshots wait {} {id}`", cluster.name())
}
