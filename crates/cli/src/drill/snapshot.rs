//! Selects the snapshot of a drill: the given one, or the newest completed one that is not a fallback snapshot.

use atlas_backup::{AnyClusterHandle, AnySnapshot, JobState};

use crate::{
    context::snapshots::{self, Order},
    drill::{options::DrillOptions, record::ChosenSnapshot},
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
    },
};

/// Selects the snapshot.
///
/// # Errors
/// The cluster has no completed snapshot, or the given one is not completed.
pub(super) async fn choose(options: &DrillOptions, cluster: &AnyClusterHandle) -> Outcome<ChosenSnapshot> {
    let name = cluster.name();
    let is_completed = |snapshot: &AnySnapshot| snapshot.state() == JobState::Succeeded;
    if let Some(id) = &options.snapshot {
        let snapshot = cluster.snapshot(id.as_str()).await?;
        return match is_completed(&snapshot) {
            true => Ok(chosen(&snapshot)),
            false => Err(Failure::usage(
                format!("cannot restore snapshot {id}: it is not completed"),
                Command::new("snapshots list").arg(name).hint(" lists the snapshots"),
            )),
        };
    }
    Ok(chosen(&snapshots::restorable(cluster, Order::Latest).await?))
}

fn chosen(snapshot: &AnySnapshot) -> ChosenSnapshot {
    ChosenSnapshot {
        id: snapshot.id().to_string(),
        completed_at: snapshot.completed_at(),
        expires_at: snapshot.expires_at(),
        storage_size_bytes: snapshot.size_bytes(),
        mongodb_version: snapshot.mongodb_version().map(str::to_owned),
    }
}
