//! Taking a snapshot and waiting for it.

use atlas_backup::{Cluster, Retention, ShardedSnapshot, Snapshot, SnapshotId};
use clap::Args;

use super::{documents::AnySnapshot, read};

use crate::{
    context::{
        clusters::Kind,
        session::Session,
        targets::OneCluster,
        waiting::{Job, Timeout, WaitFlags},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
    },
};

/// The states of a snapshot, as the service calls them.
const STATES: &[&str] = &["queued", "inProgress", "completed"];

/// How to take a snapshot.
#[derive(Debug, Args)]
pub(crate) struct Take {
    #[command(flatten)]
    cluster: OneCluster,
    /// What it is for; shown wherever the snapshot is.
    #[arg(long, alias = "desc", value_name = "TEXT", default_value = "taken with atlas-backup")]
    description: String,
    /// Days to keep it, counted from its completion.
    #[arg(long, aliases = ["retention", "retentionInDays"], value_name = "DAYS", default_value_t = 7,
          value_parser = clap::value_parser!(u32).range(1..))]
    retention_days: u32,
    #[command(flatten)]
    wait: WaitFlags,
}

/// Takes a snapshot, and waits for it if that is asked for.
pub(super) async fn take(take: Take, session: &Session) -> Outcome {
    let cluster = take.cluster.find(session)?;
    let taken = cluster.snapshots().take(take.description, Retention::days(take.retention_days)).await?;
    if take.wait.wait {
        let sharded = taken.type_.as_ref().is_some_and(|kind| kind.as_str() == "shardedCluster");
        let kind = if sharded { Kind::Sharded } else { Kind::ReplicaSet };
        return wait(&cluster, kind, taken.id.clone(), take.wait.timeout, session).await;
    }
    let id = taken.id.clone();
    session.printer().one(&AnySnapshot::from(taken)).await?;
    job(&cluster, &id).print_how_to_wait(session);
    Ok(())
}

/// Waits for a snapshot that was taken earlier.
pub(super) async fn resume(cluster: &Cluster, id: SnapshotId, timeout: Timeout, session: &Session) -> Outcome {
    let kind = match cluster.snapshots().get(&id).await {
        Ok(_) => Kind::ReplicaSet,
        Err(error) => read::kind_after(&error, cluster).await?,
    };
    wait(cluster, kind, id, timeout, session).await
}

/// Waits until a snapshot is completed and prints it.
async fn wait(cluster: &Cluster, kind: Kind, id: SnapshotId, timeout: Timeout, session: &Session) -> Outcome {
    let job = job(cluster, &id);
    let done: AnySnapshot = match kind {
        Kind::ReplicaSet => job.wait(cluster.snapshots().wait(&id), state, timeout, session).await?.into(),
        Kind::Sharded => job.wait(cluster.sharded_snapshots().wait(&id), sharded_state, timeout, session).await?.into(),
        Kind::Flex => {
            return Err(Failure::usage(
                format!("{} is a flex cluster, whose snapshots Atlas takes by itself", cluster.name()),
                format!("`atlas-backup flex snapshots list {}` shows them", cluster.name()),
            ));
        }
    };
    session.printer().one(&done).await
}

fn state(snapshot: &Snapshot) -> Option<&str> {
    snapshot.status.as_ref().map(|status| status.as_str())
}

fn sharded_state(snapshot: &ShardedSnapshot) -> Option<&str> {
    snapshot.status.as_ref().map(|status| status.as_str())
}

fn job(cluster: &Cluster, id: &SnapshotId) -> Job {
    let name = cluster.name();
    Job {
        noun: "snapshot",
        id: id.to_string(),
        owner: name.to_string(),
        states: STATES,
        again: Command::new("snapshots wait").arg(name).arg(id),
        list: Command::new("snapshots list").arg(name),
        remedy: "take another".into(),
    }
}
