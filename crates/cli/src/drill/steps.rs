//! The steps of a drill, from the first that changes something to the last that looks at the outcome.
//!
//! Whatever is begun at the service is noted in [`Started`] before it is waited for, so that the teardown finds it wherever
//! the steps end, also when they are dropped in the middle.

use std::time::Duration;

use atlas_backup::{AnyRestore, StateWords};
use tokio::time::Instant;

use crate::{
    drill::{
        archive,
        current::Drill,
        plan::{Destination, Plan},
        record::TargetCluster,
        scratch::{ClusterStatus, NewTarget, Scratch},
        verify,
    },
    ui::exit::Outcome,
};

/// Takes the steps.
///
/// # Errors
/// The data did not come back. That it is not what it should be is no error here but a check that has not passed.
pub(super) async fn run(drill: &Drill<'_>) -> Outcome {
    let begun = Instant::now();
    let there_again = |elapsed: Duration| {
        drill.log.note(|evidence| evidence.recovery_time.reach(elapsed.as_secs_f64()));
    };
    let seen = match &drill.plan.into {
        Destination::Folder { within } => {
            let unpacked = archive::recover(drill, within).await?;
            there_again(begun.elapsed());
            return verify::archive(drill, &unpacked).await;
        }
        Destination::Created { target, wanted } => {
            create(drill, target, wanted.clone()).await?;
            restore(drill, target).await?
        }
        Destination::Existing { target } => restore(drill, target).await?,
    };
    there_again(begun.elapsed());
    verify::cluster(drill, &seen).await
}

async fn create(drill: &Drill<'_>, target: &Scratch, wanted: NewTarget) -> Outcome {
    drill.log.step("create");
    let project = drill.session.client().project(target.project())?;
    let id = drill.started.cluster.send(wanted.create(project), |_| ()).await?;
    if let Some(id) = id {
        drill.log.id("cluster", id);
    }
    let watch = drill.watch(format!("cluster {}", target.name()), StateWords::CLUSTER.steps());
    target.wait_idle(&watch).await?;
    drill.done("create", Some(format!("cluster {}", target.name())));
    Ok(())
}

async fn restore(drill: &Drill<'_>, target: &Scratch) -> Outcome<ClusterStatus> {
    drill.log.step("restore");
    let (source, snapshot) = (drill.plan.cluster.clone(), drill.plan.snapshot.id.clone());
    let (over, is_dedicated) = (target.cluster.clone(), target.is_dedicated());
    let request = async move {
        Ok(match is_dedicated {
            true => source.dedicated().restores().automated(snapshot.as_str(), &over.dedicated()).await?.into(),
            false => AnyRestore::from(source.flex().restores().create(snapshot.as_str(), &over.flex()).await?),
        })
    };
    let job = drill.started.restore.send(request, |job: &AnyRestore| job.id().clone()).await?;
    drill.log.id("restoreJob", job.id());
    if let Some(version) = job.meta().version() {
        drill.log.id("apiVersion", version);
    }
    let watch = drill.watch(format!("restore job {}", job.id()), job.state_words().steps());
    watch.on(drill.plan.cluster.wait_restore(job.id()), AnyRestore::state_word).await?;
    drill.started.restored.replace(true);
    drill.done("restore", None);
    drill.check("the restore job finishes and does not fail", "it finished", true);

    drill.log.step("ready");
    let watch = drill.watch(format!("cluster {}", target.name()), StateWords::CLUSTER.steps());
    let seen = target.wait_idle(&watch).await?;
    drill.done("ready", None);
    drill.check(format!("{} is IDLE afterwards", target.name()), "it is", true);
    Ok(seen)
}

/// The target, for the record.
pub(super) fn described(plan: &Plan) -> Option<TargetCluster> {
    plan.into.target().map(|target| TargetCluster {
        project_id: target.project().to_owned(),
        cluster: target.name().to_owned(),
        created: matches!(plan.into, Destination::Created { .. }),
    })
}
