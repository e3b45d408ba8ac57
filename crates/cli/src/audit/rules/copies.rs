//! Whether snapshots lie in other regions too: what the policy file demands of the schedule, and whether what the
//! schedule promises has arrived.
//!
//! That a copy is missing must be said only of one that was promised: when a setting was made can't be asked, so the
//! oldest copy that there is tells since when it has been at work.

use atlas_backup::{ClusterKind, JobState};
use chrono::TimeDelta;

use super::{
    jobs::{STUCK, WINDOW},
    problem::{Problem, counted},
};
use crate::audit::{
    backups::{ClusterBackups, SnapshotSummary, length},
    criteria::Criteria,
    schedule::{CopyRegion, CopySelection, ScheduleSummary},
};

/// How long a copy may take. The service promises no time and shows neither beginning nor state of a copy, so it gets what
/// every job gets before it counts as stuck. The first copy to a region is a whole one, and terabytes over an ocean take
/// hours.
const GRACE: TimeDelta = STUCK;

pub(super) fn copies(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    let Some(schedule) = &backups.schedule else { return Vec::new() };
    let unplanned = unplanned(backups, schedule, criteria);
    unplanned.into_iter().chain(schedule.copies.iter().filter_map(|copies| absent(backups, copies, criteria))).collect()
}

/// The regions that the policy file demands and the schedule lacks.
fn unplanned(backups: &ClusterBackups, schedule: &ScheduleSummary, criteria: &Criteria) -> Option<Problem> {
    let planned = schedule.copy_regions_of();
    let missing = criteria.policy.copy_regions.iter().map(String::as_str).filter(|region| !planned.contains(region));
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return None;
    }
    let to = if planned.is_empty() { "nowhere".to_owned() } else { planned.into_iter().collect::<Vec<_>>().join(", ") };
    Some(Problem {
        message: format!("snapshots are copied to {to}, the policy demands {} too", missing.join(", ")),
        fix: criteria.run(backups, "schedule set", "--edit"),
    })
}

/// The snapshots that should have arrived in a region of the schedule.
fn absent(backups: &ClusterBackups, copies: &CopyRegion, criteria: &Criteria) -> Option<Problem> {
    // The service does not say where copies of a sharded cluster's snapshots are.
    if backups.kind != ClusterKind::ReplicaSet {
        return None;
    }
    let mut done: Vec<_> =
        backups.snapshots.iter().flatten().filter(|snapshot| snapshot.state == JobState::Succeeded).collect();
    done.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.at));
    let has = |snapshot: &&SnapshotSummary| snapshot.regions.contains(&copies.region);
    let since = done.iter().copied().filter(has).filter_map(|snapshot| snapshot.at).min();
    let promised = done.into_iter().enumerate().filter(|(newer, snapshot)| {
        let Some(at) = snapshot.at else { return false };
        let age = criteria.now - at;
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
            length(criteria.now - latest.at?)
        ),
        fix: criteria.run(backups, "schedule get", "-o wide"),
    })
}

/// Whether there has to be a copy of a snapshot that is so old and has so many newer ones.
fn promises(which: &CopySelection, newer: usize, snapshot: &SnapshotSummary, age: TimeDelta) -> bool {
    match which {
        CopySelection::Newest(count) => newer < *count,
        CopySelection::Of(frequencies) => frequencies.iter().any(|(frequency, days)| {
            let kept = days.is_none_or(|days| TimeDelta::try_days(days).is_none_or(|kept| age < kept));
            *frequency == snapshot.frequency && kept
        }),
    }
}
