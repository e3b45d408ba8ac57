//! Selects the snapshot of a drill: the given one, or the newest completed one.

use atlas_backup::{AnyClusterHandle, AnySnapshot, JobState};

use crate::{
    drill::{options::DrillOptions, record::ChosenSnapshot},
    ui::{
        exit::{Exit, Failure, Outcome},
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
    // The order of the list is up to the service, so compare the dates.
    let mut newest: Option<AnySnapshot> = None;
    let mut all = cluster.snapshots().items();
    while let Some(snapshot) = all.try_next().await? {
        let is_newer = newest.as_ref().is_none_or(|known| known.completed_at() < snapshot.completed_at());
        if is_completed(&snapshot) && is_newer {
            newest = Some(snapshot);
        }
    }
    newest.as_ref().map(chosen).ok_or_else(|| Failure::Status {
        exit: Exit::NotFound,
        message: format!("{name} has no completed snapshot"),
        hint: Some(Command::new("snapshots take").arg(name).arg("--wait").hint(" takes one")),
    })
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
