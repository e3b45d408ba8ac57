//! Jobs that are to fail, so that a failed backup or restore can be rehearsed.
//!
//! An operator orders a failure for a kind of job; the next job of that kind which is started, by a request or by a
//! schedule, runs its usual time and ends badly. Nothing fails that was not ordered.

use chrono::{DateTime, Utc};

use crate::{
    domain::{job_kind::JobKind, timeline::Timeline},
    state::tables::State,
};

/// Orders that the next job of this kind fails; ordered twice, the next two do.
pub(crate) fn order(state: &mut State, kind: JobKind) {
    state.meta.ordered_failures.push(kind);
}

/// The life of a job that is asked for at `asked`, with the failure that was ordered for it.
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
