//! Gets one snapshot of a dedicated cluster (`getGroupClusterBackupSnapshot`); without its id, the newest one.
//!
//! ```text
//! export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…              # a service account, or
//! export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…      # an API key
//! cargo run --example get_cluster_backup_snapshot -- PROJECT CLUSTER [SNAPSHOT] [--envelope] [--pretty]
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::env;

use atlas_backup::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, words): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with("--"));
    let [project, cluster, id @ ..] = &words[..] else {
        return Err("usage: PROJECT CLUSTER [SNAPSHOT] [--envelope] [--pretty]".into());
    };
    let flag = |name: &str| flags.iter().any(|flag| flag == name);

    let atlas = Client::builder().from_env()?.envelope(flag("--envelope")).pretty(flag("--pretty")).build()?;
    let snapshots = atlas.project(project)?.cluster(cluster)?.snapshots();

    let id = match id.first() {
        Some(id) => id.parse()?,
        None => snapshots.list().items().try_next().await?.ok_or("the cluster has no snapshot")?.id,
    };
    let snapshot = snapshots.get(&id).await?;
    let status = snapshot.status.as_ref().map_or("unknown", |status| status.as_str());
    println!("{} {status} {} bytes", snapshot.id, snapshot.storage_size_bytes.unwrap_or_default());
    println!("{}", snapshot.description.as_deref().unwrap_or("without a description"));
    Ok(())
}
