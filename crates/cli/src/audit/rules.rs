//! The rules: one table, and a pure function for each.
//!
//! A rule looks at what is known of one cluster, of a project, or at the versions that this program speaks, and says
//! what is wrong with exact figures and what to run. What is not known is no finding of a rule: that it could not be read
//! is one already. `docs/audit.md` has a section for each row, and a test holds the two together.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    facts::{Compliance, FREQUENCIES, Facts, Job, Kind, Plan, State, kept, length},
    finding::{Finding, Severity, Severity::*},
    policy::Policy,
};

/// Something begun and not done is stuck after this long.
const STUCK: TimeDelta = TimeDelta::hours(24);
/// How far back failures and gaps are looked for.
const WINDOW: TimeDelta = TimeDelta::days(7);
/// A version that ends within this time is told of.
const SUNSET: TimeDelta = TimeDelta::days(365);

/// What rules are held against.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) rpo: TimeDelta,
    pub(crate) policy: &'a Policy,
    /// How this program is called, with what every call of it needs.
    pub(crate) program: &'static str,
}

/// What is wrong, and what to run.
pub(crate) struct Problem {
    message: String,
    mend: String,
}

/// A row of the table.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    /// What it says.
    pub(crate) says: &'static str,
    /// What it has to know.
    pub(crate) needs: &'static str,
    check: Check,
}

#[derive(Clone, Copy)]
enum Check {
    Cluster(fn(&Facts, Option<&Compliance>, &Context<'_>) -> Vec<Problem>),
    Project(fn(&str, Option<&Compliance>, &Context<'_>) -> Vec<Problem>),
    Fleet(fn(&Context<'_>) -> Vec<Problem>),
}

macro_rules! rules {
    ($($id:literal $severity:ident $scope:ident $check:ident $says:literal needs $needs:literal)*) => {
        /// All rules.
        pub(crate) const RULES: &[Rule] = &[$(Rule {
            id: $id, severity: $severity, says: $says, needs: $needs, check: Check::$scope($check),
        }),*];
    };
}

rules! {
    "snapshot-age" Critical Cluster age "The last completed snapshot is older than the RPO, or there is none." needs "snapshots"
    "backup-off" Critical Cluster backup_off "Backups are off." needs "the cluster"
    "schedule-absent" Critical Cluster no_schedule "The schedule takes no snapshots." needs "the schedule"
    "snapshot-gap" Warning Cluster gaps "Completed snapshots of the last 7 days are further apart than the RPO." needs "snapshots, the schedule"
    "snapshot-failed" Warning Cluster snapshot_failed "A snapshot of the last 7 days failed." needs "snapshots"
    "snapshot-stuck" Warning Cluster snapshot_stuck "A snapshot was begun more than 24 hours ago and is not done." needs "snapshots"
    "restore-failed" Warning Cluster restore_failed "A restore of the last 7 days failed." needs "restores"
    "restore-stuck" Warning Cluster restore_stuck "A restore was begun more than 24 hours ago and is not done." needs "restores"
    "export-failed" Warning Cluster export_failed "An export of the last 7 days failed." needs "exports"
    "export-stuck" Warning Cluster export_stuck "An export was begun more than 24 hours ago and is not done." needs "exports"
    "retention-short" Warning Cluster retention "Snapshots of a frequency are kept for less than the policy file demands." needs "the schedule, a policy file"
    "copy-region-missing" Warning Cluster copies "Snapshots are not copied to a region that the policy file demands." needs "the schedule, a policy file"
    "point-in-time-off" Warning Cluster point_in_time "Continuous backup is off: only snapshots can be restored." needs "the cluster"
    "restore-window-short" Warning Cluster restore_window "Points in time reach less far back than the policy file demands." needs "the schedule, a policy file"
    "flex-horizon" Warning Cluster flex_horizon "A flex cluster's snapshots are kept for less than the policy file demands, or they have begun to run out." needs "snapshots"
    "cluster-paused" Info Cluster paused "The cluster is paused: no snapshots are taken." needs "the cluster"
    "compliance-below-schedule" Info Cluster compliance_below "The project's compliance policy protects less than the schedule keeps." needs "the schedule, the compliance policy"
    "compliance-absent" Info Project compliance_absent "The project has no compliance policy: whoever may change backups may delete them." needs "the compliance policy"
    "compliance-weak" Warning Project compliance_weak "The compliance policy demands less than the policy file." needs "the compliance policy, a policy file"
    "version-sunset" Info Fleet sunset "The only version of an operation that this program speaks ends within a year." needs "nothing"
    "exception-ended" Warning Fleet exception_ended "An exception of the policy file has ended and no longer counts." needs "a policy file"
    "unread" Warning Cluster unread "Something could not be read, so that its rules could not be checked." needs "nothing"
}

impl Rule {
    /// Whether it is checked of each cluster.
    pub(crate) fn is_of_clusters(&self) -> bool {
        matches!(self.check, Check::Cluster(_))
    }
}

/// What is wrong with a cluster.
pub(crate) fn of_cluster(facts: &Facts, compliance: Option<&Compliance>, context: &Context<'_>) -> Vec<Finding> {
    collect(context, Some(&facts.project), Some(&facts.cluster), |check| match check {
        Check::Cluster(check) => check(facts, compliance, context),
        _ => Vec::new(),
    })
}

/// What is wrong with a project, whose compliance policy has been asked for.
pub(crate) fn of_project(project: &str, compliance: Option<&Compliance>, context: &Context<'_>) -> Vec<Finding> {
    collect(context, Some(project), None, |check| match check {
        Check::Project(check) => check(project, compliance, context),
        _ => Vec::new(),
    })
}

/// What is wrong with the whole.
pub(crate) fn of_fleet(context: &Context<'_>) -> Vec<Finding> {
    collect(context, None, None, |check| match check {
        Check::Fleet(check) => check(context),
        _ => Vec::new(),
    })
}

/// That something could not be read, of a project or of a cluster.
pub(crate) fn missed(project: &str, cluster: Option<&str>, why: &str, context: &Context<'_>) -> Finding {
    Finding {
        severity: Warning,
        rule: "unread".to_owned(),
        project: Some(project.to_owned()),
        cluster: cluster.map(str::to_owned),
        message: format!("not read: {why}"),
        mend: format!("{} --project {project} audit", context.program),
    }
}

fn collect(
    context: &Context<'_>,
    project: Option<&str>,
    cluster: Option<&str>,
    check: impl Fn(Check) -> Vec<Problem>,
) -> Vec<Finding> {
    let found = RULES.iter().flat_map(|rule| {
        check(rule.check).into_iter().map(|problem| Finding {
            severity: rule.severity,
            rule: rule.id.to_owned(),
            project: project.map(str::to_owned),
            cluster: cluster.map(str::to_owned),
            message: problem.message,
            mend: problem.mend,
        })
    });
    found.filter(|finding| context.policy.tells(finding, context.now)).collect()
}

impl Context<'_> {
    /// A command about a cluster: its name stands after `verb`.
    fn run(&self, facts: &Facts, verb: &str, rest: &str) -> String {
        format!("{} --project {} {verb} {} {rest}", self.program, facts.project, facts.cluster).trim_end().to_owned()
    }

    /// Sets one field of a cluster.
    fn set(&self, facts: &Facts, field: &str) -> String {
        format!(
            "echo '{{{field}}}' | {} api clusters updateGroupCluster --groupId {} --clusterName {} --file -",
            self.program, facts.project, facts.cluster
        )
    }
}

fn one(message: String, mend: String) -> Vec<Problem> {
    vec![Problem { message, mend }]
}

fn age(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
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

fn backup_off(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    if facts.backup != Some(false) {
        return Vec::new();
    }
    let mend = match facts.kind {
        Kind::Flex => context.run(facts, "flex snapshots list", ""),
        _ => context.set(facts, "\"backupEnabled\":true"),
    };
    one("backups are off".to_owned(), mend)
}

fn no_schedule(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    match &facts.plan {
        Some(plan) if plan.items.is_empty() && facts.backup != Some(false) => one(
            "the schedule has no items".to_owned(),
            context.run(facts, "schedule set", "--hourly 6:7d --daily 1:30d"),
        ),
        _ => Vec::new(),
    }
}

fn gaps(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
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
fn interval(rpo: TimeDelta) -> i64 {
    [12, 8, 6, 4, 2].into_iter().find(|hours| *hours <= rpo.num_hours()).unwrap_or(1)
}

fn failed<'a>(
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

fn stuck<'a>(
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

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// One problem for all `things`, told by the latest.
fn latest<'a>(
    things: impl Iterator<Item = (&'a str, State, Option<DateTime<Utc>>)>,
    context: &Context<'_>,
    tell: impl Fn(&str, usize, &str) -> Problem,
) -> Vec<Problem> {
    let things: Vec<_> = things.collect();
    let Some((id, _, at)) = things.iter().max_by_key(|(_, _, at)| *at) else { return Vec::new() };
    let at = at.map_or_else(String::new, |at| format!(" ({} ago)", length(context.now - at)));
    vec![tell(id, things.len(), &at)]
}

fn snaps(facts: &Facts) -> impl Iterator<Item = (&str, State, Option<DateTime<Utc>>)> {
    facts.snapshots.iter().flatten().map(|snapshot| (snapshot.id.as_str(), snapshot.state, snapshot.at))
}

fn jobs(jobs: &[Job]) -> impl Iterator<Item = (&str, State, Option<DateTime<Utc>>)> {
    jobs.iter().map(|job| (job.id.as_str(), job.state, job.at))
}

/// A noun of this kind of cluster.
fn noun(facts: &Facts, noun: &str, verb: &str) -> String {
    if facts.kind == Kind::Flex { format!("flex {noun} {verb}") } else { format!("{noun} {verb}") }
}

fn snapshot_failed(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    failed(snaps(facts), "snapshot", &noun(facts, "snapshots", "get"), facts, context)
}

fn snapshot_stuck(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    stuck(snaps(facts), "snapshot", &noun(facts, "snapshots", "get"), facts, context)
}

fn restore_failed(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    failed(jobs(&facts.restores), "restore", &noun(facts, "restores", "get"), facts, context)
}

fn restore_stuck(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let verb = if facts.kind == Kind::Flex { "flex restores get" } else { "restores cancel" };
    stuck(jobs(&facts.restores), "restore", verb, facts, context)
}

fn export_failed(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    failed(jobs(&facts.exports), "export", "exports get", facts, context)
}

fn export_stuck(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    stuck(jobs(&facts.exports), "export", "exports get", facts, context)
}

/// The flag that raises a frequency's retention and leaves its interval as it is.
fn flag(frequency: &str, interval: Option<i64>, days: i64) -> String {
    let usual = match frequency {
        "hourly" | "weekly" => 6,
        "monthly" => 40,
        "yearly" => 12,
        _ => 1,
    };
    format!("--{frequency} {}:{days}d", interval.unwrap_or(usual))
}

fn retention(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
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

fn copies(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let Some(plan) = &facts.plan else { return Vec::new() };
    let missing = context.policy.copy_regions.iter().filter(|region| !plan.copies_to.contains(region));
    let missing: Vec<_> = missing.map(String::as_str).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let copied = if plan.copies_to.is_empty() { "nowhere".to_owned() } else { plan.copies_to.join(", ") };
    let message = format!("snapshots are copied to {copied}, the policy demands {} too", missing.join(", "));
    one(message, context.run(facts, "schedule set", ""))
}

fn point_in_time(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    match facts.point_in_time {
        Some(false) if facts.backup != Some(false) => {
            one("continuous backup is off".to_owned(), context.set(facts, "\"pitEnabled\":true"))
        }
        _ => Vec::new(),
    }
}

fn restore_window(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let (Some(plan), Some(demanded)) = (&facts.plan, context.policy.point_in_time_days) else { return Vec::new() };
    let days = plan.window_days.unwrap_or(0);
    if facts.point_in_time != Some(true) || days >= demanded {
        return Vec::new();
    }
    let message = format!("points in time reach {days} days back, the policy demands {demanded}");
    one(message, context.run(facts, "schedule set", &format!("--restore-window {demanded}")))
}

/// How long a flex cluster's snapshots are kept is not for anybody to choose: it is read from the snapshots themselves.
fn flex_horizon(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
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

fn paused(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    if !facts.paused {
        return Vec::new();
    }
    let last = facts.completed().last().map(|last| length(context.now - *last));
    let last =
        last.map_or_else(|| "there is no completed snapshot".to_owned(), |age| format!("the last one is {age} old"));
    one(format!("paused: no snapshots are taken, {last}"), context.set(facts, "\"paused\":false"))
}

fn compliance_below(facts: &Facts, compliance: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let (Some(plan), Some(compliance)) = (&facts.plan, compliance) else { return Vec::new() };
    let below = FREQUENCIES.iter().filter_map(|name| {
        let scheduled = kept(&plan.items, name)?;
        let protected = kept(&compliance.items, name).unwrap_or(0);
        (protected < scheduled).then(|| format!("{name} {protected} of {scheduled} days"))
    });
    let below: Vec<_> = below.collect();
    if below.is_empty() {
        return Vec::new();
    }
    let mend = format!("{} --project {} compliance set", context.program, facts.project);
    one(format!("the compliance policy protects {}", below.join(", ")), mend)
}

fn compliance_absent(project: &str, compliance: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    match compliance {
        Some(_) => Vec::new(),
        None => one(
            "the project has no compliance policy".to_owned(),
            format!("{} --project {project} compliance set", context.program),
        ),
    }
}

fn compliance_weak(project: &str, compliance: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let Some(compliance) = compliance else { return Vec::new() };
    let set = |flags: String| format!("{} --project {project} compliance set {flags}", context.program);
    let short = context.policy.retention_days.iter().filter_map(|(name, days)| {
        let protected = kept(&compliance.items, name).unwrap_or(0);
        let interval = compliance.items.iter().find(|item| item.frequency == *name).map(|item| item.interval);
        (protected < *days).then(|| Problem {
            message: format!(
                "the compliance policy keeps {name} snapshots {protected} days, the policy file demands {days}"
            ),
            mend: set(flag(name, interval, *days)),
        })
    });
    let window = context.policy.point_in_time_days.filter(|days| compliance.window_days.unwrap_or(0) < *days);
    let window = window.map(|days| Problem {
        message: format!(
            "the compliance policy's restore window is {} days, the policy file demands {days}",
            compliance.window_days.unwrap_or(0)
        ),
        mend: set(format!("--restore-window {days}")),
    });
    short.chain(window).collect()
}

fn sunset(context: &Context<'_>) -> Vec<Problem> {
    let live = atlas_backup::operations::ALL.iter().filter(|operation| !operation.retired);
    let ending = live.filter_map(|operation| {
        let version = operation.newest();
        let day = ends_soon(version.sunset, context.now.date_naive())?;
        Some(Problem {
            message: format!("{} in its version of {} ends on {day}", operation.id, version.date),
            mend: format!("{} api describe {}", context.program, operation.id),
        })
    });
    ending.collect()
}

/// The day of a sunset, once it is near or past.
pub(super) fn ends_soon(sunset: Option<&str>, today: NaiveDate) -> Option<NaiveDate> {
    let day = sunset?.get(..10)?.parse::<NaiveDate>().ok()?;
    (day - today <= SUNSET).then_some(day)
}

fn exception_ended(context: &Context<'_>) -> Vec<Problem> {
    let ended = context.policy.exceptions.iter().filter(|exception| exception.until < context.now.date_naive());
    let told = ended.map(|exception| Problem {
        message: format!("an exception ended on {}: {}", exception.until, exception.reason),
        mend: format!("{} audit --rules", context.program),
    });
    told.collect()
}

fn unread(facts: &Facts, _: Option<&Compliance>, context: &Context<'_>) -> Vec<Problem> {
    let unread = facts.unread.iter().map(|(what, why)| Problem {
        message: format!("{what} not read: {why}"),
        mend: format!("{} --project {} audit", context.program, facts.project),
    });
    unread.collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
