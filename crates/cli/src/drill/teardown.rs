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
        current::Drill,
        plan::Destination,
        record::{Left, StepOutcome},
        scratch::Scratch,
        started::RequestState,
        watch::Watch,
    },
    ui::{
        exit::{Failure, Outcome},
        hints::{Command, shell_word},
    },
};

/// How long taking everything away may last.
pub(super) const TIME: Duration = Duration::from_secs(30 * 60);
/// How often a folder is tried, and how long apart: what was dropped may be writing its last into it.
const TRIES: usize = 20;
const APART: Duration = Duration::from_millis(50);

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
pub(super) fn expected(drill: &Drill<'_>) -> Vec<Left> {
    let left = match &drill.plan.into {
        Destination::Folder { .. } => None,
        Destination::Existing { target } => Some(Left { what: unfinished(target), command: None }),
        Destination::Created { target, .. } => {
            Some(Left { what: unseen(drill, target), command: Some(delete_command(drill, target)) })
        }
    };
    left.into_iter().collect()
}

fn named(target: &Scratch) -> String {
    format!("cluster {} of project {}", target.name(), target.project())
}

fn unfinished(target: &Scratch) -> String {
    format!("{} may hold anything: its restore was not finished", named(target))
}

fn unseen(drill: &Drill<'_>, target: &Scratch) -> String {
    format!("{}, if it is there and has the tag {}", named(target), Scratch::tag(&drill.plan.drill_id))
}

/// A step of its own. What is left at its end is in the record.
async fn step(drill: &Drill<'_>, work: impl Future<Output = Outcome<Option<String>>>) -> Outcome {
    drill.log.step("teardown");
    match work.await {
        Ok(detail) => {
            drill.done("teardown", detail);
            Ok(())
        }
        Err(failure) => {
            drill.log.close(StepOutcome::Failed, Some(failure.to_string()));
            Err(failure)
        }
    }
}

/// A cluster that was there stays, with whatever is in it now.
async fn existing(drill: &Drill<'_>, target: &Scratch) -> Outcome {
    if !drill.started.restore.was_sent() {
        return Ok(());
    }
    if *drill.started.restored.borrow() {
        leave(drill, format!("{} holds the data of the snapshot", named(target)), None);
        return Ok(());
    }
    let anything = unfinished(target);
    leave(drill, anything.clone(), None);
    drill.started.work.finished().await;
    match drill.started.restore.state().await {
        Some(RequestState::Done(_)) if cancelled(drill).await => {
            restate(drill, format!("{anything}, and was cancelled"), None)
        }
        Some(RequestState::Done(job)) => {
            let wait = Command::new("restores wait").arg(drill.plan.cluster.name()).arg(job);
            let wait = wait.hint(" tells when it is over").preceded_by(format_args!("{anything}; "));
            restate(drill, drill.session.render(&wait), None);
        }
        Some(RequestState::Refused) => unleave(drill),
        _ => restate(drill, format!("{anything}, and whether it goes on is not known"), None),
    }
    Ok(())
}

/// Cancels a restore that is under way, if that can be; of a flex cluster none can.
async fn cancelled(drill: &Drill<'_>) -> bool {
    match (drill.started.restore.state().await, drill.plan.into.target()) {
        (Some(RequestState::Done(job)), Some(target)) if target.is_dedicated() && !*drill.started.restored.borrow() => {
            drill.plan.cluster.dedicated().restores().cancel(&job).await.is_ok()
        }
        _ => false,
    }
}

/// A cluster of the drill's own goes.
async fn created(drill: &Drill<'_>, target: &Scratch) -> Outcome {
    if !drill.started.cluster.was_sent() {
        return Ok(());
    }
    let (cluster, command) = (named(target), Some(delete_command(drill, target)));
    leave(drill, unseen(drill, target), command.clone());
    let (keep, gone) =
        (drill.command.keep, || Ok(Some(format!("there is no cluster {} of this drill", target.name()))));
    let work = async {
        drill.started.work.finished().await;
        let state = drill.started.cluster.state().await;
        match target.see().await {
            Ok(seen) if seen.is_of(&drill.plan.drill_id) => restate(drill, cluster.clone(), command.clone()),
            // Somebody else's, under the name that ours was to have.
            Ok(_) => {
                unleave(drill);
                return gone();
            }
            Err(error) if error.kind() == ErrorKind::NotFound && matches!(state, Some(RequestState::Unknown)) => {
                let what = format!("{cluster}, which is not there but was asked for, and may be yet");
                restate(drill, what, command);
                return gone();
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                unleave(drill);
                return gone();
            }
            Err(error) => return Err(error.into()),
        }
        if keep {
            return Ok(None);
        }
        let _over = cancelled(drill).await;
        delete(target).await?;
        restate(drill, format!("{cluster}, which is being deleted"), command);
        let until = Instant::now() + TIME;
        let watch =
            Watch { session: drill.session, what: format!("cluster {}", target.name()), states: &["DELETING"], until };
        target.wait_gone(&watch).await?;
        unleave(drill);
        Ok(Some(format!("cluster {} is deleted", target.name())))
    };
    if keep { work.await.map(drop) } else { step(drill, work).await }
}

/// Has it deleted, also where somebody was quicker or an earlier answer was lost.
async fn delete(target: &Scratch) -> Outcome {
    let Err(error) = target.delete().await else { return Ok(()) };
    match target.see().await {
        Ok(seen) if seen.is_deleting() => Ok(()),
        Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(()),
        _ => Err(error.into()),
    }
}

async fn folder(drill: &Drill<'_>) -> Outcome {
    let Some(folder) = drill.started.folder.take() else { return Ok(()) };
    // From here on it goes when the record says that it does.
    let path = folder.keep();
    leave(
        drill,
        format!("folder {}", path.display()),
        Some(format!("rm -r {}", shell_word(&path.display().to_string()))),
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
        unleave(drill);
        Ok(None)
    };
    step(drill, work).await
}

async fn remove(folder: &Path) -> io::Result<()> {
    for _ in 1..TRIES {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => sleep(APART).await,
            other => return other,
        }
    }
    std::fs::remove_dir_all(folder)
}

fn delete_command(drill: &Drill<'_>, target: &Scratch) -> String {
    drill.session.render_command(&target.delete_command())
}

fn leave(drill: &Drill<'_>, what: String, command: Option<String>) {
    drill.log.note(|evidence| evidence.left.push(Left { what, command }));
}

/// Says better what was noted last.
fn restate(drill: &Drill<'_>, what: String, command: Option<String>) {
    unleave(drill);
    leave(drill, what, command);
}

/// What was noted last is gone.
fn unleave(drill: &Drill<'_>) {
    drill.log.note(|evidence| {
        evidence.left.pop();
    });
}
