//! Whether snapshots lie in other regions too: what the policy file demands of the schedule, and whether what the
//! schedule promises has arrived.
//!
//! That a copy is missing must be said only of one that was promised: when a setting was made can't be asked, so the
//! oldest copy that there is tells since when it has been at work.

use chrono::TimeDelta;

use super::{Context, Problem, STUCK, WINDOW, taking::counted};
use crate::audit::{
    facts::{Facts, Kind, Snap, State, length},
    plan::{Compliance, Copies, Plan, Which},
};

/// How long a copy may take. The service promises no time and shows neither beginning nor state of a copy, so it gets what
/// every job gets before it counts as stuck. The first copy to a region is a whole one, and terabytes over an ocean take
/// hours.
const GRACE: TimeDelta = STUCK;

pub(super) fn copies(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let Some(plan) = &facts.plan else { return Vec::new() };
    let unplanned = unplanned(facts, plan, context);
    unplanned.into_iter().chain(plan.copies.iter().filter_map(|copies| absent(facts, copies, context))).collect()
}

/// The regions that the policy file demands and the schedule lacks.
fn unplanned(facts: &Facts, plan: &Plan, context: &Context<'_>) -> Option<Problem> {
    let planned = plan.copied_to();
    let missing = context.policy.copy_regions.iter().map(String::as_str).filter(|region| !planned.contains(region));
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return None;
    }
    let to = if planned.is_empty() { "nowhere".to_owned() } else { planned.into_iter().collect::<Vec<_>>().join(", ") };
    Some(Problem {
        message: format!("snapshots are copied to {to}, the policy demands {} too", missing.join(", ")),
        mend: context.run(facts, "schedule set", "--edit"),
    })
}

/// The snapshots that should have arrived in a region of the schedule.
fn absent(facts: &Facts, copies: &Copies, context: &Context<'_>) -> Option<Problem> {
    // The service does not say where copies of a sharded cluster's snapshots are.
    if facts.kind != Kind::ReplicaSet {
        return None;
    }
    let mut done: Vec<_> = facts.snapshots.iter().flatten().filter(|snapshot| snapshot.state == State::Done).collect();
    done.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.at));
    let has = |snapshot: &&Snap| snapshot.regions.contains(&copies.region);
    let since = done.iter().copied().filter(has).filter_map(|snapshot| snapshot.at).min();
    let promised = done.into_iter().enumerate().filter(|(newer, snapshot)| {
        let Some(at) = snapshot.at else { return false };
        let age = context.now - at;
        let recent = (GRACE..=WINDOW).contains(&age) && since.is_none_or(|since| at >= since);
        recent && promises(&copies.which, *newer, snapshot, age)
    });
    let promised: Vec<_> = promised.map(|(_, snapshot)| snapshot).collect();
    let absent: Vec<_> = promised.iter().copied().filter(|snapshot| !has(snapshot)).collect();
    let latest = absent.first()?;
    Some(Problem {
        message: format!(
            "{} of {} of the last 7 days did not arrive in {} within {}, the latest is {} ({} old)",
            absent.len(),
            counted(promised.len(), "snapshot"),
            copies.region,
            length(GRACE),
            latest.id,
            length(context.now - latest.at?)
        ),
        mend: context.run(facts, "schedule get", "-o wide"),
    })
}

/// Whether there has to be a copy of a snapshot that is so old and has so many newer ones.
fn promises(which: &Which, newer: usize, snapshot: &Snap, age: TimeDelta) -> bool {
    match which {
        Which::Newest(count) => newer < *count,
        Which::Of(frequencies) => frequencies.iter().any(|(frequency, days)| {
            let kept = days.is_none_or(|days| TimeDelta::try_days(days).is_none_or(|kept| age < kept));
            *frequency == snapshot.frequency && kept
        }),
    }
}
