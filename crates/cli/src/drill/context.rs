//! The state of a running drill.

use tokio::time::Instant;

use crate::{
    context::session::Session,
    drill::{
        log::EvidenceLog,
        options::DrillOptions,
        plan::Plan,
        record::{Check, Method},
        requests::StartedWork,
        summary::format_seconds,
        watch::StepWait,
    },
    ui::messages,
};

/// A running drill.
#[derive(Debug)]
pub(super) struct Drill<'d> {
    pub(super) command: &'d DrillOptions,
    pub(super) plan: &'d Plan,
    pub(super) session: &'d Session,
    pub(super) log: EvidenceLog,
    pub(super) started: StartedWork,
    pub(super) until: Instant,
}

impl Drill<'_> {
    pub(super) fn step_wait(&self, what: String, states: &'static [&'static str]) -> StepWait<'_> {
        StepWait { session: self.session, what, states, until: self.until }
    }

    /// Ends the current step and prints a note.
    pub(super) fn finish_step(&self, name: &str, detail: Option<String>) {
        let took = format_seconds(Some(self.log.finish_step(detail).as_secs_f64()));
        messages::note(format_args!("{name}: done after {took}"));
    }

    pub(super) fn check(&self, method: Method, expected: impl Into<String>, found: impl Into<String>, passed: bool) {
        let check = Check { method, expected: expected.into(), found: found.into(), passed };
        self.log.update(|evidence| evidence.checks.push(check));
    }
}
