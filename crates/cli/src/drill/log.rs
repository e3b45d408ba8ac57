//! The record of a running drill, written step by step.
//!
//! An interruption drops the current step; everything recorded here stays.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, SubsecRound, Utc};

use crate::drill::record::{
    ChosenSnapshot, DrillOutcome, Evidence, MadeBy, Objective, SCHEMA_VERSION, Source, Step, StepOutcome,
    TargetCluster, Tool, Verification,
};

/// An unfinished record.
#[derive(Debug)]
pub(super) struct EvidenceLog(RefCell<Evidence>);

impl EvidenceLog {
    pub(super) fn begin(
        drill_id: String,
        run: (MadeBy, String),
        source: Source,
        snapshot: ChosenSnapshot,
        target: Option<TargetCluster>,
        objectives: (Objective, Objective),
    ) -> Self {
        EvidenceLog(RefCell::new(Evidence {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            drill_id,
            outcome: DrillOutcome::Error,
            reason: None,
            started_at: now(),
            ended_at: None,
            made_by: run.0,
            command: run.1,
            source,
            snapshot,
            target,
            recovery_time: objectives.0,
            recovery_point: objectives.1,
            steps: Vec::new(),
            checks: Vec::new(),
            verification: Verification::default(),
            compared: None,
            archives: Vec::new(),
            collections: Vec::new(),
            left: Vec::new(),
            digest: String::new(),
        }))
    }

    /// Changes the record.
    pub(super) fn update(&self, change: impl FnOnce(&mut Evidence)) {
        change(&mut self.0.borrow_mut());
    }

    /// Begins a step. [`finish_step`](Self::finish_step) or [`end_step`](Self::end_step) ends it.
    pub(super) fn begin_step(&self, name: &'static str) {
        self.update(|evidence| {
            evidence.steps.push(Step {
                name,
                started_at: now(),
                ended_at: None,
                duration_seconds: None,
                outcome: StepOutcome::Unfinished,
                detail: None,
                ids: BTreeMap::new(),
                begun: Some(Instant::now()),
            });
        });
    }

    /// Adds an ID to the current step.
    pub(super) fn add_id(&self, name: &'static str, id: impl ToString) {
        self.update(|evidence| {
            if let Some(step) = evidence.steps.last_mut() {
                step.ids.insert(name, id.to_string());
            }
        });
    }

    /// Ends the current step successfully. Returns its duration.
    pub(super) fn finish_step(&self, detail: Option<String>) -> Duration {
        self.end_step(StepOutcome::Done, detail)
    }

    /// Ends the current step, if any. Returns its duration.
    pub(super) fn end_step(&self, outcome: StepOutcome, detail: Option<String>) -> Duration {
        let mut evidence = self.0.borrow_mut();
        let Some(step) = evidence.steps.last_mut().filter(|step| step.ended_at.is_none()) else {
            return Duration::ZERO;
        };
        let took = step.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        step.duration_seconds = Some((took.as_secs_f64() * 1000.0).round() / 1000.0);
        (step.ended_at, step.outcome, step.detail) = (Some(now()), outcome, detail);
        took
    }

    /// A copy of the current record.
    pub(super) fn snapshot(&self) -> Evidence {
        self.0.borrow().clone()
    }
}

pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}
