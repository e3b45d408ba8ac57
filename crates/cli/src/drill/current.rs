//! A drill that is under way.

use tokio::time::Instant;

use crate::{
    context::session::Session,
    drill::{
        log::Log, options::DrillOptions, plan::Plan, record::Check, started::Started, summary::seconds, watch::Watch,
    },
    ui::messages,
};

/// A drill that is under way.
#[derive(Debug)]
pub(super) struct Drill<'d> {
    pub(super) command: &'d DrillOptions,
    pub(super) plan: &'d Plan,
    pub(super) session: &'d Session,
    pub(super) log: Log,
    pub(super) started: Started,
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
