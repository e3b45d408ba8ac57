//! Taking away what a drill has made, however it ended.
//!
//! Nothing is deleted that the drill has not created: a cluster goes only if the service says, at that moment, that it
//! carries this drill's tag. What can't be taken away stands in the record with the command that does it, noted before the
//! attempt, so that no interruption can lose it.

use std::time::Duration;

use atlas_backup::ErrorKind;
use tokio::time::{Instant, timeout};

use super::{
    plan::Destination,
    record::{Left, StepOutcome},
    scratch::Scratch,
    steps::{Drill, cancel},
    watch::Watch,
};
use crate::exit::Outcome;

/// How long taking everything away may last.
pub(super) const TIME: Duration = Duration::from_secs(30 * 60);
/// How long the answer to a creation is waited for.
const ANSWER: Duration = Duration::from_secs(90);

/// Takes everything away that can be; what can't is in the record then.
///
/// # Errors
/// Something could not be taken away.
pub(super) async fn run(drill: &Drill<'_>) -> Outcome {
    let unfinished = drill.made.restoring.borrow().clone();
    if let (Some(Some(job)), Some(Scratch::Dedicated(_))) = (&unfinished, drill.plan.into.target()) {
        cancel(&drill.plan.cluster, job).await;
    }
    match &drill.plan.into {
        Destination::Folder { .. } => folder(drill),
        Destination::Existing { target } => {
            let (name, project) = (target.name(), target.project());
            if unfinished.is_some() {
                leave(
                    drill,
                    format!("cluster {name} of project {project} may hold anything: its restore was not finished"),
                    None,
                );
            } else if *drill.made.restored.borrow() {
                leave(drill, format!("cluster {name} of project {project} holds the data of the snapshot"), None);
            }
            Ok(())
        }
        Destination::Created { target, .. } => created(drill, target).await,
    }
}

async fn created(drill: &Drill<'_>, target: &Scratch) -> Outcome {
    let creation = drill.made.creation.borrow().clone();
    let Some(mut creation) = creation else { return Ok(()) };
    let (name, project) = (target.name(), target.project());
    leave(drill, format!("cluster {name} of project {project}"), Some(target.delete_command()));
    let _answered = timeout(ANSWER, creation.wait_for(|over| *over)).await;
    match target.see().await {
        Ok(seen) if seen.is_of(&drill.plan.drill_id) => {}
        // Somebody else's, under the name that ours was to have.
        Ok(_) => return unleave(drill),
        Err(error) if error.kind() == ErrorKind::NotFound => return unleave(drill),
        Err(error) => return Err(error.into()),
    }
    if drill.command.keep {
        return Ok(());
    }
    drill.log.step("teardown");
    let outcome = delete(drill, target).await;
    match &outcome {
        Ok(()) => {
            drill.done("teardown", Some(format!("cluster {name} is deleted")));
            unleave(drill)
        }
        Err(failure) => {
            drill.log.close(StepOutcome::Failed, Some(failure.to_string()));
            outcome
        }
    }
}

async fn delete(drill: &Drill<'_>, target: &Scratch) -> Outcome {
    target.delete().await?;
    let (name, project) = (target.name(), target.project());
    unleave(drill)?;
    leave(drill, format!("cluster {name} of project {project}, which is being deleted"), Some(target.delete_command()));
    let until = Instant::now() + TIME;
    target
        .wait_gone(&Watch { session: drill.session, what: format!("cluster {name}"), states: &["DELETING"], until })
        .await
}

fn folder(drill: &Drill<'_>) -> Outcome {
    let Some(folder) = drill.made.folder.take() else { return Ok(()) };
    let path = folder.path().display().to_string();
    let command = format!("rm -r {}", shell_word(&path));
    if drill.command.keep {
        leave(drill, format!("folder {}", folder.keep().display()), Some(command));
        return Ok(());
    }
    drill.log.step("teardown");
    match folder.close() {
        Ok(()) => {
            drill.done("teardown", None);
            Ok(())
        }
        Err(error) => {
            drill.log.close(StepOutcome::Failed, Some(error.to_string()));
            leave(drill, format!("folder {path}"), Some(command));
            Err(error.into())
        }
    }
}

/// A path as a shell takes it.
fn shell_word(path: &str) -> String {
    match path.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c)) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

fn leave(drill: &Drill<'_>, what: String, command: Option<String>) {
    drill.log.note(|evidence| evidence.left.push(Left { what, command }));
}

/// What was noted last is gone.
fn unleave(drill: &Drill<'_>) -> Outcome {
    drill.log.note(|evidence| {
        evidence.left.pop();
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_removes_a_folder_names_that_folder_and_nothing_else() {
        assert_eq!(shell_word("/tmp/atlas-backup-drill-x1"), "/tmp/atlas-backup-drill-x1");
        assert_eq!(shell_word("/a b/c'd; rm -rf ~"), r"'/a b/c'\''d; rm -rf ~'");
    }
}
