//! Listing restore jobs and looking at one. What kind the cluster is shows in the first answer.

use atlas_backup::Cluster;
use futures_util::{StreamExt, stream};

use super::AnyRestore;
use crate::{
    args::Listing,
    commands::clusters,
    exit::{Failure, Outcome},
    session::Session,
};

/// Prints the restore jobs of `cluster`, whatever it is.
pub(super) async fn list(cluster: &Cluster, listing: Listing, session: &Session) -> Outcome {
    let mut items = cluster.restores().list().items();
    match items.next().await {
        Some(Err(error)) if clusters::is_flex(&error) => {
            let jobs = session.project()?.flex_cluster(cluster.name())?.restores().list().items();
            session.printer().list(jobs.map(|job| job.map(AnyRestore::from)), listing.limit).await
        }
        first => {
            let all = stream::iter(first).chain(items).map(|job| job.map(AnyRestore::from));
            session.printer().list(all, listing.limit).await
        }
    }
}

/// Gets one restore job of `cluster`, whatever it is.
pub(super) async fn get(cluster: &Cluster, id: &str, session: &Session) -> Outcome<AnyRestore> {
    let list = format!("`atlas-backup restores list {}`", cluster.name());
    match cluster.restores().get(id).await {
        Ok(job) => Ok(job.into()),
        Err(error) if clusters::is_flex(&error) => {
            let restores = session.project()?.flex_cluster(cluster.name())?.restores();
            restores.get(id).await.map(AnyRestore::from).map_err(|error| Failure::unless_there(error, list))
        }
        Err(error) => Err(Failure::unless_there(error, list)),
    }
}
