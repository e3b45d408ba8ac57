//! Jobs that are to fail, so that a failed backup or restore can be rehearsed.
//!
//! An operator orders a failure for a kind of job; the next job of that kind which is started, by a request or by a
//! schedule, runs its usual time and ends badly. Nothing fails that was not ordered.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::job_kind::JobKind;
use crate::{
    domain::{durations, timeline::Timeline},
    state::tables::State,
};

/// Orders that the next job of this kind fails; ordered twice, the next two do.
pub(crate) fn order(state: &mut State, kind: JobKind) {
    state.meta.ordered_failures.push(kind);
}

/// The life of a job that is asked for at `asked`, with the failure that was ordered for it.
pub(crate) fn timeline(state: &mut State, kind: JobKind, asked: DateTime<Utc>) -> Timeline {
    let (queued, running) = durations_of(kind);
    let mut timeline = Timeline::new(asked, queued, running);
    if let Some(place) = state.meta.ordered_failures.iter().position(|ordered| *ordered == kind) {
        state.meta.ordered_failures.remove(place);
        timeline.fails = true;
    }
    timeline
}

/// How long it waits, and how long it then takes.
fn durations_of(kind: JobKind) -> (TimeDelta, TimeDelta) {
    match kind {
        JobKind::Snapshot => (durations::SNAPSHOT_QUEUED, durations::SNAPSHOT_RUNNING),
        JobKind::Restore => (TimeDelta::zero(), durations::RESTORE_RUNNING),
        JobKind::Export => (durations::EXPORT_QUEUED, durations::EXPORT_RUNNING),
        JobKind::FlexSnapshot => (durations::FLEX_SNAPSHOT_QUEUED, durations::FLEX_SNAPSHOT_RUNNING),
        JobKind::FlexRestore => (durations::FLEX_RESTORE_PENDING, durations::FLEX_RESTORE_RUNNING),
        JobKind::CollectionRestore => {
            (durations::COLLECTION_RESTORE_INITIALIZING, durations::COLLECTION_RESTORE_RUNNING)
        }
        JobKind::PrivateEndpoint => (durations::PRIVATE_ENDPOINT_INITIATING, durations::PRIVATE_ENDPOINT_PENDING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_job_of_the_ordered_kind_fails() {
        let mut state = State::default();
        order(&mut state, JobKind::Export);
        let fails = |state: &mut State, kind| timeline(state, kind, Utc::now()).fails;
        assert!(!fails(&mut state, JobKind::Snapshot));
        assert!(fails(&mut state, JobKind::Export));
        assert!(!fails(&mut state, JobKind::Export));
    }
}
