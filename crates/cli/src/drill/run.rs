//! A drill from its plan to its record. Whatever happens after the first request that changes something, the teardown runs
//! and the record is written.

use futures_util::stream;
use tokio::time::Instant;

use crate::{
    context::session::Session,
    drill::{
        current::Drill,
        evidence,
        log::{self, Log},
        options::DrillOptions,
        plan::{Destination, Plan},
        record::{Evidence, Objective, StepOutcome, Verdict},
        started::Started,
        steps, teardown,
        watch::{StopReason, unless_stopped},
    },
    ui::{
        exit::{Exit, Failure, Outcome},
        interrupts::Interrupts,
        messages,
    },
};

/// What one more of them does.
const AGAIN: &str = "and Ctrl-C again leaves what it has made";

/// Runs a drill.
///
/// # Errors
/// The drill was refused or did not pass.
pub(crate) async fn run(command: &DrillOptions, session: &Session) -> Outcome {
    let plan = Plan::make(command, session).await?;
    if session.global().dry_run {
        let steps = plan.steps(command).into_iter().map(Ok::<_, Failure>);
        return session.printer().list(stream::iter(steps), None).await;
    }
    if let Destination::Existing { target } = &plan.into {
        let (id, source, project) = (&plan.snapshot.id, plan.cluster.name(), target.project());
        let deed = format!(
            "Restores snapshot {id} of {source} over {} of project {project}, whose data it replaces",
            target.name()
        );
        command.confirmation.ask(&deed, target.name(), session).await?;
    }
    // That there is no place for the record is better known now than after hours.
    evidence::prepare(&command.evidence)?;
    // From here on an interruption ends the steps but not the program.
    let mut interrupts = Interrupts::listen();
    session.interruption().hold();
    let drill = begin(command, &plan, session);
    // Whatever ends the program without its hearing of it: what it was about to make is known.
    let mut ahead = drill.log.snapshot();
    ahead.reason = Some("the drill is under way, or was killed before it could end".to_owned());
    ahead.left = teardown::expected(&drill);
    evidence::write(&ahead, &command.evidence)?;
    let ended = unless_stopped(interrupts.next(), drill.until, steps::run(&drill)).await;
    let heard = matches!(ended, Err(StopReason::Interrupted));
    match ended {
        Err(StopReason::Interrupted) => {
            messages::note(format_args!("interrupted; the drill is torn down first, {AGAIN}"))
        }
        Err(StopReason::TimedOut) => messages::note(format_args!("the time is up; the drill is torn down first")),
        _ => {}
    }
    let failure = judge(&drill.log, ended);
    let torn_down =
        unless_stopped(insisting(&mut interrupts, heard), Instant::now() + teardown::TIME, teardown::run(&drill)).await;
    if let Err(stopped) = &torn_down {
        drill.log.close(StepOutcome::Unfinished, None);
        if let StopReason::Failed(failure) = stopped {
            messages::note(format_args!("teardown: {failure}"));
        }
    }
    let verdict = failure.map_or_else(|| of_teardown(torn_down), Err);
    drill.log.note(|evidence| evidence.ended_at = Some(log::now()));
    let told = tell(&drill.log.snapshot(), command, session).await;
    match (verdict, told) {
        // How the drill ended counts for more than that it could not be told.
        (Err(failure), Err(untold)) => {
            if untold.exit().is_some() {
                messages::note(format_args!("{untold}"));
            }
            Err(failure)
        }
        (verdict, told) => verdict.and(told),
    }
}

/// Until somebody asks for the end of the teardown too: the first to ask in the middle of it only learns what that means.
async fn insisting(interrupts: &mut Interrupts, heard: bool) {
    if !heard {
        interrupts.next().await;
        messages::note(format_args!("the drill is being torn down, {AGAIN}"));
    }
    interrupts.next().await;
}

/// What the end of the teardown means for a drill that passed.
fn of_teardown(torn_down: Result<(), StopReason>) -> Outcome {
    match torn_down {
        Ok(()) => Ok(()),
        Err(StopReason::Interrupted) => {
            let resume = Some("the drill passed, but its teardown was ended; what is left is told above".into());
            Err(Failure::Interrupted { resume })
        }
        Err(_) => {
            Err(Failure::verdict(Exit::Other, "the drill passed, but not all that it made is gone, as told above"))
        }
    }
}

/// Says what is left, and writes and prints the record.
async fn tell(evidence: &Evidence, command: &DrillOptions, session: &Session) -> Outcome {
    for left in &evidence.left {
        match &left.command {
            Some(command) => messages::note(format_args!("left behind: {}; `{command}` removes it", left.what)),
            None => messages::note(format_args!("left behind: {}", left.what)),
        }
    }
    let written = evidence::write(evidence, &command.evidence).map(|paths| {
        for path in paths {
            messages::note(format_args!("the record is in {}", path.display()));
        }
    });
    let printed = session.printer().one(evidence).await;
    written.and(printed)
}

fn begin<'d>(command: &'d DrillOptions, plan: &'d Plan, session: &'d Session) -> Drill<'d> {
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
    let until = Instant::now() + command.timeout.timeout;
    Drill { command, plan, session, log, started: Started::default(), until }
}

/// What the end of the steps means, noted in the record; the failure that the run ends with, if it does.
fn judge(log: &Log, ended: Result<(), StopReason>) -> Option<Failure> {
    let (verdict, failure) = match ended {
        Ok(()) => of_what_was_found(&log.snapshot()),
        Err(StopReason::Interrupted) => {
            log.close(StepOutcome::Unfinished, None);
            let resume = Some("the drill was ended; what is left of it is told above".into());
            (Verdict::Interrupted, Some(Failure::Interrupted { resume }))
        }
        Err(StopReason::TimedOut) => {
            log.close(StepOutcome::Unfinished, None);
            let message = "the time for the drill is up; `--timeout` gives it more";
            (Verdict::TimedOut, Some(Failure::verdict(Exit::TimedOut, message)))
        }
        Err(StopReason::Failed(failure)) => {
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
