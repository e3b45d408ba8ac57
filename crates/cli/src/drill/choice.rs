//! Which snapshot a drill restores: the one that was named, or the newest that is completed.

use atlas_backup::{Cluster, ShardedSnapshot, Snapshot};
use chrono::{DateTime, Utc};

use crate::{
    context::{clusters::Kind, session::Session},
    drill::{options::DrillOptions, record::ChosenSnapshot},
    ui::{
        exit::{Exit, Failure, Outcome},
        hints::Command,
    },
};

/// Chooses.
///
/// # Errors
/// There is none, or the one that was named is not completed.
pub(super) async fn choose(
    command: &DrillOptions,
    cluster: &Cluster,
    kind: Kind,
    session: &Session,
) -> Outcome<ChosenSnapshot> {
    let name = cluster.name();
    if let Some(id) = &command.snapshot {
        let (state, chosen) = match kind {
            Kind::ReplicaSet => replica_set(&cluster.snapshots().get(id.as_str()).await?),
            Kind::Sharded => sharded(&cluster.sharded_snapshots().get(id.as_str()).await?),
            Kind::Flex => flex(&session.project()?.flex_cluster(name)?.snapshots().get(id.as_str()).await?),
        };
        return match state {
            true => Ok(chosen),
            false => Err(Failure::usage(
                format!("snapshot {id} is not completed"),
                Command::new("snapshots list").arg(name).hint(" shows those that are"),
            )),
        };
    }
    let mut newest: Option<ChosenSnapshot> = None;
    let mut consider = |(completed, one): (bool, ChosenSnapshot)| {
        let age = |chosen: &ChosenSnapshot| chosen.completed_at;
        if completed && newest.as_ref().is_none_or(|known| age(known) < age(&one)) {
            newest = Some(one);
        }
    };
    // The order in which a list comes is the service's; the newest is found by its date.
    match kind {
        Kind::ReplicaSet => {
            let mut all = cluster.snapshots().list().items();
            while let Some(one) = all.try_next().await? {
                consider(replica_set(&one));
            }
        }
        Kind::Sharded => {
            let mut all = cluster.sharded_snapshots().list().items();
            while let Some(one) = all.try_next().await? {
                consider(sharded(&one));
            }
        }
        Kind::Flex => {
            let mut all = session.project()?.flex_cluster(name)?.snapshots().list().items();
            while let Some(one) = all.try_next().await? {
                consider(flex(&one));
            }
        }
    }
    let none = || Failure::Verdict {
        exit: Exit::NotFound,
        message: format!("{name} has no completed snapshot"),
        hint: Some(Command::new("snapshots take").arg(name).arg("--wait").hint(" takes one")),
    };
    newest.ok_or_else(none)
}

fn replica_set(snapshot: &Snapshot) -> (bool, ChosenSnapshot) {
    let chosen = ChosenSnapshot {
        id: snapshot.id.to_string(),
        completed_at: snapshot.created_at,
        expires_at: snapshot.expires_at,
        storage_size_bytes: snapshot.storage_size_bytes,
        mongodb_version: snapshot.mongod_version.clone(),
    };
    (snapshot.status.as_ref().is_some_and(|status| status.as_str() == "completed"), chosen)
}

fn sharded(snapshot: &ShardedSnapshot) -> (bool, ChosenSnapshot) {
    let chosen = ChosenSnapshot {
        id: snapshot.id.to_string(),
        completed_at: snapshot.created_at,
        expires_at: snapshot.expires_at,
        storage_size_bytes: snapshot.storage_size_bytes,
        mongodb_version: snapshot.mongod_version.clone(),
    };
    (snapshot.status.as_ref().is_some_and(|status| status.as_str() == "completed"), chosen)
}

fn flex(snapshot: &atlas_backup::FlexSnapshot) -> (bool, ChosenSnapshot) {
    let completed: Option<DateTime<Utc>> = snapshot.finish_time;
    let chosen = ChosenSnapshot {
        id: snapshot.id.to_string(),
        completed_at: completed,
        expires_at: snapshot.expiration,
        storage_size_bytes: None,
        mongodb_version: snapshot.mongo_db_version.clone(),
    };
    (snapshot.status.as_ref().is_some_and(|status| status.as_str() == "COMPLETED"), chosen)
}
