//! Lists the snapshots of a flex cluster (`listGroupFlexClusterBackupSnapshots`).
//!
//! ```text
//! export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…              # a service account, or
//! export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…      # an API key
//! cargo run --example list_flex_backups -- PROJECT CLUSTER [--envelope] [--pretty]
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::env;

use atlas_backup::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, words): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with("--"));
    let [project, cluster] = &words[..] else { return Err("usage: PROJECT CLUSTER [--envelope] [--pretty]".into()) };
    let flag = |name: &str| flags.iter().any(|flag| flag == name);

    let atlas = Client::builder().from_env()?.envelope(flag("--envelope")).pretty(flag("--pretty")).build()?;
    let cluster = atlas.project(project)?.flex_cluster(cluster)?;

    let mut snapshots = cluster.snapshots().list().items();
    while let Some(snapshot) = snapshots.try_next().await? {
        let status = snapshot.status.as_ref().map_or("unknown", |status| status.as_str());
        println!("{} {status} MongoDB {}", snapshot.id, snapshot.mongo_db_version.as_deref().unwrap_or("unknown"));
    }
    Ok(())
}
