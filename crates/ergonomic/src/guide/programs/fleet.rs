use std::collections::BTreeMap;

use atlas_backup::{Client, JobState};

/// The newest complete snapshot of each cluster that the credentials can see, and what could
/// not be read.
pub(crate) async fn newest_snapshots(atlas: &Client) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut newest, mut unread) = (BTreeMap::new(), Vec::new());
    let mut snapshots = atlas.fleet().concurrency(8).snapshots();
    while let Some(next) = snapshots.next().await {
        match next {
            // Newest first within a cluster, so the first one counts.
            Ok(found) if found.item.state() == JobState::Succeeded => {
                let cluster = found.cluster.map(|name| name.to_string()).unwrap_or_default();
                newest.entry(format!("{}/{cluster}", found.project)).or_insert(found.item.id().to_string());
            }
            Ok(_) => {}
            // One cluster that cannot be read does not end the walk. Report it: it may be the
            // one without backups.
            Err(error) => unread.push(error.to_string()),
        }
    }
    (newest, unread)
}
