//! Restore jobs of every cluster kind: start, find and wait for them; their columns.
//!
//! A restore into a cluster overwrites its data, so the user confirms with the name of the target. A download changes
//! no cluster. For a flex cluster it uses the flex download, never a restore over the target.

use std::time::Instant;

use atlas_backup::{AnyClusterHandle, AnyRestore, Cluster, ClusterKind, OnPollError, StateWords};

use super::{
    confirmation::Confirmation,
    session::Session,
    targets::{ClusterArg, ClusterItemArgs, SnapshotFlag, Target},
    wait::{Job, StartedJob, Timeout, WaitFlags},
};
use crate::ui::{
    exit::{Failure, Outcome},
    hints::Command,
    output::columns::{Cell, Column, Document},
};

impl Document for AnyRestore {
    const PLURAL: &'static str = "restore jobs";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |job, _| Cell::text(Some(job.id()))),
        Column::new("STATE", |job, _| Cell::state(job.state_word())),
        Column::new("TYPE", |job, _| Cell::text(job.delivery_type())),
        Column::new("SNAPSHOT", |job, _| Cell::text(job.snapshot_id())),
        Column::new("TARGET", |job, _| Cell::text(job.target_cluster())),
        Column::new("SNAPSHOT TAKEN", |job, now| Cell::time(job.snapshot_taken_at(), now)),
        Column::new("FINISHED", |job, now| Cell::time(job.finished_at(), now)),
        Column::detail("POINT IN TIME", |job, now| Cell::time(job.point_in_time(), now)),
        Column::detail("TARGET PROJECT", |job, _| Cell::text(job.target_project())),
        Column::detail("DOWNLOAD", |job, _| Cell::list(Some(job.delivery_urls()))),
        Column::detail("EXPIRES", |job, now| Cell::time(job.expires_at(), now)),
    ];
}

/// Starts a restore of a snapshot into a cluster, and waits for it if `wait` is set.
pub(crate) async fn automated(
    cluster: ClusterArg,
    snapshot: SnapshotFlag,
    target: Target,
    confirmation: Confirmation,
    wait: WaitFlags,
    session: &Session,
) -> Outcome {
    let (source, id) = (cluster.find(session)?, snapshot.snapshot);
    let over = target.cluster(&source, session)?;
    confirm(confirmation, &format!("Restore snapshot {id} of {}", source.name()), &over, session).await?;
    let job = match source.of_any_kind().kind().await? {
        ClusterKind::Flex => {
            let (from, over) = (source.of_any_kind().flex(), over.of_any_kind().flex());
            from.restores().create(id.as_str(), &over).await?.into()
        }
        _ => AnyRestore::from(source.restores().automated(id.as_str(), &over).await?),
    };
    started(&source, &job).print(&job, wait, session).await
}

/// Starts a download job of a snapshot.
pub(crate) async fn prepare(cluster: &Cluster, id: &str) -> Outcome<AnyRestore> {
    Ok((*cluster.of_any_kind().download_snapshot(id).await?).clone())
}

/// Asks to confirm that a restore overwrites the data of a cluster.
pub(crate) async fn confirm(confirmation: Confirmation, action: &str, over: &Cluster, session: &Session) -> Outcome {
    let action =
        format!("{action} into cluster {} of project {}; this overwrites its data", over.name(), over.project_id());
    confirmation.ask(&action, over.name().as_str(), session).await
}

/// Waits for a restore job by ID and prints it.
pub(crate) async fn wait_for(job: ClusterItemArgs, timeout: Timeout, session: &Session) -> Outcome {
    let (cluster, id) = job.find(session)?;
    let (handle, begun) = (cluster.of_any_kind().with_timeout(timeout.timeout), Instant::now());
    let job = match handle.restore(&id).await {
        Ok(job) => started(&cluster, &job),
        Err(error) if OnPollError::of(&error) == OnPollError::EndWait => return Err(not_found(error, &handle)),
        // The wait polls through what passes.
        Err(_) => Job::of_cluster("restore job", "restores", &cluster, &id, StateWords::RESTORE, "start another")
            .with_wait(cluster.of_any_kind().wait_restore(&id), AnyRestore::state_word),
    };
    job.wait_and_print(timeout.since(begun), session).await
}

/// A started restore job with its wait.
pub(crate) fn started(cluster: &Cluster, job: &AnyRestore) -> StartedJob<AnyRestore> {
    let remedy = match job.is_download() {
        true => "start another restore",
        false => "the target may hold incomplete data; start another restore",
    };
    let wait = cluster.of_any_kind().wait_restore(job.id());
    Job::of_cluster("restore job", "restores", cluster, job.id(), job.state_words(), remedy)
        .with_wait(wait, AnyRestore::state_word)
}

/// Gets one restore job.
pub(crate) async fn get(cluster: &AnyClusterHandle, id: &str) -> Outcome<AnyRestore> {
    cluster.restore(id).await.map_err(|error| not_found(error, cluster))
}

fn not_found(error: atlas_backup::Error, cluster: &AnyClusterHandle) -> Failure {
    Failure::not_found(error, Command::new("restores list").arg(cluster.name()))
}
