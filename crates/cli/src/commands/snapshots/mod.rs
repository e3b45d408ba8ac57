//! `snapshots`: the main job. List them, look at one, take one, wait for one, whatever kind the cluster is.

mod documents;
mod read;
mod take;

use std::time::Duration;

use clap::Subcommand;

use crate::{
    args::{Global, Listing},
    exit::{Outcome, Resume},
    session::Session,
};

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotsCommand {
    /// Lists the snapshots of a cluster, the newest first.
    #[command(visible_alias = "ls")]
    List {
        /// The cluster's name.
        cluster: String,
        #[command(flatten)]
        listing: Listing,
    },
    /// Shows one snapshot.
    #[command(visible_alias = "describe")]
    Get {
        /// The cluster's name.
        cluster: String,
        /// The snapshot's id.
        snapshot: String,
    },
    /// Takes a snapshot now.
    #[command(visible_alias = "create")]
    Take(take::Take),
    /// Waits until a snapshot is completed.
    #[command(visible_alias = "watch")]
    Wait {
        /// The cluster's name.
        cluster: String,
        /// The snapshot's id.
        snapshot: String,
        #[command(flatten)]
        patience: Patience,
    },
}

/// How long to wait.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Patience {
    /// Gives up waiting after so long, such as 90s, 30m or 2h; the snapshot itself goes on.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    pub(crate) timeout: Duration,
}

/// A duration with its unit: a bare number has been taken for nanoseconds by others.
fn duration(text: &str) -> Result<Duration, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("say the unit: {text}s, {text}m or {text}h"));
    }
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() { Err("it must be more than nothing".to_owned()) } else { Ok(duration) }
}

pub(crate) async fn run(command: SnapshotsCommand, global: &Global, resume: &Resume) -> Outcome {
    let session = Session::open(global).await?;
    let project = session.project()?;
    match command {
        SnapshotsCommand::List { cluster, listing } => read::list(&project.cluster(cluster)?, listing, &session).await,
        SnapshotsCommand::Get { cluster, snapshot } => read::get(&project.cluster(cluster)?, &snapshot, &session).await,
        SnapshotsCommand::Take(take) => take::take(take, &session, resume).await,
        SnapshotsCommand::Wait { cluster, snapshot, patience } => {
            take::resume(&project.cluster(cluster)?, snapshot.try_into()?, patience, &session, resume).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("60"), Err("say the unit: 60s, 60m or 60h".to_owned()));
        for nonsense in ["", "soon", "-1m", "0s"] {
            assert!(duration(nonsense).is_err(), "{nonsense}");
        }
    }
}
