//! Finds a snapshot by its ID, or as the `latest` or `oldest` one that can be restored.

use atlas_backup::{AnyClusterHandle, AnySnapshot, Cluster, JobState};

use crate::ui::{
    exit::{Exit, Failure, Outcome},
    hints::Command,
};

/// The ID of a snapshot: `text`, unless it is `latest` or `oldest`.
///
/// # Errors
/// The snapshots cannot be listed, or none can be restored.
pub(crate) async fn find_id(cluster: &Cluster, text: String) -> Outcome<String> {
    let order = match text.as_str() {
        "latest" => Order::Latest,
        "oldest" => Order::Oldest,
        _ => return Ok(text),
    };
    Ok(restorable(&cluster.of_any_kind(), order).await?.id().to_string())
}

/// The end of the list of restorable snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Latest,
    Oldest,
}

/// Whether the service took the snapshot by its fallback method, after the regular one had failed. Such a snapshot may be
/// inconsistent, so it is used only by its ID.
pub(crate) fn is_fallback(snapshot: &AnySnapshot) -> bool {
    snapshot.snapshot_type() == Some("fallback")
}

/// The latest or oldest completed snapshot that is not a fallback snapshot.
///
/// # Errors
/// The snapshots cannot be listed, or there is none.
pub(crate) async fn restorable(cluster: &AnyClusterHandle, order: Order) -> Outcome<AnySnapshot> {
    // The order of the list is up to the service, so compare the dates.
    let (mut found, mut fallbacks): (Option<AnySnapshot>, _) = (None, 0);
    let mut all = cluster.snapshots().items();
    while let Some(snapshot) = all.try_next().await? {
        if snapshot.state() != JobState::Succeeded {
            continue;
        }
        if is_fallback(&snapshot) {
            fallbacks += 1;
            continue;
        }
        let is_better = found.as_ref().is_none_or(|known| match order {
            Order::Latest => known.completed_at() < snapshot.completed_at(),
            Order::Oldest => known.completed_at() > snapshot.completed_at(),
        });
        if is_better {
            found = Some(snapshot);
        }
    }
    let name = cluster.name();
    found.ok_or_else(|| Failure::Status {
        exit: Exit::NotFound,
        message: match fallbacks {
            0 => format!("{name} has no completed snapshot"),
            _ => format!("{name} has only fallback snapshots ({fallbacks}), which may be inconsistent"),
        },
        hint: Some(match fallbacks {
            0 => Command::new("snapshots take").arg(name).arg("--wait").hint(" takes one"),
            _ => {
                Command::new("snapshots list").arg(name).hint(" lists their IDs").preceded_by("pass an ID to use one; ")
            }
        }),
    })
}
