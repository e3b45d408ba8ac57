//! Deletes the resources that a drill created, however it ended.
//!
//! The teardown deletes nothing else: a cluster only if the service reports this drill's tag at that moment. Possible
//! leftovers are recorded with their delete command before anything else happens, so an interruption cannot lose them.

use std::{io, path::Path, time::Duration};

use atlas_backup::ErrorKind;
use tokio::time::{Instant, sleep};

use crate::{
    drill::{
        context::Drill,
        login,
        plan::Destination,
        record::{Leftover, StepOutcome},
        requests::RequestState,
        scratch::ScratchCluster,
        watch::StepWait,
    },
    ui::{
        exit::{Failure, Outcome},
        hints::{Command, shell_quote},
    },
};

/// Maximum duration of the teardown.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Number of attempts to delete the folder: dropped work may still write into it.
const REMOVE_ATTEMPTS: usize = 20;
/// Delay between these attempts.
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// Deletes all resources of the drill. The record lists those that could not be deleted.
///
/// # Errors
/// A resource could not be deleted.
pub(super) async fn run(drill: &Drill<'_>) -> Outcome {
    let login = login::remove(drill).await;
    let rest = match &drill.plan.into {
        Destination::Folder { .. } => folder(drill).await,
        Destination::Existing { target } => existing(drill, target).await,
        Destination::Created { target, .. } => created(drill, target).await,
    };
    login.and(rest)
}

/// Possible leftovers if the teardown never runs.
pub(super) fn expected(drill: &Drill<'_>) -> Vec<Leftover> {
    let left = match &drill.plan.into {
        Destination::Folder { .. } => None,
        Destination::Existing { target } => Some(Leftover { what: unfinished_restore(target), command: None }),
        Destination::Created { target, .. } => {
            Some(Leftover { what: possible_cluster(drill, target), command: Some(delete_command(drill, target)) })
        }
    };
    login::expected(drill).into_iter().chain(left).collect()
}

fn cluster_label(target: &ScratchCluster) -> String {
    format!("cluster {} of project {}", target.name(), target.project())
}

fn unfinished_restore(target: &ScratchCluster) -> String {
    format!("{} may hold incomplete data: its restore did not finish", cluster_label(target))
}

fn possible_cluster(drill: &Drill<'_>, target: &ScratchCluster) -> String {
    format!("{}, if it exists and has the tag {}", cluster_label(target), ScratchCluster::tag(&drill.plan.drill_id))
}

/// Runs `work` as the teardown step.
async fn step(drill: &Drill<'_>, work: impl Future<Output = Outcome<Option<String>>>) -> Outcome {
    drill.log.begin_step("teardown");
    match work.await {
        Ok(detail) => {
            drill.finish_step("teardown", detail);
            Ok(())
        }
        Err(failure) => {
            drill.log.end_step(StepOutcome::Failed, Some(failure.to_string()));
            Err(failure)
        }
    }
}

/// Keeps an existing target cluster, with its current data.
async fn existing(drill: &Drill<'_>, target: &ScratchCluster) -> Outcome {
    if !drill.started.restore.was_sent() {
        return Ok(());
    }
    if *drill.started.restored.borrow() {
        add_leftover(drill, format!("{} holds the data of the snapshot", cluster_label(target)), None);
        return Ok(());
    }
    let anything = unfinished_restore(target);
    add_leftover(drill, anything.clone(), None);
    drill.started.work.finished().await;
    match drill.started.restore.state().await {
        // The service does not cancel a restore into a cluster.
        Some(RequestState::Done(job)) => {
            let wait = Command::new("restores wait").arg(drill.plan.cluster.name()).arg(job);
            let wait = wait.hint(" waits for it").preceded_by(format_args!("{anything}; "));
            replace_leftover(drill, drill.session.render(&wait), None);
        }
        Some(RequestState::Refused) => remove_leftover(drill),
        _ => replace_leftover(drill, format!("{anything}; its state is unknown"), None),
    }
    Ok(())
}

/// Deletes the cluster that the drill created.
async fn created(drill: &Drill<'_>, target: &ScratchCluster) -> Outcome {
    if !drill.started.cluster.was_sent() {
        return Ok(());
    }
    let (cluster, command) = (cluster_label(target), Some(delete_command(drill, target)));
    add_leftover(drill, possible_cluster(drill, target), command.clone());
    let (keep, absent) =
        (drill.command.keep, || Ok(Some(format!("cluster {} of this drill does not exist", target.name()))));
    let work = async {
        drill.started.work.finished().await;
        let state = drill.started.cluster.state().await;
        match target.get().await {
            Ok(current) if current.has_tag_of(&drill.plan.drill_id) => {
                replace_leftover(drill, cluster.clone(), command.clone())
            }
            // Another cluster with the planned name, not created by this drill.
            Ok(_) => {
                remove_leftover(drill);
                return absent();
            }
            Err(error) if error.kind() == ErrorKind::NotFound && matches!(state, Some(RequestState::Unknown)) => {
                let what = format!("{cluster}, which was requested and may still be created");
                replace_leftover(drill, what, command);
                return absent();
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                remove_leftover(drill);
                return absent();
            }
            Err(error) => return Err(error.into()),
        }
        if keep {
            return Ok(None);
        }
        delete(target).await?;
        replace_leftover(drill, format!("{cluster}, which is being deleted"), command);
        let until = Instant::now() + TIMEOUT;
        let wait = StepWait {
            session: drill.session,
            what: format!("cluster {}", target.name()),
            states: &["DELETING"],
            until,
        };
        target.wait_deleted(&wait).await?;
        remove_leftover(drill);
        Ok(Some(format!("deleted cluster {}", target.name())))
    };
    if keep { work.await.map(drop) } else { step(drill, work).await }
}

/// Deletes the cluster. Accepts that it is already being deleted or is gone.
async fn delete(target: &ScratchCluster) -> Outcome {
    let Err(error) = target.delete().await else { return Ok(()) };
    match target.get().await {
        Ok(current) if current.is_deleting() => Ok(()),
        Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(()),
        _ => Err(error.into()),
    }
}

async fn folder(drill: &Drill<'_>) -> Outcome {
    let Some(folder) = drill.started.folder.take() else { return Ok(()) };
    // From here on, the folder is deleted explicitly.
    let path = folder.keep();
    add_leftover(
        drill,
        format!("folder {}", path.display()),
        Some(format!("rm -r {}", shell_quote(&path.display().to_string()))),
    );
    if drill.command.keep {
        drill.started.work.finished().await;
        return Ok(());
    }
    let work = async {
        // Running work would recreate the folder.
        drill.started.work.finished().await;
        let failed = |source| Failure::local(format!("cannot delete {}", path.display()), source);
        remove(&path).await.map_err(failed)?;
        remove_leftover(drill);
        Ok(None)
    };
    step(drill, work).await
}

async fn remove(folder: &Path) -> io::Result<()> {
    for _ in 1..REMOVE_ATTEMPTS {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => sleep(RETRY_DELAY).await,
            other => return other,
        }
    }
    std::fs::remove_dir_all(folder)
}

fn delete_command(drill: &Drill<'_>, target: &ScratchCluster) -> String {
    drill.session.render_command(&target.delete_command())
}

pub(super) fn add_leftover(drill: &Drill<'_>, what: String, command: Option<String>) {
    drill.log.update(|evidence| evidence.left.push(Leftover { what, command }));
}

/// Replaces the last leftover.
fn replace_leftover(drill: &Drill<'_>, what: String, command: Option<String>) {
    remove_leftover(drill);
    add_leftover(drill, what, command);
}

/// Removes the last leftover.
fn remove_leftover(drill: &Drill<'_>) {
    drill.log.update(|evidence| {
        evidence.left.pop();
    });
}
