//! Which snapshot a drill restores: the one that was named, or the newest that is completed.

use atlas_backup::{Cluster, ShardedSnapshot, Snapshot};
use chrono::{DateTime, Utc};

use super::{DrillCommand, record::ChosenSnapshot};
use crate::{
    commands::clusters::Kind,
    exit::{Failure, Outcome},
    session::Session,
};

/// Chooses.
///
/// # Errors
/// There is none, or the one that was named is not completed.
pub(super) async fn choose(
    command: &DrillCommand,
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
                format!("`atlas-backup snapshots list {name}` shows those that are"),
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
    let none = || {
        let advice = format!("`atlas-backup snapshots take {name} --wait` takes one");
        Failure::verdict(crate::exit::Exit::NotFound, format!("{name} has no completed snapshot; {advice}"))
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
