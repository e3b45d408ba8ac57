//! What is in a snapshot: its databases and their collections, which `collections restore` can bring back one by one.

use atlas_backup::{Cluster, SnapshotCollection, SnapshotDatabase};

use crate::{
    context::{global::Listing, session::Session},
    ui::{
        exit::Outcome,
        output::{
            cell::Cell,
            document::{Column, Document},
        },
    },
};

/// Prints the databases in a snapshot.
pub(super) async fn databases(cluster: &Cluster, id: &str, listing: Listing, session: &Session) -> Outcome {
    let databases = cluster.snapshots().databases(id)?;
    session.printer().list(databases.list().items(), listing.limit).await
}

/// Prints the collections of a database in a snapshot.
pub(super) async fn collections(
    cluster: &Cluster,
    id: &str,
    database: &str,
    listing: Listing,
    session: &Session,
) -> Outcome {
    let collections = cluster.snapshots().databases(id)?.collections(database)?;
    session.printer().list(collections.list().items(), listing.limit).await
}

impl Document for SnapshotDatabase {
    const PLURAL: &'static str = "databases";
    const COLUMNS: &'static [Column<Self>] = &[Column::new("DATABASE", |database, _| Cell::text(Some(&database.name)))];
}

impl Document for SnapshotCollection {
    const PLURAL: &'static str = "collections";
    const COLUMNS: &'static [Column<Self>] =
        &[Column::new("COLLECTION", |collection, _| Cell::text(Some(&collection.name)))];
}
