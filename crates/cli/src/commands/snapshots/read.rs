//! Listing snapshots and looking at one.
//!
//! A replica set is the usual case and costs one call. Only when its answer leaves the question open (it is refused, or
//! there is nothing) is the cluster's kind asked for.

use atlas_backup::{Cluster, Error, ErrorKind, FlexSnapshot};
use futures_util::{StreamExt, stream};

use super::documents::AnySnapshot;

use crate::{
    context::{
        clusters::{self, Kind},
        global::Listing,
        session::Session,
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
    },
};

/// Prints the snapshots of `cluster`, whatever it is.
pub(super) async fn list(cluster: &Cluster, listing: Listing, session: &Session) -> Outcome {
    let mut items = cluster.snapshots().list().items();
    let first = items.next().await;
    let kind = match &first {
        Some(Err(error)) if clusters::is_flex(error) => Kind::Flex,
        // A cluster of another kind is answered with 400.
        Some(Err(error)) if error.kind() == ErrorKind::BadRequest => clusters::kind(cluster).await?,
        None => clusters::kind(cluster).await?,
        Some(_) => Kind::ReplicaSet,
    };
    match kind {
        Kind::ReplicaSet => {
            let all = stream::iter(first).chain(items).map(|item| item.map(AnySnapshot::from));
            session.printer().list(all, listing.limit).await
        }
        Kind::Sharded => {
            let all = cluster.sharded_snapshots().list().items().map(|item| item.map(AnySnapshot::from));
            session.printer().list(all, listing.limit).await
        }
        Kind::Flex => {
            let snapshots = session.project()?.flex_cluster(cluster.name())?.snapshots();
            session.printer().list(snapshots.list().items(), listing.limit).await
        }
    }
}

/// Prints one snapshot of `cluster`, whatever it is.
pub(super) async fn get(cluster: &Cluster, id: &str, session: &Session) -> Outcome {
    match found(cluster, id, session).await? {
        Found::Dedicated(snapshot) => session.printer().one(&snapshot).await,
        Found::Flex(snapshot) => session.printer().one(&*snapshot).await,
    }
}

/// Gets one snapshot of a dedicated cluster.
pub(super) async fn fetch(cluster: &Cluster, id: &str, session: &Session) -> Outcome<AnySnapshot> {
    match found(cluster, id, session).await? {
        Found::Dedicated(snapshot) => Ok(snapshot),
        Found::Flex(_) => Err(Failure::usage(
            format!("{} is a flex cluster, whose snapshots can't be changed", cluster.name()),
            "nothing was done",
        )),
    }
}

enum Found {
    Dedicated(AnySnapshot),
    Flex(Box<FlexSnapshot>),
}

async fn found(cluster: &Cluster, id: &str, session: &Session) -> Outcome<Found> {
    let list = Command::new("snapshots list").arg(cluster.name());
    let hint = |error: Error| Failure::not_found(error, list);
    let error = match cluster.snapshots().get(id).await {
        Ok(snapshot) => return Ok(Found::Dedicated(snapshot.into())),
        Err(error) => error,
    };
    match kind_after(&error, cluster).await? {
        Kind::ReplicaSet => Err(hint(error)),
        Kind::Sharded => {
            let snapshot = cluster.sharded_snapshots().get(id).await.map_err(hint)?;
            Ok(Found::Dedicated(snapshot.into()))
        }
        Kind::Flex => {
            let snapshots = session.project()?.flex_cluster(cluster.name())?.snapshots();
            Ok(Found::Flex(Box::new(snapshots.get(id).await.map_err(hint)?)))
        }
    }
}

/// What `cluster` is, after a snapshot could not be had as one of a replica set.
pub(super) async fn kind_after(error: &Error, cluster: &Cluster) -> Outcome<Kind> {
    match error.kind() {
        _ if clusters::is_flex(error) => Ok(Kind::Flex),
        ErrorKind::BadRequest | ErrorKind::NotFound => clusters::kind(cluster).await,
        _ => Ok(Kind::ReplicaSet),
    }
}
