//! Flags of `drill`.

use std::{path::PathBuf, time::Duration};

use atlas_backup::{CollectionName, DatabaseName, IntoId};
use clap::Args;

use crate::{
    context::{
        confirmation::Confirmation,
        targets::ClusterArg,
        wait::{Timeout, duration},
    },
    drill::login::address,
};

const AFTER_HELP: &str = "\
The target is a new cluster that the drill deletes afterwards (--create), an existing scratch cluster (--target), or a
local folder (--download), which needs no cluster and reads every document.

Exit codes: 0 passed, 5 restore or verification failed, 6 timed out, 9 objective missed, 130 interrupted, 143 terminated (after teardown).";

/// Flags of `drill`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DrillOptions {
    #[command(flatten)]
    pub(super) cluster: ClusterArg,
    /// Snapshot to restore [default: the newest completed one].
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID", conflicts_with = "latest")]
    pub(super) snapshot: Option<String>,
    /// Restore the newest completed snapshot (the default).
    #[arg(long)]
    pub(super) latest: bool,
    /// Existing cluster to restore into, overwriting its data; with `--create`, the name of the new cluster.
    #[arg(long, aliases = ["targetClusterName", "target-cluster"], value_name = "CLUSTER")]
    pub(super) target: Option<String>,
    /// Project of the target cluster, by ID or name [default: the project of the source].
    #[arg(long, aliases = ["targetProjectId", "target-project-id"], value_name = "PROJECT")]
    pub(super) target_project: Option<String>,
    /// Create a cluster like the source, restore into it, and delete it afterwards; this costs money.
    #[arg(long)]
    pub(super) create: bool,
    /// Tier of the new cluster, such as M10 [default: the tier of the source].
    #[arg(long, value_name = "TIER", requires = "create")]
    pub(super) tier: Option<String>,
    /// Download the snapshot and read every document instead of restoring it into a cluster.
    #[arg(long, conflicts_with_all = ["target", "target_project", "create"])]
    pub(super) download: bool,
    /// Parent folder of the downloaded data [default: the temporary folder of the system].
    #[arg(long, value_name = "FOLDER", requires = "download")]
    pub(super) folder: Option<PathBuf>,
    /// Maximum recovery time (RTO); exits with 9 if exceeded.
    #[arg(long, alias = "rto", value_name = "DURATION", value_parser = duration)]
    pub(super) objective: Option<Duration>,
    /// Maximum age of the snapshot (RPO); exits with 9 if exceeded.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) rpo: Option<Duration>,
    #[command(flatten)]
    pub(super) expected: Expected,
    /// Run this command in a shell; the verification fails if it exits with another code than 0. ATLAS_BACKUP_DRILL_URI is
    /// the connection string of the target, ATLAS_BACKUP_DRILL_STANDARD_URI the one without SRV, ATLAS_BACKUP_DRILL_FOLDER the folder of downloaded data.
    #[arg(long, value_name = "COMMAND")]
    pub(super) verify_command: Option<String>,
    /// Let the verify command log in to the target: create a database user that may read it, and allow the address of
    /// `--login-from` to connect, both until the end of the drill. ATLAS_BACKUP_DRILL_URI and _STANDARD_URI then contain the
    /// login; _USER and _PASSWORD are its parts.
    #[arg(long, requires = "verify_command", conflicts_with = "download")]
    pub(super) login: bool,
    /// Public address or range from which the verify command connects [default: 127.0.0.1 if the service is an emulator on
    /// this machine].
    #[arg(long, value_name = "ADDRESS", requires = "login", value_parser = address)]
    pub(super) login_from: Option<String>,
    /// Keep the created cluster or folder.
    #[arg(long)]
    pub(super) keep: bool,
    /// Folder of the record, written as JSON and HTML [default: the current folder].
    #[arg(long, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    pub(super) evidence: PathBuf,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
    #[command(flatten)]
    pub(super) timeout: Timeout,
}

/// Expected contents.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Expected {
    /// Database that must be in the snapshot; repeatable.
    #[arg(long = "expect-database", value_name = "NAME")]
    pub(super) databases: Vec<String>,
    /// Collection that must be in the snapshot; repeatable.
    #[arg(long = "expect-collection", value_name = "DATABASE.COLLECTION", value_parser = namespace)]
    pub(super) collections: Vec<(String, String)>,
}

fn namespace(text: &str) -> Result<(String, String), String> {
    let (database, collection) = text.split_once('.').ok_or("expected DATABASE.COLLECTION")?;
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

    /// Descriptions of the expected contents.
    pub(super) fn descriptions(&self) -> Vec<String> {
        let databases = self.databases.iter().map(|name| format!("the snapshot has database {name}"));
        let collections = self.collections.iter().map(|(d, c)| format!("the snapshot has collection {d}.{c}"));
        databases.chain(collections).collect()
    }
}
