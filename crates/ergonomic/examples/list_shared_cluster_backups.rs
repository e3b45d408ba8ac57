//! Lists the snapshots of a shared-tier cluster, an operation that the service has removed
//! (`listGroupClusterBackupTenantSnapshots`): the flex cluster that it became answers instead.
//!
//! With `--v1` the call is given as the path of the API before this one, as old scripts have it.
//!
//! ```text
//! export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…              # a service account, or
//! export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…      # an API key
//! cargo run --example list_shared_cluster_backups -- PROJECT CLUSTER [--v1] [--envelope] [--pretty]
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it got")]
#![allow(deprecated, reason = "the example is about an operation that was removed")]

use std::env;

use atlas_backup::{Client, compat::shared_tier};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, words): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with("--"));
    let [project, cluster] = &words[..] else {
        return Err("usage: PROJECT CLUSTER [--v1] [--envelope] [--pretty]".into());
    };
    let flag = |name: &str| flags.iter().any(|flag| flag == name);

    let atlas = Client::builder().from_env()?.envelope(flag("--envelope")).pretty(flag("--pretty")).build()?;
    let snapshots = if flag("--v1") {
        let path = format!("/api/atlas/v1.0/groups/{project}/clusters/{cluster}/backup/tenant/snapshots");
        shared_tier::list_shared_cluster_backups_at(&atlas, &path)?
    } else {
        shared_tier::list_shared_cluster_backups(&atlas, project, cluster)?
    };

    for snapshot in snapshots.all().await? {
        let status = snapshot.status.as_ref().map_or("unknown", |status| status.as_str());
        println!("{} {status} MongoDB {}", snapshot.id, snapshot.mongo_db_version.as_deref().unwrap_or("unknown"));
    }
    Ok(())
}
