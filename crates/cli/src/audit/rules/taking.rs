//! Whether snapshots are taken, and whether they, restores and exports end well and in time.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Problem, STUCK, WINDOW, one};
use crate::audit::{
    facts::{Facts, Job, Kind, State, length},
    plan::{Compliance, Plan},
};

pub(super) fn age(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let rpo = length(context.rpo);
    let young = facts.created.is_some_and(|created| context.now - created < context.rpo);
    if facts.snapshots.is_none() || facts.paused || facts.backup == Some(false) {
        return Vec::new();
    }
    let mend = match facts.kind {
        Kind::Flex => context.run(facts, "flex snapshots list", ""),
        _ => context.run(facts, "snapshots take", "--wait"),
    };
    match facts.completed().last() {
        Some(last) if context.now - *last > context.rpo => {
            one(format!("the last completed snapshot is {} old, the RPO is {rpo}", length(context.now - *last)), mend)
        }
        None if !young => one(format!("there is no completed snapshot, the RPO is {rpo}"), mend),
        _ => Vec::new(),
    }
}

pub(super) fn backup_off(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    if facts.backup != Some(false) {
        return Vec::new();
    }
    let mend = match facts.kind {
        Kind::Flex => context.run(facts, "flex snapshots list", ""),
        _ => context.set(facts, "\"backupEnabled\":true"),
    };
    one("backups are off".to_owned(), mend)
}

pub(super) fn no_schedule(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    match &facts.plan {
        Some(plan) if plan.items.is_empty() && facts.backup != Some(false) => one(
            "the schedule has no items".to_owned(),
            context.run(facts, "schedule set", "--hourly 6:7d --daily 1:30d"),
        ),
        _ => Vec::new(),
    }
}

pub(super) fn gaps(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    // Further back than the most frequent snapshots are kept, what is left is sparse by design.
    let dense = facts.plan.as_ref().and_then(Plan::dense_days).and_then(TimeDelta::try_days);
    let since = context.now - dense.unwrap_or(WINDOW).min(WINDOW);
    // One day's snapshot takes a little longer than the next one's; a schedule as dense as the RPO has no gaps.
    let grace = (context.rpo / 10).min(TimeDelta::hours(1));
    let moments: Vec<_> = facts.completed().into_iter().filter(|moment| *moment >= since).collect();
    let pairs = moments.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
    let gaps: Vec<_> = pairs.filter(|(from, to)| *to - *from > context.rpo + grace).collect();
    let Some((from, to)) = gaps.iter().max_by_key(|(from, to)| *to - *from) else { return Vec::new() };
    let message = format!(
        "{} above the RPO of {} since {}, the longest {} from {} to {}",
        counted(gaps.len(), "gap"),
        length(context.rpo),
        since.format("%F"),
        length(*to - *from),
        from.format("%FT%RZ"),
        to.format("%FT%RZ")
    );
    let mend = match facts.kind {
        Kind::Flex => context.run(facts, "flex snapshots list", ""),
        _ => context.run(facts, "schedule set", &format!("--hourly {}:7d", interval(context.rpo))),
    };
    one(message, mend)
}

/// The longest interval of hourly snapshots within an RPO.
pub(super) fn interval(rpo: TimeDelta) -> i64 {
    [12, 8, 6, 4, 2].into_iter().find(|hours| *hours <= rpo.num_hours()).unwrap_or(1)
}

pub(super) fn failed<'a>(
    things: impl Iterator<Item = (&'a str, State, Option<DateTime<Utc>>)>,
    what: &str,
    verb: &str,
    facts: &Facts,
    context: &Context<'_>,
) -> Vec<Problem> {
    let failed = things.filter(|(_, state, at)| {
        *state == State::Failed && at.is_none_or(|at| context.now - at <= WINDOW && at <= context.now)
    });
    latest(failed, context, |id, count, at| Problem {
        message: format!("{} failed in the last 7 days, the latest is {id}{at}", counted(count, what)),
        mend: context.run(facts, verb, id),
    })
}

pub(super) fn stuck<'a>(
    things: impl Iterator<Item = (&'a str, State, Option<DateTime<Utc>>)>,
    what: &str,
    verb: &str,
    facts: &Facts,
    context: &Context<'_>,
) -> Vec<Problem> {
    let born = facts.created.unwrap_or(DateTime::UNIX_EPOCH);
    let stuck = things
        .filter(|(_, state, at)| *state == State::Busy && at.is_some_and(|at| at >= born && context.now - at > STUCK));
    latest(stuck, context, |id, count, at| Problem {
        message: format!("{} not done after 24 hours, the latest is {id}{at}", counted(count, what)),
        mend: context.run(facts, verb, id),
    })
}

pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// One problem for all `things`, told by the latest.
pub(super) fn latest<'a>(
    things: impl Iterator<Item = (&'a str, State, Option<DateTime<Utc>>)>,
    context: &Context<'_>,
    tell: impl Fn(&str, usize, &str) -> Problem,
) -> Vec<Problem> {
    let things: Vec<_> = things.collect();
    let Some((id, _, at)) = things.iter().max_by_key(|(_, _, at)| *at) else { return Vec::new() };
    let at = at.map_or_else(String::new, |at| format!(" ({} ago)", length(context.now - at)));
    vec![tell(id, things.len(), &at)]
}

pub(super) fn snaps(facts: &Facts) -> impl Iterator<Item = (&str, State, Option<DateTime<Utc>>)> {
    facts.snapshots.iter().flatten().map(|snapshot| (snapshot.id.as_str(), snapshot.state, snapshot.at))
}

pub(super) fn jobs(jobs: &[Job]) -> impl Iterator<Item = (&str, State, Option<DateTime<Utc>>)> {
    jobs.iter().map(|job| (job.id.as_str(), job.state, job.at))
}

/// A noun of this kind of cluster.
pub(super) fn noun(facts: &Facts, noun: &str, verb: &str) -> String {
    if facts.kind == Kind::Flex { format!("flex {noun} {verb}") } else { format!("{noun} {verb}") }
}

pub(super) fn snapshot_failed(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    failed(snaps(facts), "snapshot", &noun(facts, "snapshots", "get"), facts, context)
}

pub(super) fn snapshot_stuck(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    stuck(snaps(facts), "snapshot", &noun(facts, "snapshots", "get"), facts, context)
}

pub(super) fn restore_failed(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    failed(jobs(&facts.restores), "restore", &noun(facts, "restores", "get"), facts, context)
}

pub(super) fn restore_stuck(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let verb = if facts.kind == Kind::Flex { "flex restores get" } else { "restores cancel" };
    stuck(jobs(&facts.restores), "restore", verb, facts, context)
}

pub(super) fn export_failed(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    failed(jobs(&facts.exports), "export", "exports get", facts, context)
}

pub(super) fn export_stuck(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    stuck(jobs(&facts.exports), "export", "exports get", facts, context)
}
