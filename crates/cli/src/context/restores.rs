//! Restore jobs of every cluster kind: start, find and wait for them; their columns.
//!
//! A restore into a cluster overwrites its data, so the user confirms with the name of the target. A download changes
//! no cluster. For a flex cluster it uses the flex download, never a restore over the target.

use std::time::Instant;

use atlas_backup::{
    AnyCluster, AnyClusterHandle, AnyRestore, AnySnapshot, Cluster, ClusterKind, OnPollError, StateWords,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

use super::{
    confirmation::Confirmation,
    session::Session,
    snapshots,
    targets::{ClusterArg, ClusterItemArgs, SnapshotFlag, Target},
    wait::{Job, StartedJob, Timeout, WaitFlags},
};
use crate::ui::{
    exit::{Exit, Failure, Outcome},
    hints::Command,
    output::columns::{Cell, Column, Document, relative},
};

impl Document for AnyRestore {
    const PLURAL: &'static str = "restore jobs";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |job, _| Cell::text(Some(job.id()))),
        Column::new("STATE", |job, _| Cell::state(job.state_word())),
        Column::new("TYPE", |job, _| Cell::text(job.delivery_type())),
        Column::reference("SNAPSHOT", |job, _| Cell::text(job.snapshot_id())),
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
    let source = cluster.find(session)?;
    let id = snapshots::find_id(&source, snapshot.snapshot).await?;
    let over = target.cluster(&source, session).await?;
    let list = Command::new("snapshots list").arg(source.name());
    // Only the question needs the snapshot; the service refuses an unknown one itself.
    let taken = match confirmation.is_given() && !session.client().is_dry_run() {
        true => None,
        false => {
            let snapshot = source.of_any_kind().snapshot(id.as_str()).await;
            let snapshot = snapshot.map_err(|error| Failure::not_found(error, list.clone()))?;
            snapshot.completed_at().map(|time| format!(", taken {},", relative(time, session.now())))
        }
    };
    let action = format!("Restore snapshot {id} of {}{}", source.name(), taken.unwrap_or_default());
    confirm(confirmation, &action, &source, &over, session).await?;
    let job = match source.of_any_kind().kind().await? {
        ClusterKind::Flex => {
            let (from, over) = (source.of_any_kind().flex(), over.of_any_kind().flex());
            from.restores().create(id.as_str(), &over).await.map(AnyRestore::from)
        }
        _ => source.restores().automated(id.as_str(), &over).await.map(AnyRestore::from),
    };
    let job = job.map_err(|error| Failure::not_found(error, list).of_start(list_of(&source)))?;
    started(&source, &job).print(&job, wait, session).await
}

/// The command that lists the restore jobs of a cluster.
fn list_of(cluster: &Cluster) -> Command {
    Command::new("restores list").arg(cluster.name())
}

/// Starts a download job of a snapshot.
pub(crate) async fn prepare(cluster: &Cluster, id: &str) -> Outcome<AnyRestore> {
    let started = cluster.of_any_kind().download_snapshot(id).await;
    let job = started.map_err(|error| Failure::from(error).of_start(list_of(cluster)))?;
    Ok((*job).clone())
}

/// Codes of the service for a point in time that cannot be restored.
const OUTSIDE_WINDOW: [&str; 2] = ["INVALID_PIT_RESTORE_TIME", "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME"];

/// The failure of a restore of a point in time. If the service does not accept the point in time, the hint names the
/// window of the cluster.
pub(crate) async fn with_window(error: atlas_backup::Error, source: &Cluster, session: &Session) -> Failure {
    if !error.code().is_some_and(|code| OUTSIDE_WINDOW.contains(&code.as_str())) {
        return Failure::from(error).of_start(list_of(source));
    }
    // The window explains the error; a failure to read it must not hide the error.
    let days = source.schedule().get().await.ok().and_then(|schedule| schedule.restore_window_days);
    let snapshots = source.of_any_kind().snapshots().all().await.unwrap_or_default();
    let oldest = snapshots.iter().filter_map(AnySnapshot::completed_at).min();
    let window = days.and_then(TimeDelta::try_days).map(|days| session.now() - days);
    let Some(start) = window.max(oldest) else { return error.into() };
    let length = days.map(|days| format!(" (the restore window is {days} days)")).unwrap_or_default();
    let start = start.to_rfc3339_opts(SecondsFormat::Secs, true);
    let hint = format!("points in time from {start} to now can be restored{length}");
    Failure::from(error).with_hint(|_| Some(hint.into()))
}

/// Looks up the target of a restore and asks to confirm that the restore overwrites its data.
///
/// # Errors
/// The target does not exist or is not ready, or the user did not confirm.
pub(crate) async fn confirm(
    confirmation: Confirmation,
    action: &str,
    source: &Cluster,
    over: &Cluster,
    session: &Session,
) -> Outcome {
    let project = session.client().project(over.project_id().as_str())?;
    let target = over.of_any_kind().get().await?;
    // Its name is for the question only.
    let project_name = project.get().await.ok().and_then(|project| project.name.clone());
    let described = describe_target(&target, session.now());
    let state = target.state_word().unwrap_or("in an unknown state");
    if target.is_paused() || state != "IDLE" {
        let state = if target.is_paused() { "paused" } else { state };
        return Err(Failure::Status {
            exit: Exit::Other,
            message: format!(
                "cannot restore into cluster {}: it is {state}, and the service requires IDLE",
                over.name()
            ),
            hint: Some("resume the cluster or wait for its change, then try again".into()),
        });
    }
    let itself = over.name() == source.name() && over.project_id() == source.project_id();
    let itself = if itself { ", the source itself" } else { "" };
    let action = format!(
        "{action} into cluster {} of project {} ({}){itself}; this overwrites its data: {described}",
        over.name(),
        project_name.as_deref().unwrap_or("without a known name"),
        over.project_id(),
    );
    confirmation.ask(&action, over.name().as_str(), session).await
}

/// What a restore overwrites: `replica set, M10 in US_EAST_1, MongoDB 8.0.4, 10 GB, created 3 months ago`.
fn describe_target(target: &AnyCluster, now: DateTime<Utc>) -> String {
    let kind = match target.kind() {
        ClusterKind::Flex => "flex cluster",
        ClusterKind::Sharded => "sharded cluster",
        _ => "replica set",
    };
    // The path of each fact depends on the kind, so read it from the document.
    let document = serde_json::to_value(target).unwrap_or_default();
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    let region = "/replicationSpecs/0/regionConfigs/0";
    let tier = text(&format!("{region}/electableSpecs/instanceSize"));
    let place = text(&format!("{region}/regionName")).or_else(|| text("/providerSettings/regionName"));
    let size = match (tier, place) {
        (Some(tier), Some(place)) => Some(format!("{tier} in {place}")),
        (tier, place) => tier.or(place).map(str::to_owned),
    };
    let version = target.mongodb_version().map(|version| format!("MongoDB {version}"));
    let created = target.created_at().map(|time| format!("created {}", relative(time, now)));
    let protected = target.termination_protection_enabled() == Some(true);
    let protected = protected.then(|| "termination protection on".to_owned());
    [Some(kind.to_owned()), size, version, created, protected].into_iter().flatten().collect::<Vec<_>>().join(", ")
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
