//! Lists the snapshots of a dedicated cluster in a program that is not asynchronous (`listGroupClusterBackupSnapshots`).
//!
//! ```text
//! export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…              # a service account, or
//! export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…      # an API key
//! cargo run --example list_snapshots_synchronously -- PROJECT CLUSTER [--envelope] [--pretty]
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::env;

use atlas_backup::Client;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, words): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with("--"));
    let [project, cluster] = &words[..] else { return Err("usage: PROJECT CLUSTER [--envelope] [--pretty]".into()) };
    let flag = |name: &str| flags.iter().any(|flag| flag == name);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let atlas = Client::builder().from_env()?.envelope(flag("--envelope")).pretty(flag("--pretty")).build()?;
    let cluster = atlas.project(project)?.cluster(cluster)?;

    // One item a page: the list fetches the next page while this one is printed.
    let mut snapshots = cluster.snapshots().list().items_per_page(1).items();
    while let Some(snapshot) = runtime.block_on(snapshots.try_next())? {
        let wait = cluster.snapshots().wait(&snapshot.id);
        let done = runtime.block_on(async { wait.await })?;
        println!("{} {}", done.id, done.status.as_ref().map_or("unknown", |status| status.as_str()));
    }
    Ok(())
}
