//! Lists the snapshots of a serverless instance, an operation that the service has removed
//! (`listGroupServerlessBackupSnapshots`): the flex cluster that it became answers instead.
//!
//! ```text
//! export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…              # a service account, or
//! export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…      # an API key
//! cargo run --example list_serverless_backup_snapshots -- PROJECT INSTANCE [--envelope] [--pretty]
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it got")]
#![allow(deprecated, reason = "the example is about an operation that was removed")]

use std::env;

use atlas_backup::{Client, compat::serverless};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, words): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with("--"));
    let [project, instance] = &words[..] else { return Err("usage: PROJECT INSTANCE [--envelope] [--pretty]".into()) };
    let flag = |name: &str| flags.iter().any(|flag| flag == name);

    let atlas = Client::builder().from_env()?.envelope(flag("--envelope")).pretty(flag("--pretty")).build()?;

    let mut snapshots = serverless::list_serverless_backups(&atlas, project, instance)?.items();
    while let Some(snapshot) = snapshots.try_next().await? {
        let status = snapshot.status.as_ref().map_or("unknown", |status| status.as_str());
        println!("{} {status} MongoDB {}", snapshot.id, snapshot.mongod_version.as_deref().unwrap_or("unknown"));
    }
    Ok(())
}
