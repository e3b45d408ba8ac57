//! `drill`: the rehearsal of a restore. A backup that nobody has restored is a hope; a drill restores one, checks what came
//! back, measures how long it took, takes away what it made, and leaves a record.
//!
//! `plan` decides and refuses, `steps` does, `verify` looks at the outcome, `teardown` takes away, `record` is what is known
//! about all of it and `evidence` writes that down. Whatever happens after the first request that changes something, the
//! teardown runs and the record is written.

mod archive;
mod contents;
mod evidence;
mod plan;
mod record;
mod scratch;
mod steps;
mod teardown;
mod verify;
mod watch;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use futures_util::stream;
use tokio::time::Instant;

use self::{
    plan::{Destination, Plan},
    record::{Evidence, Log, Objective, StepOutcome, Verdict},
    steps::{Drill, Made},
    verify::Expected,
    watch::{Stopped, unless_stopped},
};
use super::{
    consent::Consent,
    target::OneCluster,
    waiting::{Patience, duration},
};
use crate::{
    args::Global,
    exit::{Exit, Failure, Outcome, Resume},
    session::Session,
};

const AFTER_HELP: &str = "\
Restores into a cluster that the drill creates (--create) and deletes again, into a scratch cluster that is there
(--target), or onto this machine (--download), which needs no cluster and reads every document.

Exit codes: 0 passed, 5 the restore or the verification failed, 6 timed out, 9 an objective was missed,
130 interrupted, after teardown.

Examples:
  atlas-backup drill Cluster0 --create --tier M10 --objective 1h --rpo 24h --expect-collection shop.orders
  atlas-backup drill Cluster0 --target Scratch --verify-command 'mongosh \"$ATLAS_BACKUP_DRILL_URI\" check.js'
  atlas-backup --emulator drill Cluster0 --download";

/// What to rehearse, into what, and what counts as passed.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DrillCommand {
    #[command(flatten)]
    cluster: OneCluster,
    /// The snapshot to restore [default: the newest that is completed].
    #[arg(long, aliases = ["snapshotId", "snapshot-id"], value_name = "ID", conflicts_with = "latest")]
    snapshot: Option<String>,
    /// Restores the newest snapshot that is completed, as it does anyway.
    #[arg(long)]
    latest: bool,
    /// The cluster to restore into, whose data is replaced; with `--create` the name of the new one.
    #[arg(long, aliases = ["targetClusterName", "target-cluster"], value_name = "CLUSTER")]
    target: Option<String>,
    /// The project of that cluster [default: the same project].
    #[arg(long, aliases = ["targetProjectId", "target-project-id"], value_name = "ID")]
    target_project: Option<String>,
    /// Creates the cluster to restore into, of the source's shape, and deletes it afterwards; costs money meanwhile.
    #[arg(long)]
    create: bool,
    /// The tier of the new cluster, such as M10 [default: the source's].
    #[arg(long, value_name = "TIER", requires = "create")]
    tier: Option<String>,
    /// Downloads the snapshot and reads all of it, instead of restoring it into a cluster.
    #[arg(long, conflicts_with_all = ["target", "target_project", "create"])]
    download: bool,
    /// Where the downloaded data goes, in a folder of its own [default: the system's folder for temporary files].
    #[arg(long, value_name = "FOLDER", requires = "download")]
    folder: Option<PathBuf>,
    /// How long recovery may take; exit code 9 if it takes longer.
    #[arg(long, alias = "rto", value_name = "DURATION", value_parser = duration)]
    objective: Option<Duration>,
    /// How old the snapshot may be; exit code 9 if it is older.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    rpo: Option<Duration>,
    #[command(flatten)]
    expected: Expected,
    /// Runs this in a shell and counts its exit code; ATLAS_BACKUP_DRILL_URI is the target's address,
    /// ATLAS_BACKUP_DRILL_FOLDER that of downloaded data.
    #[arg(long, value_name = "COMMAND")]
    verify_command: Option<String>,
    /// Keeps what the drill has made.
    #[arg(long)]
    keep: bool,
    /// Where the record is written, as JSON and HTML [default: here].
    #[arg(long, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    evidence: PathBuf,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    patience: Patience,
}

pub(crate) async fn run(command: DrillCommand, global: &Global, resume: &Resume) -> Outcome {
    let session = Session::open(global).await?;
    let plan = Plan::make(&command, &session).await?;
    if global.dry_run {
        let steps = plan.steps(&command).into_iter().map(Ok::<_, Failure>);
        return session.printer().list(stream::iter(steps), None).await;
    }
    if let Destination::Existing { target } = &plan.into {
        let (id, source, project) = (&plan.snapshot.id, plan.cluster.name(), target.project());
        let deed = format!(
            "Restores snapshot {id} of {source} over {} of project {project}, whose data it replaces",
            target.name()
        );
        command.consent.ask(&deed, target.name(), &session).await?;
    }
    // That there is no place for the record is better known now than after hours.
    evidence::prepare(&command.evidence)?;
    // From here on an interruption ends the steps but not the program.
    resume.hold();
    let drill = begin(&command, &plan, &session);
    let ended = unless_stopped(drill.until, steps::run(&drill)).await;
    let failure = judge(&drill.log, ended);
    let torn_down = unless_stopped(Instant::now() + teardown::TIME, teardown::run(&drill)).await;
    if let Err(stopped) = &torn_down {
        drill.log.close(StepOutcome::Unfinished, None);
        if let Stopped::Failed(failure) = stopped {
            crate::notice(format_args!("teardown: {failure}"));
        }
    }
    drill.log.note(|evidence| evidence.ended_at = Some(record::now()));
    let evidence = drill.log.snapshot();
    for left in &evidence.left {
        match &left.command {
            Some(command) => crate::notice(format_args!("left behind: {}; `{command}` removes it", left.what)),
            None => crate::notice(format_args!("left behind: {}", left.what)),
        }
    }
    for path in evidence::write(&evidence, &command.evidence)? {
        crate::notice(format_args!("the record is in {}", path.display()));
    }
    session.printer().one(&evidence).await?;
    match (failure, torn_down) {
        (Some(failure), _) => Err(failure),
        (None, Err(_)) => {
            Err(Failure::verdict(Exit::Other, "the drill passed, but not all that it made is gone, as told above"))
        }
        (None, Ok(())) => Ok(()),
    }
}

fn begin<'d>(command: &'d DrillCommand, plan: &'d Plan, session: &'d Session) -> Drill<'d> {
    let mut point = Objective::of(command.rpo);
    if let Some(age) = plan.age {
        point.reach(age.as_secs_f64());
    }
    let log = Log::begin(
        plan.drill_id.clone(),
        plan.source(),
        plan.snapshot.clone(),
        steps::described(plan),
        (Objective::of(command.objective), point),
    );
    let until = Instant::now() + command.patience.timeout;
    Drill { command, plan, session, log, made: Made::default(), until }
}

/// What the end of the steps means, noted in the record; the failure that the run ends with, if it does.
fn judge(log: &Log, ended: Result<(), Stopped>) -> Option<Failure> {
    let (verdict, failure) = match ended {
        Ok(()) => of_what_was_found(&log.snapshot()),
        Err(Stopped::Interrupted) => {
            log.close(StepOutcome::Unfinished, None);
            let resume = Some("the drill was ended; what is left of it is told above".to_owned());
            (Verdict::Interrupted, Some(Failure::Interrupted { resume }))
        }
        Err(Stopped::TimedOut) => {
            log.close(StepOutcome::Unfinished, None);
            let message = "the time for the drill is up; `--timeout` gives it more";
            (Verdict::TimedOut, Some(Failure::verdict(Exit::TimedOut, message)))
        }
        Err(Stopped::Failed(failure)) => {
            log.close(StepOutcome::Failed, Some(failure.to_string()));
            let failed = failure.exit() == Some(Exit::JobFailed);
            (if failed { Verdict::RestoreFailed } else { Verdict::Error }, Some(failure))
        }
    };
    log.note(|evidence| {
        evidence.outcome = verdict;
        evidence.reason = failure.as_ref().map(ToString::to_string);
    });
    failure
}

fn of_what_was_found(evidence: &Evidence) -> (Verdict, Option<Failure>) {
    let failed: Vec<String> =
        evidence.failed_checks().map(|check| format!("{}: {}", check.expected, check.found)).collect();
    let missed = evidence.missed();
    if !failed.is_empty() {
        let message = format!("the verification failed: {}", failed.join("; "));
        return (Verdict::VerificationFailed, Some(Failure::verdict(Exit::JobFailed, message)));
    }
    if !missed.is_empty() {
        let failure = Failure::verdict(Exit::Findings, missed.join("; "));
        return (Verdict::ObjectiveMissed, Some(failure));
    }
    (Verdict::Passed, None)
}
