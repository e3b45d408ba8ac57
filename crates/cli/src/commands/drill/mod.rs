//! `drill`: the rehearsal of a restore. A backup that nobody has restored is a hope; a drill restores one, checks what came
//! back, measures how long it took, takes away what it made, and leaves a record.
//!
//! `plan` decides and refuses, with the snapshot by `choice`, `steps` does, `made` keeps in mind what that has begun, `verify` looks at the outcome with
//! the help of the user's own `program`, `teardown` takes away, `record` is what is known
//! about all of it and `evidence` writes that down. Whatever happens after the first request that changes something, the
//! teardown runs and the record is written.

mod archive;
mod choice;
mod contents;
mod evidence;
mod log;
mod made;
mod plan;
mod program;
mod record;
mod scratch;
mod steps;
mod summary;
mod teardown;
mod verify;
mod watch;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use futures_util::stream;
use tokio::time::Instant;

use self::{
    log::Log,
    made::Made,
    plan::{Destination, Plan},
    record::{Evidence, Objective, StepOutcome, Verdict},
    steps::Drill,
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
    signals::Asked,
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

/// What one more of them does.
const AGAIN: &str = "and Ctrl-C again leaves what it has made";

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
    let mut asked = Asked::listen();
    resume.hold();
    let drill = begin(&command, &plan, &session);
    // Whatever ends the program without its hearing of it: what it was about to make is known.
    let mut ahead = drill.log.snapshot();
    ahead.reason = Some("the drill is under way, or was killed before it could end".to_owned());
    ahead.left = teardown::expected(&drill);
    evidence::write(&ahead, &command.evidence)?;
    let ended = unless_stopped(asked.heard(), drill.until, steps::run(&drill)).await;
    let heard = matches!(ended, Err(Stopped::Interrupted));
    match ended {
        Err(Stopped::Interrupted) => crate::notice(format_args!("interrupted; the drill is torn down first, {AGAIN}")),
        Err(Stopped::TimedOut) => crate::notice(format_args!("the time is up; the drill is torn down first")),
        _ => {}
    }
    let failure = judge(&drill.log, ended);
    let torn_down =
        unless_stopped(insisting(&mut asked, heard), Instant::now() + teardown::TIME, teardown::run(&drill)).await;
    if let Err(stopped) = &torn_down {
        drill.log.close(StepOutcome::Unfinished, None);
        if let Stopped::Failed(failure) = stopped {
            crate::notice(format_args!("teardown: {failure}"));
        }
    }
    let verdict = failure.map_or_else(|| of_teardown(torn_down), Err);
    drill.log.note(|evidence| evidence.ended_at = Some(log::now()));
    let told = tell(&drill.log.snapshot(), &command, &session).await;
    match (verdict, told) {
        // How the drill ended counts for more than that it could not be told.
        (Err(failure), Err(untold)) => {
            if untold.exit().is_some() {
                crate::notice(format_args!("{untold}"));
            }
            Err(failure)
        }
        (verdict, told) => verdict.and(told),
    }
}

/// Until somebody asks for the end of the teardown too: the first to ask in the middle of it only learns what that means.
async fn insisting(asked: &mut Asked, heard: bool) {
    if !heard {
        asked.heard().await;
        crate::notice(format_args!("the drill is being torn down, {AGAIN}"));
    }
    asked.heard().await;
}

/// What the end of the teardown means for a drill that passed.
fn of_teardown(torn_down: Result<(), Stopped>) -> Outcome {
    match torn_down {
        Ok(()) => Ok(()),
        Err(Stopped::Interrupted) => {
            let resume = Some("the drill passed, but its teardown was ended; what is left is told above".to_owned());
            Err(Failure::Interrupted { resume })
        }
        Err(_) => {
            Err(Failure::verdict(Exit::Other, "the drill passed, but not all that it made is gone, as told above"))
        }
    }
}

/// Says what is left, and writes and prints the record.
async fn tell(evidence: &Evidence, command: &DrillCommand, session: &Session) -> Outcome {
    for left in &evidence.left {
        match &left.command {
            Some(command) => crate::notice(format_args!("left behind: {}; `{command}` removes it", left.what)),
            None => crate::notice(format_args!("left behind: {}", left.what)),
        }
    }
    let written = evidence::write(evidence, &command.evidence).map(|paths| {
        for path in paths {
            crate::notice(format_args!("the record is in {}", path.display()));
        }
    });
    let printed = session.printer().one(evidence).await;
    written.and(printed)
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
    let failed: Vec<String> = evidence
        .failed_checks()
        .map(|check| format!("expected that {}, but {}", check.expected, check.found))
        .collect();
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
