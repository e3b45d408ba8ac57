//! Rules about retention, restore window and paused clusters, with the requirements of the policy file.

use atlas_backup::{ClusterKind, JobState};
use chrono::TimeDelta;

use super::problem::{Problem, flag, one};
use crate::audit::{
    backups::{ClusterBackups, length},
    criteria::Criteria,
    schedule::{FREQUENCIES, longest_retention},
};

pub(super) fn retention(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    let Some(schedule) = backups.schedule.as_ref().filter(|schedule| !schedule.items.is_empty()) else {
        return Vec::new();
    };
    let demanded = FREQUENCIES.iter().filter_map(|name| Some((*name, *criteria.policy.retention_days.get(*name)?)));
    let short = demanded.filter_map(|(name, days)| {
        let kept = longest_retention(&schedule.items, name);
        if kept.is_some_and(|kept| kept >= days) {
            return None;
        }
        let interval = schedule.items.iter().find(|item| item.frequency == name).map(|item| item.interval);
        let kept = kept.map_or_else(|| "not taken".to_owned(), |kept| format!("kept for {kept} days"));
        Some(Problem {
            message: format!("{name} snapshots are {kept}, the policy file requires {days} days"),
            fix: criteria.run(backups, "schedule set", &flag(name, interval, days)),
        })
    });
    short.collect()
}

pub(super) fn point_in_time(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    match backups.point_in_time {
        Some(false) if backups.backup != Some(false) => {
            one("continuous backup is off", criteria.set(backups, "\"pitEnabled\":true"))
        }
        _ => Vec::new(),
    }
}

pub(super) fn restore_window(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    let (Some(schedule), Some(demanded)) = (&backups.schedule, criteria.policy.point_in_time_days) else {
        return Vec::new();
    };
    let days = schedule.window_days.unwrap_or(0);
    if backups.point_in_time != Some(true) || days >= demanded {
        return Vec::new();
    }
    let message = format!("the restore window is {days} days, the policy file requires {demanded}");
    one(message, criteria.run(backups, "schedule set", &format!("--restore-window {demanded}")))
}

/// The retention of flex snapshots is fixed by Atlas, so read it from the snapshots.
pub(super) fn flex_horizon(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    if backups.kind != ClusterKind::Flex {
        return Vec::new();
    }
    let snapshots = backups.snapshots.iter().flatten().filter(|snapshot| snapshot.state == JobState::Succeeded);
    let kept = snapshots.clone().filter_map(|snapshot| Some(snapshot.expires? - snapshot.at?)).max();
    let last = snapshots.filter_map(|snapshot| snapshot.expires).max();
    let fix = criteria.run(backups, "flex snapshots list", "");
    let mut problems = Vec::new();
    if let (Some(kept), Some(days)) = (kept, criteria.policy.retention_days.values().copied().max()) {
        // Allow an hour between the scheduled time and the completion.
        if TimeDelta::try_days(days).is_some_and(|demanded| kept + TimeDelta::hours(1) < demanded) {
            let message = format!(
                "snapshots of the flex cluster are kept for {}, the policy file requires {days} days",
                length(kept)
            );
            let fix = fix.clone();
            problems.push(Problem { message, fix });
        }
    }
    if let Some(last) = last.filter(|last| *last - criteria.now < TimeDelta::days(2)) {
        let message =
            format!("the last snapshot expires in {} and no newer one was taken", length(last - criteria.now));
        problems.push(Problem { message, fix });
    }
    problems
}

pub(super) fn paused(backups: &ClusterBackups, criteria: &Criteria) -> Vec<Problem> {
    if !backups.paused {
        return Vec::new();
    }
    let last = backups.completed().last().map(|last| length(criteria.now - *last));
    let last = last.map_or_else(
        || "no completed snapshot exists".to_owned(),
        |age| format!("the last completed snapshot is {age} old"),
    );
    one(format!("paused: no snapshots are taken, {last}"), criteria.set(backups, "\"paused\":false"))
}
