//! The steps of a drill, from the first change to the verification.
//!
//! Each started job is recorded in [`StartedWork`] before it is awaited, so the teardown finds it wherever the steps
//! end.

use std::time::Duration;

use atlas_backup::{AnyRestore, StateWords};
use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::{
    drill::{
        archive,
        context::Drill,
        login,
        plan::{Destination, Plan},
        record::{Method, TargetCluster},
        scratch::{ClusterStatus, NewScratchCluster, ScratchCluster},
        verify,
    },
    ui::exit::Outcome,
};

/// Runs the steps.
///
/// # Errors
/// The data was not restored. Wrong data is a failed check, not an error.
pub(super) async fn run(drill: &Drill<'_>) -> Outcome {
    let begun = Instant::now();
    let record_recovery_time = |elapsed: Duration| {
        drill.log.update(|evidence| evidence.recovery_time.set_achieved(elapsed.as_secs_f64()));
    };
    let (current, finished) = match &drill.plan.into {
        Destination::Folder { within } => {
            let unpacked = archive::recover(drill, within).await?;
            record_recovery_time(begun.elapsed());
            return verify::archive(drill, &unpacked).await;
        }
        Destination::Created { target, new_cluster } => {
            create(drill, target, new_cluster.clone()).await?;
            restore(drill, target).await?
        }
        Destination::Existing { target } => restore(drill, target).await?,
    };
    record_recovery_time(begun.elapsed());
    let login = match drill.plan.login.as_ref().zip(drill.plan.into.target()) {
        Some((planned, target)) => Some(login::create(drill, planned, target, finished).await?),
        None => None,
    };
    verify::cluster(drill, &current, login.as_ref()).await
}

async fn create(drill: &Drill<'_>, target: &ScratchCluster, new_cluster: NewScratchCluster) -> Outcome {
    drill.log.begin_step("create");
    let project = drill.session.client().project(target.project())?;
    let id = drill.started.cluster.send(new_cluster.create(project), |_| ()).await?;
    if let Some(id) = id {
        drill.log.add_id("cluster", id);
    }
    let wait = drill.step_wait(format!("cluster {}", target.name()), StateWords::CLUSTER.steps());
    target.wait_idle(&wait).await?;
    drill.finish_step("create", Some(format!("cluster {}", target.name())));
    Ok(())
}

/// Restores into the target. Returns its state, and when the restore finished by the clock of the service, which may be
/// the clock of an emulator.
async fn restore(drill: &Drill<'_>, target: &ScratchCluster) -> Outcome<(ClusterStatus, DateTime<Utc>)> {
    drill.log.begin_step("restore");
    let (source, snapshot) = (drill.plan.cluster.clone(), drill.plan.snapshot.id.clone());
    let (over, is_dedicated) = (target.cluster.clone(), target.is_dedicated());
    let request = async move {
        Ok(match is_dedicated {
            true => source.dedicated().restores().automated(snapshot.as_str(), &over.dedicated()).await?.into(),
            false => AnyRestore::from(source.flex().restores().create(snapshot.as_str(), &over.flex()).await?),
        })
    };
    let job = drill.started.restore.send(request, |job: &AnyRestore| job.id().clone()).await?;
    drill.log.add_id("restoreJob", job.id());
    if let Some(version) = job.meta().version() {
        drill.log.add_id("apiVersion", version);
    }
    let wait = drill.step_wait(format!("restore job {}", job.id()), job.state_words().steps());
    let job = wait.run(drill.plan.cluster.wait_restore(job.id()), AnyRestore::state_word).await?;
    let finished = job.finished_at().unwrap_or_else(|| drill.session.now());
    drill.started.restored.replace(true);
    drill.finish_step("restore", None);
    drill.check(Method::Restore, "the restore job succeeds", "it succeeded", true);

    drill.log.begin_step("ready");
    let wait = drill.step_wait(format!("cluster {}", target.name()), StateWords::CLUSTER.steps());
    let current = target.wait_idle(&wait).await?;
    drill.finish_step("ready", None);
    drill.check(Method::Restore, format!("{} is IDLE after the restore", target.name()), "it is", true);
    Ok((current, finished))
}

/// The target cluster, for the record.
pub(super) fn target_of(plan: &Plan) -> Option<TargetCluster> {
    plan.into.target().map(|target| TargetCluster {
        project_id: target.project().to_owned(),
        project: plan.target_project.clone(),
        cluster: target.name().to_owned(),
        created: matches!(plan.into, Destination::Created { .. }),
    })
}
