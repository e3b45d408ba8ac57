//! The steps of a drill, from the first that changes something to the last that looks at the outcome.
//!
//! Whatever is begun at the service is noted in [`Made`] before it is waited for, so that the teardown finds it wherever
//! the steps end, also when they are dropped in the middle.

use std::time::Duration;

use atlas_backup::{FlexRestoreJob, RestoreJob, RestoreJobId};
use tokio::time::Instant;

use crate::{
    context::{restores, session::Session},
    drill::{
        archive,
        log::Log,
        made::Made,
        options::DrillOptions,
        plan::{Destination, Plan},
        record::{Check, TargetCluster},
        scratch::{Scratch, Seen, Wanted},
        summary::seconds,
        verify,
        watch::Watch,
    },
    ui::{exit::Outcome, messages},
};

/// The states of a cluster that is being made.
const CLUSTER_STATES: &[&str] = &["CREATING", "UPDATING", "IDLE"];

/// A drill that is under way.
#[derive(Debug)]
pub(super) struct Drill<'d> {
    pub(super) command: &'d DrillOptions,
    pub(super) plan: &'d Plan,
    pub(super) session: &'d Session,
    pub(super) log: Log,
    pub(super) made: Made,
    pub(super) until: Instant,
}

impl Drill<'_> {
    pub(super) fn watch(&self, what: String, states: &'static [&'static str]) -> Watch<'_> {
        Watch { session: self.session, what, states, until: self.until }
    }

    /// Ends a step and says so.
    pub(super) fn done(&self, name: &str, detail: Option<String>) {
        let took = seconds(Some(self.log.done(detail).as_secs_f64()));
        messages::note(format_args!("{name}: done after {took}"));
    }

    pub(super) fn check(&self, expected: impl Into<String>, found: impl Into<String>, passed: bool) {
        let check = Check { expected: expected.into(), found: found.into(), passed };
        self.log.note(|evidence| evidence.checks.push(check));
    }
}

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

async fn create(drill: &Drill<'_>, target: &Scratch, wanted: Wanted) -> Outcome {
    drill.log.step("create");
    let project = drill.session.client().project(target.project())?;
    let id = drill.made.cluster.send(wanted.create(project), |_| ()).await?;
    if let Some(id) = id {
        drill.log.id("cluster", id);
    }
    let watch = drill.watch(format!("cluster {}", target.name()), CLUSTER_STATES);
    target.wait_idle(&watch).await?;
    drill.done("create", Some(format!("cluster {}", target.name())));
    Ok(())
}

async fn restore(drill: &Drill<'_>, target: &Scratch) -> Outcome<Seen> {
    drill.log.step("restore");
    let (source, snapshot) = (&drill.plan.cluster, drill.plan.snapshot.id.clone());
    match target {
        Scratch::Dedicated(over) => {
            let (restores, over) = (source.restores(), over.clone());
            let request = async move { restores.automated(snapshot.as_str(), &over).await };
            let job = drill.made.restore.send(request, |job| job.id.clone()).await?;
            begun(drill, &job.id, job.meta().version());
            let watch = drill.watch(format!("restore job {}", job.id), &["inProgress", "completed"]);
            let state = |job: &RestoreJob| restores::state(job).map(str::to_owned);
            watch.on(source.restores().wait(&job.id), state).await?;
        }
        Scratch::Flex(over) => {
            let restores = drill.session.project()?.flex_cluster(source.name())?.restores();
            let (asked, over) = (restores.clone(), over.clone());
            let request = async move { asked.create(snapshot.as_str(), &over).await };
            let job = drill.made.restore.send(request, |job| job.id.clone()).await?;
            begun(drill, &job.id, job.meta().version());
            let watch = drill.watch(format!("restore job {}", job.id), restores::FLEX_STATES);
            let state = |job: &FlexRestoreJob| restores::flex_state(job).map(str::to_owned);
            watch.on(restores.wait(&job.id), state).await?;
        }
    }
    drill.made.restored.replace(true);
    drill.done("restore", None);
    drill.check("the restore job finishes and does not fail", "it finished", true);

    drill.log.step("ready");
    let watch = drill.watch(format!("cluster {}", target.name()), CLUSTER_STATES);
    let seen = target.wait_idle(&watch).await?;
    drill.done("ready", None);
    drill.check(format!("{} is IDLE afterwards", target.name()), "it is", true);
    Ok(seen)
}

fn begun(drill: &Drill<'_>, job: &RestoreJobId, version: Option<atlas_backup::ApiVersion>) {
    drill.log.id("restoreJob", job);
    if let Some(version) = version {
        drill.log.id("apiVersion", version);
    }
}

/// The target, for the record.
pub(super) fn described(plan: &Plan) -> Option<TargetCluster> {
    plan.into.target().map(|target| TargetCluster {
        project_id: target.project().to_owned(),
        cluster: target.name().to_owned(),
        created: matches!(plan.into, Destination::Created { .. }),
    })
}
