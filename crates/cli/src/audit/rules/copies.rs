//! Rules about snapshot copies in other regions: required regions that the schedule lacks, and copies that have not
//! arrived.
//!
//! A missing copy is reported only if the setting already applied when the snapshot was taken. The service does not
//! tell when a setting was made, so the oldest copy in the region marks the start.

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

/// Maximum duration of a copy. The service guarantees no duration and shows no state of a copy, so the limit is that of a
/// stuck job. The first copy to a region is complete and may take hours.
const GRACE: TimeDelta = STUCK;

pub(super) fn copies(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    let Some(schedule) = &backups.schedule else { return Vec::new() };
    let unplanned = unplanned(backups, schedule, criteria);
    unplanned.into_iter().chain(schedule.copies.iter().filter_map(|copies| absent(backups, copies, criteria))).collect()
}

/// Regions that the policy file requires and the schedule lacks.
fn unplanned(backups: &ClusterBackups, schedule: &ScheduleSummary, criteria: &Criteria) -> Option<Problem> {
    let planned = schedule.copy_regions_of();
    let missing = criteria.policy.copy_regions.iter().map(String::as_str).filter(|region| !planned.contains(region));
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return None;
    }
    let to = if planned.is_empty() { "nowhere".to_owned() } else { planned.into_iter().collect::<Vec<_>>().join(", ") };
    Some(Problem {
        message: format!("snapshots are copied to {to}, the policy file also requires {}", missing.join(", ")),
        fix: criteria.run(backups, "schedule set", "--edit"),
    })
}

/// Snapshots whose copy to a region is due and missing.
fn absent(backups: &ClusterBackups, copies: &CopyRegion, criteria: &Criteria) -> Option<Problem> {
    // The service does not report copies of snapshots of sharded clusters.
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

/// Whether the setting includes a snapshot of this age with this number of newer ones.
fn promises(which: &CopySelection, newer: usize, snapshot: &SnapshotSummary, age: TimeDelta) -> bool {
    match which {
        CopySelection::Newest(count) => newer < *count,
        CopySelection::Of(frequencies) => frequencies.iter().any(|(frequency, days)| {
            let kept = days.is_none_or(|days| TimeDelta::try_days(days).is_none_or(|kept| age < kept));
            *frequency == snapshot.frequency && kept
        }),
    }
}
