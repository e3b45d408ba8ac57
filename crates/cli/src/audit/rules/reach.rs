//! How far back a cluster's backups reach and where they lie, against what the policy file demands.

use chrono::TimeDelta;

use super::{Context, Problem, flag, one};
use crate::audit::{
    facts::{Facts, Kind, State, length},
    plan::{Compliance, FREQUENCIES, kept},
};

pub(super) fn retention(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let Some(plan) = facts.plan.as_ref().filter(|plan| !plan.items.is_empty()) else { return Vec::new() };
    let demanded = FREQUENCIES.iter().filter_map(|name| Some((*name, *context.policy.retention_days.get(*name)?)));
    let short = demanded.filter_map(|(name, days)| {
        let kept = kept(&plan.items, name);
        if kept.is_some_and(|kept| kept >= days) {
            return None;
        }
        let interval = plan.items.iter().find(|item| item.frequency == name).map(|item| item.interval);
        let kept = kept.map_or_else(|| "not taken".to_owned(), |kept| format!("kept {kept} days"));
        Some(Problem {
            message: format!("{name} snapshots are {kept}, the policy demands {days} days"),
            mend: context.run(facts, "schedule set", &flag(name, interval, days)),
        })
    });
    short.collect()
}

pub(super) fn point_in_time(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    match facts.point_in_time {
        Some(false) if facts.backup != Some(false) => {
            one("continuous backup is off".to_owned(), context.set(facts, "\"pitEnabled\":true"))
        }
        _ => Vec::new(),
    }
}

pub(super) fn restore_window(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let (Some(plan), Some(demanded)) = (&facts.plan, context.policy.point_in_time_days) else { return Vec::new() };
    let days = plan.window_days.unwrap_or(0);
    if facts.point_in_time != Some(true) || days >= demanded {
        return Vec::new();
    }
    let message = format!("points in time reach {days} days back, the policy demands {demanded}");
    one(message, context.run(facts, "schedule set", &format!("--restore-window {demanded}")))
}

/// How long a flex cluster's snapshots are kept is not for anybody to choose: it is read from the snapshots themselves.
pub(super) fn flex_horizon(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    if facts.kind != Kind::Flex {
        return Vec::new();
    }
    let snapshots = facts.snapshots.iter().flatten().filter(|snapshot| snapshot.state == State::Done);
    let kept = snapshots.clone().filter_map(|snapshot| Some(snapshot.expires? - snapshot.at?)).max();
    let last = snapshots.filter_map(|snapshot| snapshot.expires).max();
    let mend = context.run(facts, "flex snapshots list", "");
    let mut problems = Vec::new();
    if let (Some(kept), Some(days)) = (kept, context.policy.retention_days.values().copied().max()) {
        // A day is lost between a snapshot's plan and its end at most.
        if TimeDelta::try_days(days).is_some_and(|demanded| kept + TimeDelta::hours(1) < demanded) {
            let message =
                format!("a flex cluster's snapshots are kept {}, the policy demands {days} days", length(kept));
            let mend = mend.clone();
            problems.push(Problem { message, mend });
        }
    }
    if let Some(last) = last.filter(|last| *last - context.now < TimeDelta::days(2)) {
        let message = format!("no snapshot is left in {}: none newer has been taken", length(last - context.now));
        problems.push(Problem { message, mend });
    }
    problems
}

pub(super) fn paused(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    if !facts.paused {
        return Vec::new();
    }
    let last = facts.completed().last().map(|last| length(context.now - *last));
    let last =
        last.map_or_else(|| "there is no completed snapshot".to_owned(), |age| format!("the last one is {age} old"));
    one(format!("paused: no snapshots are taken, {last}"), context.set(facts, "\"paused\":false"))
}
