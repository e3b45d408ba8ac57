//! Taking away what a drill has made, however it ended.
//!
//! Nothing is deleted that the drill has not created: a cluster goes only if the service says, at that moment, that it
//! carries this drill's tag. What may be left stands in the record before anything else is done, with the command that
//! takes it away, so that no interruption can lose it.

use std::{io, path::Path, time::Duration};

use atlas_backup::ErrorKind;
use tokio::time::{Instant, sleep};

use crate::{
    drill::{
        context::Drill,
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

/// How long taking everything away may last.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// How often a folder is tried, and how long apart: what was dropped may be writing its last into it.
const REMOVE_ATTEMPTS: usize = 20;
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// Takes everything away that can be; what can't is in the record then.
///
/// # Errors
/// Something could not be taken away.
pub(super) async fn run(drill: &Drill<'_>) -> Outcome {
    match &drill.plan.into {
        Destination::Folder { .. } => folder(drill).await,
        Destination::Existing { target } => existing(drill, target).await,
        Destination::Created { target, .. } => created(drill, target).await,
    }
}

/// What there may be to take away if this never runs.
pub(super) fn expected(drill: &Drill<'_>) -> Vec<Leftover> {
    let left = match &drill.plan.into {
        Destination::Folder { .. } => None,
        Destination::Existing { target } => Some(Leftover { what: unfinished_restore(target), command: None }),
        Destination::Created { target, .. } => {
            Some(Leftover { what: possible_cluster(drill, target), command: Some(delete_command(drill, target)) })
        }
    };
    left.into_iter().collect()
}

fn cluster_label(target: &ScratchCluster) -> String {
    format!("cluster {} of project {}", target.name(), target.project())
}

fn unfinished_restore(target: &ScratchCluster) -> String {
    format!("{} may hold anything: its restore was not finished", cluster_label(target))
}

fn possible_cluster(drill: &Drill<'_>, target: &ScratchCluster) -> String {
    format!("{}, if it is there and has the tag {}", cluster_label(target), ScratchCluster::tag(&drill.plan.drill_id))
}

/// A step of its own. What is left at its end is in the record.
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

/// A cluster that was there stays, with whatever is in it now.
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
        Some(RequestState::Done(_)) if cancel_restore(drill).await => {
            replace_leftover(drill, format!("{anything}, and was cancelled"), None)
        }
        Some(RequestState::Done(job)) => {
            let wait = Command::new("restores wait").arg(drill.plan.cluster.name()).arg(job);
            let wait = wait.hint(" tells when it is over").preceded_by(format_args!("{anything}; "));
            replace_leftover(drill, drill.session.render(&wait), None);
        }
        Some(RequestState::Refused) => remove_leftover(drill),
        _ => replace_leftover(drill, format!("{anything}, and whether it goes on is not known"), None),
    }
    Ok(())
}

/// Cancels a restore that is under way, if that can be; of a flex cluster none can.
async fn cancel_restore(drill: &Drill<'_>) -> bool {
    match (drill.started.restore.state().await, drill.plan.into.target()) {
        (Some(RequestState::Done(job)), Some(target)) if target.is_dedicated() && !*drill.started.restored.borrow() => {
            drill.plan.cluster.dedicated().restores().cancel(&job).await.is_ok()
        }
        _ => false,
    }
}

/// A cluster of the drill's own goes.
async fn created(drill: &Drill<'_>, target: &ScratchCluster) -> Outcome {
    if !drill.started.cluster.was_sent() {
        return Ok(());
    }
    let (cluster, command) = (cluster_label(target), Some(delete_command(drill, target)));
    add_leftover(drill, possible_cluster(drill, target), command.clone());
    let (keep, absent) =
        (drill.command.keep, || Ok(Some(format!("there is no cluster {} of this drill", target.name()))));
    let work = async {
        drill.started.work.finished().await;
        let state = drill.started.cluster.state().await;
        match target.get().await {
            Ok(current) if current.has_tag_of(&drill.plan.drill_id) => {
                replace_leftover(drill, cluster.clone(), command.clone())
            }
            // Somebody else's, under the name that ours was to have.
            Ok(_) => {
                remove_leftover(drill);
                return absent();
            }
            Err(error) if error.kind() == ErrorKind::NotFound && matches!(state, Some(RequestState::Unknown)) => {
                let what = format!("{cluster}, which is not there but was asked for, and may be yet");
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
        let _over = cancel_restore(drill).await;
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
        Ok(Some(format!("cluster {} is deleted", target.name())))
    };
    if keep { work.await.map(drop) } else { step(drill, work).await }
}

/// Has it deleted, also where somebody was quicker or an earlier answer was lost.
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
    // From here on it goes when the record says that it does.
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
        // What still writes would bring it back.
        drill.started.work.finished().await;
        let failed = |source| Failure::local(format!("{} could not be removed", path.display()), source);
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

fn add_leftover(drill: &Drill<'_>, what: String, command: Option<String>) {
    drill.log.update(|evidence| evidence.left.push(Leftover { what, command }));
}

/// Says better what was noted last.
fn replace_leftover(drill: &Drill<'_>, what: String, command: Option<String>) {
    remove_leftover(drill);
    add_leftover(drill, what, command);
}

/// What was noted last is gone.
fn remove_leftover(drill: &Drill<'_>) {
    drill.log.update(|evidence| {
        evidence.left.pop();
    });
}
