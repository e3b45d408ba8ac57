//! Runs a drill from its plan to its record. After the first request that changes something, the teardown always runs
//! and the record is always written.

use futures_util::stream;
use tokio::time::Instant;

use crate::{
    context::session::Session,
    drill::{
        context::Drill,
        evidence,
        log::{self, EvidenceLog},
        options::DrillOptions,
        origin::{command_line, made_by},
        plan::{Destination, Plan},
        record::{DrillOutcome, Evidence, Objective, StepOutcome},
        requests::StartedWork,
        steps, teardown,
        watch::{StopReason, run_until_stopped},
    },
    ui::{
        exit::{Exit, Failure, Outcome},
        interrupts::Interrupts,
        messages,
    },
};

/// The effect of another interrupt.
const AGAIN: &str = "press Ctrl-C again to leave its resources behind";

/// Runs a drill.
///
/// # Errors
/// The drill was refused or did not pass.
pub(crate) async fn run(command: &DrillOptions, session: &Session) -> Outcome {
    let plan = Plan::new(command, session).await?;
    if session.global().dry_run {
        let steps = plan.steps(command).into_iter().map(Ok::<_, Failure>);
        return session.printer().list(stream::iter(steps), None).await;
    }
    let (id, source) = (&plan.snapshot.id, plan.cluster.name());
    let login = plan.login.as_ref().map(|login| format!(", let {} log in to it for the check", login.address));
    let login = login.unwrap_or_default();
    match &plan.into {
        Destination::Existing { target } => {
            let action = format!(
                "Restore snapshot {id} of {source} into cluster {} of project {}{login}; this overwrites its data",
                target.name(),
                target.project()
            );
            command.confirmation.ask(&action, target.name(), session).await?;
        }
        Destination::Created { target, new_cluster } => {
            let end = if command.keep { "and keep it" } else { "and delete it afterwards" };
            let action = format!(
                "Create billable cluster {} in project {} ({}), restore snapshot {id} of {source} into it{login} {end}",
                target.name(),
                target.project(),
                new_cluster.description(),
            );
            command.confirmation.ask(&action, target.name(), session).await?;
        }
        Destination::Folder { .. } => {}
    }
    // Check the folder of the record before hours of work.
    evidence::prepare(&command.evidence)?;
    // From here on, an interruption ends the steps but not the program.
    let mut interrupts = Interrupts::listen();
    session.interruption().hold();
    let drill = begin(command, &plan, session)?;
    // If the program is killed, this record names the resources it was about to create.
    let mut initial = drill.log.snapshot();
    initial.reason = Some("the drill is running, or was killed before it ended".to_owned());
    initial.left = teardown::expected(&drill);
    evidence::write(&evidence::seal(initial)?, &command.evidence)?;
    let ended = run_until_stopped(interrupts.next(), drill.until, steps::run(&drill)).await;
    let interrupted = matches!(ended, Err(StopReason::Interrupted));
    match ended {
        Err(StopReason::Interrupted) => {
            messages::note(format_args!("interrupted; tearing down the drill first, {AGAIN}"))
        }
        Err(StopReason::TimedOut) => messages::note(format_args!("timed out; tearing down the drill first")),
        _ => {}
    }
    let failure = evaluate_steps(&drill.log, ended);
    let torn_down = run_until_stopped(
        next_interrupt(&mut interrupts, interrupted),
        Instant::now() + teardown::TIMEOUT,
        teardown::run(&drill),
    )
    .await;
    if let Err(stopped) = &torn_down {
        drill.log.end_step(StepOutcome::Unfinished, None);
        if let StopReason::Failed(failure) = stopped {
            messages::note(format_args!("teardown: {failure}"));
        }
    }
    let outcome = failure.map_or_else(|| teardown_outcome(torn_down), Err);
    drill.log.update(|evidence| evidence.ended_at = Some(log::now()));
    let reported = match evidence::seal(drill.log.snapshot()) {
        Ok(evidence) => report(&evidence, command, session).await,
        Err(failure) => Err(failure),
    };
    match (outcome, reported) {
        // The result of the drill takes precedence over an error in reporting it.
        (Err(failure), Err(report_failure)) => {
            if report_failure.exit().is_some() {
                messages::note(format_args!("{report_failure}"));
            }
            Err(failure)
        }
        (outcome, reported) => outcome.and(reported),
    }
}

/// Waits for the interrupt that ends the teardown. If the drill was not interrupted before, the first one only prints a
/// note.
async fn next_interrupt(interrupts: &mut Interrupts, interrupted: bool) {
    if !interrupted {
        interrupts.next().await;
        messages::note(format_args!("tearing down the drill, {AGAIN}"));
    }
    interrupts.next().await;
}

/// The outcome of a passed drill after its teardown.
fn teardown_outcome(torn_down: Result<(), StopReason>) -> Outcome {
    match torn_down {
        Ok(()) => Ok(()),
        Err(StopReason::Interrupted) => {
            let resume =
                Some("the drill passed, but its teardown was stopped; see the resources left behind above".into());
            Err(Failure::Interrupted { resume })
        }
        Err(_) => Err(Failure::status(
            Exit::Other,
            "the drill passed, but some of its resources could not be deleted (listed above)",
        )),
    }
}

/// Reports the resources left behind, and writes and prints the record.
async fn report(evidence: &Evidence, command: &DrillOptions, session: &Session) -> Outcome {
    for left in &evidence.left {
        match &left.command {
            Some(command) => messages::note(format_args!("left behind: {}; `{command}` deletes it", left.what)),
            None => messages::note(format_args!("left behind: {}", left.what)),
        }
    }
    let written = evidence::write(evidence, &command.evidence).map(|paths| {
        for path in paths {
            messages::note(format_args!("wrote the record to {}", path.display()));
        }
    });
    let printed = session.printer().one(evidence).await;
    written.and(printed)
}

fn begin<'d>(command: &'d DrillOptions, plan: &'d Plan, session: &'d Session) -> Outcome<Drill<'d>> {
    let mut point = Objective::new(command.rpo);
    if let Some(age) = plan.age {
        point.set_achieved(age.as_secs_f64());
    }
    let log = EvidenceLog::begin(
        plan.drill_id.clone(),
        (made_by(session)?, command_line(command, std::env::args_os())),
        plan.source(),
        plan.snapshot.clone(),
        steps::target_of(plan),
        (Objective::new(command.objective), point),
    );
    let until = Instant::now() + command.timeout.timeout;
    Ok(Drill { command, plan, session, log, started: StartedWork::default(), until })
}

/// Records the result of the steps. Returns the failure of the run, if any.
fn evaluate_steps(log: &EvidenceLog, ended: Result<(), StopReason>) -> Option<Failure> {
    let (outcome, failure) = match ended {
        Ok(()) => evaluate_checks(&log.snapshot()),
        Err(StopReason::Interrupted) => {
            log.end_step(StepOutcome::Unfinished, None);
            let resume = Some("the drill was stopped; resources left behind are listed above".into());
            (DrillOutcome::Interrupted, Some(Failure::Interrupted { resume }))
        }
        Err(StopReason::TimedOut) => {
            log.end_step(StepOutcome::Unfinished, None);
            let message = "the drill timed out; pass a longer `--timeout`";
            (DrillOutcome::TimedOut, Some(Failure::status(Exit::TimedOut, message)))
        }
        Err(StopReason::Failed(failure)) => {
            log.end_step(StepOutcome::Failed, Some(failure.to_string()));
            let failed = failure.exit() == Some(Exit::JobFailed);
            (if failed { DrillOutcome::RestoreFailed } else { DrillOutcome::Error }, Some(failure))
        }
    };
    log.update(|evidence| {
        evidence.outcome = outcome;
        evidence.reason = failure.as_ref().map(ToString::to_string);
    });
    failure
}

fn evaluate_checks(evidence: &Evidence) -> (DrillOutcome, Option<Failure>) {
    let failed: Vec<String> =
        evidence.failed_checks().map(|check| format!("expected: {}, found: {}", check.expected, check.found)).collect();
    let missed = evidence.missed_objectives();
    if !failed.is_empty() {
        let message = format!("verification failed: {}", failed.join("; "));
        return (DrillOutcome::VerificationFailed, Some(Failure::status(Exit::JobFailed, message)));
    }
    if !missed.is_empty() {
        let failure = Failure::status(Exit::Findings, missed.join("; "));
        return (DrillOutcome::ObjectiveMissed, Some(failure));
    }
    (DrillOutcome::Passed, None)
}
