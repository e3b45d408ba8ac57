//! The options of a drill.

use std::{path::PathBuf, time::Duration};

use atlas_backup::{CollectionName, DatabaseName, IntoId};
use clap::Args;

use crate::context::{
    confirmation::Confirmation,
    targets::ClusterArg,
    wait::{Timeout, duration},
};

const AFTER_HELP: &str = "\
Restores into a cluster that the drill creates (--create) and deletes again, into a scratch cluster that is there
(--target), or onto this machine (--download), which needs no cluster and reads every document.

Exit codes: 0 passed, 5 the restore or the verification failed, 6 timed out, 9 an objective was missed,
130 interrupted, after teardown.

Examples:
  atlas-backup drill Cluster0 --create --tier M10 --objective 1h --rpo 24h --expect-collection shop.orders
  atlas-backup drill Cluster0 --target Scratch --verify-command 'mongosh \"$ATLAS_BACKUP_DRILL_URI\" check.js'
  atlas-backup --emulator drill Cluster0 --download";

/// What to rehearse, into what, and what counts as passed.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DrillOptions {
    #[command(flatten)]
    pub(super) cluster: ClusterArg,
    /// The snapshot to restore [default: the newest that is completed].
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID", conflicts_with = "latest")]
    pub(super) snapshot: Option<String>,
    /// Restores the newest snapshot that is completed, as it does anyway.
    #[arg(long)]
    pub(super) latest: bool,
    /// The cluster to restore into, whose data is replaced; with `--create` the name of the new one.
    #[arg(long, aliases = ["targetClusterName", "target-cluster"], value_name = "CLUSTER")]
    pub(super) target: Option<String>,
    /// The project of that cluster [default: the same project].
    #[arg(long, aliases = ["targetProjectId", "target-project-id"], value_name = "ID")]
    pub(super) target_project: Option<String>,
    /// Creates the cluster to restore into, of the source's shape, and deletes it afterwards; costs money meanwhile.
    #[arg(long)]
    pub(super) create: bool,
    /// The tier of the new cluster, such as M10 [default: the source's].
    #[arg(long, value_name = "TIER", requires = "create")]
    pub(super) tier: Option<String>,
    /// Downloads the snapshot and reads all of it, instead of restoring it into a cluster.
    #[arg(long, conflicts_with_all = ["target", "target_project", "create"])]
    pub(super) download: bool,
    /// Where the downloaded data goes, in a folder of its own [default: the system's folder for temporary files].
    #[arg(long, value_name = "FOLDER", requires = "download")]
    pub(super) folder: Option<PathBuf>,
    /// How long recovery may take; exit code 9 if it takes longer.
    #[arg(long, alias = "rto", value_name = "DURATION", value_parser = duration)]
    pub(super) objective: Option<Duration>,
    /// How old the snapshot may be; exit code 9 if it is older.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) rpo: Option<Duration>,
    #[command(flatten)]
    pub(super) expected: Expected,
    /// Runs this in a shell and counts its exit code; ATLAS_BACKUP_DRILL_URI is the target's address,
    /// ATLAS_BACKUP_DRILL_FOLDER that of downloaded data.
    #[arg(long, value_name = "COMMAND")]
    pub(super) verify_command: Option<String>,
    /// Keeps what the drill has made.
    #[arg(long)]
    pub(super) keep: bool,
    /// Where the record is written, as JSON and HTML [default: here].
    #[arg(long, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    pub(super) evidence: PathBuf,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
    #[command(flatten)]
    pub(super) timeout: Timeout,
}

/// What has to be there.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Expected {
    /// A database that has to be in the snapshot; may be given several times.
    #[arg(long = "expect-database", value_name = "NAME")]
    pub(super) databases: Vec<String>,
    /// A collection that has to be in the snapshot; may be given several times.
    #[arg(long = "expect-collection", value_name = "DATABASE.COLLECTION", value_parser = namespace)]
    pub(super) collections: Vec<(String, String)>,
}

fn namespace(text: &str) -> Result<(String, String), String> {
    let (database, collection) = text.split_once('.').ok_or("write it DATABASE.COLLECTION")?;
    let name: Result<DatabaseName, _> = database.into_id();
    name.map_err(|error| error.to_string())?;
    let name: Result<CollectionName, _> = collection.into_id();
    name.map_err(|error| error.to_string())?;
    Ok((database.to_owned(), collection.to_owned()))
}

impl Expected {
    pub(super) fn is_given(&self) -> bool {
        !self.databases.is_empty() || !self.collections.is_empty()
    }

    /// Each in words.
    pub(super) fn descriptions(&self) -> Vec<String> {
        let databases = self.databases.iter().map(|name| format!("the snapshot has database {name}"));
        let collections = self.collections.iter().map(|(d, c)| format!("the snapshot has collection {d}.{c}"));
        databases.chain(collections).collect()
    }
}
