//! Rules that compare the compliance policy of a project with schedules and the policy file.

use super::problem::{Problem, flag, one};
use crate::{
    audit::{
        backups::ClusterBackups,
        criteria::Criteria,
        schedule::{ComplianceSummary, FREQUENCIES, longest_retention},
    },
    ui::hints::Command,
};

pub(super) fn compliance_below(
    backups: &ClusterBackups,
    compliance: &ComplianceSummary,
    criteria: &Criteria,
) -> Vec<Problem> {
    let Some(schedule) = &backups.schedule else { return Vec::new() };
    let below = FREQUENCIES.iter().filter_map(|name| {
        let scheduled = longest_retention(&schedule.items, name)?;
        let protected = longest_retention(&compliance.items, name).unwrap_or(0);
        (protected < scheduled).then(|| format!("{name} {protected} of {scheduled} days"))
    });
    let below: Vec<_> = below.collect();
    if below.is_empty() {
        return Vec::new();
    }
    let fix = criteria.fix(&backups.project, Command::new("compliance set"));
    one(
        format!(
            "the compliance policy protects snapshots for less time than the schedule keeps them: {}",
            below.join(", ")
        ),
        fix,
    )
}

pub(super) fn compliance_absent(
    project: &str,
    compliance: Option<&ComplianceSummary>,
    criteria: &Criteria,
) -> Vec<Problem> {
    match compliance {
        Some(_) => Vec::new(),
        None => one("the project has no compliance policy", criteria.fix(project, Command::new("compliance set"))),
    }
}

pub(super) fn compliance_weak(
    project: &str,
    compliance: Option<&ComplianceSummary>,
    criteria: &Criteria,
) -> Vec<Problem> {
    let Some(compliance) = compliance else { return Vec::new() };
    let set = |flags: String| criteria.fix(project, Command::new("compliance set").args(flags.split(' ')));
    let short = criteria.policy.retention_days.iter().filter_map(|(name, days)| {
        let protected = longest_retention(&compliance.items, name).unwrap_or(0);
        let interval = compliance.items.iter().find(|item| item.frequency == *name).map(|item| item.interval);
        (protected < *days).then(|| Problem {
            message: format!(
                "the compliance policy keeps {name} snapshots for {protected} days, the policy file requires {days}"
            ),
            fix: set(flag(name, interval, *days)),
        })
    });
    let window = criteria.policy.point_in_time_days.filter(|days| compliance.window_days.unwrap_or(0) < *days);
    let window = window.map(|days| Problem {
        message: format!(
            "the compliance policy's restore window is {} days, the policy file requires {days}",
            compliance.window_days.unwrap_or(0)
        ),
        fix: set(format!("--restore-window {days}")),
    });
    short.chain(window).collect()
}
