//! Holding the rules against what is known.

use std::collections::BTreeSet;

use super::{
    problem::Problem,
    table::{Check, Need, RULES},
};
use crate::{
    audit::{
        backups::{ClusterBackups, VersionNotice},
        finding::{Finding, Severity},
        plan::Compliance,
        standard::Standard,
    },
    ui::hints::Command,
};

/// What is wrong with a cluster.
pub(crate) fn of_cluster(
    backups: &ClusterBackups,
    compliance: Option<&Compliance>,
    standard: &Standard,
) -> Vec<Finding> {
    collect(standard, Some(&backups.project), Some(&backups.cluster), |check| match check {
        Check::Cluster(check) => check(backups, standard),
        Check::Protected(check) => compliance.map_or_else(Vec::new, |compliance| check(backups, compliance, standard)),
        Check::Failed(jobs) => jobs.failed(backups, standard),
        Check::Stuck(jobs) => jobs.stuck(backups, standard),
        Check::Project(_) | Check::Fleet(_) => Vec::new(),
    })
}

/// What is wrong with a cluster of which no more is known than `known`: only what follows from that.
pub(crate) fn of_known(backups: &ClusterBackups, known: &BTreeSet<Need>, standard: &Standard) -> Vec<Finding> {
    let mut findings = of_cluster(backups, None, standard);
    findings.retain(|finding| RULES.iter().any(|rule| rule.id == finding.rule && rule.is_judged_by(known)));
    findings
}

/// What is wrong with a project, whose compliance policy has been asked for.
pub(crate) fn of_project(project: &str, compliance: Option<&Compliance>, standard: &Standard) -> Vec<Finding> {
    collect(standard, Some(project), None, |check| match check {
        Check::Project(check) => check(project, compliance, standard),
        _ => Vec::new(),
    })
}

/// What is wrong with the whole, once the service has answered all that was asked.
pub(crate) fn of_fleet(notices: &[VersionNotice], standard: &Standard) -> Vec<Finding> {
    collect(standard, None, None, |check| match check {
        Check::Fleet(check) => check(notices, standard),
        _ => Vec::new(),
    })
}

/// That something could not be read, of a project or of a cluster.
pub(crate) fn missed(project: &str, cluster: Option<&str>, why: &str, standard: &Standard) -> Finding {
    Finding {
        severity: Severity::Warning,
        rule: "unread".to_owned(),
        project: Some(project.to_owned()),
        cluster: cluster.map(str::to_owned),
        message: format!("not read: {why}"),
        mend: standard.fix(project, Command::new("audit")),
        read_at: Some(standard.now),
    }
}

fn collect(
    standard: &Standard,
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
            read_at: Some(standard.now),
        })
    });
    found.filter(|finding| standard.policy.tells(finding, standard.now)).collect()
}
