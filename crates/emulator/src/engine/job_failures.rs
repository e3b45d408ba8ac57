//! Ordered job failures, to rehearse failed backups and restores.
//!
//! An operator orders a failure for a kind of job. The next job of that kind, started by a request or a schedule, runs
//! its usual time and fails. No other job fails.

use chrono::{DateTime, Utc};

use crate::{
    domain::{job_kind::JobKind, timeline::Timeline},
    state::tables::State,
};

/// Makes the next job of this kind fail. Two orders make the next two jobs fail.
pub(crate) fn order(state: &mut State, kind: JobKind) {
    state.meta.ordered_failures.push(kind);
}

/// The timeline of a job requested at `asked`, with an ordered failure applied.
pub(crate) fn timeline(state: &mut State, kind: JobKind, asked: DateTime<Utc>) -> Timeline {
    let mut timeline = kind.timeline(asked);
    if let Some(place) = state.meta.ordered_failures.iter().position(|ordered| *ordered == kind) {
        state.meta.ordered_failures.remove(place);
        timeline.fails = true;
    }
    timeline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_failure_hits_next_job_of_its_kind() {
        let mut state = State::default();
        order(&mut state, JobKind::Export);
        let fails = |state: &mut State, kind| timeline(state, kind, Utc::now()).fails;
        assert!(!fails(&mut state, JobKind::Snapshot));
        assert!(fails(&mut state, JobKind::Export));
        assert!(!fails(&mut state, JobKind::Export));
    }
}
