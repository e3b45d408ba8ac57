//! Evaluates the rules.

use std::collections::BTreeSet;

use super::{
    problem::Problem,
    table::{Check, Need, RULES},
};
use crate::{
    audit::{
        backups::{ClusterBackups, VersionNotice},
        criteria::Criteria,
        finding::{Finding, Severity},
        schedule::ComplianceSummary,
    },
    ui::hints::Command,
};

/// Findings of a cluster.
pub(crate) fn cluster(
    backups: &ClusterBackups,
    compliance: Option<&ComplianceSummary>,
    criteria: &Criteria,
) -> Vec<Finding> {
    collect(criteria, Some(&backups.project), Some(&backups.cluster), |check| match check {
        Check::Cluster(check) => check(backups, criteria),
        Check::Protected(check) => compliance.map_or_else(Vec::new, |compliance| check(backups, compliance, criteria)),
        Check::Failed(jobs) => jobs.failed(backups, criteria),
        Check::Stuck(jobs) => jobs.stuck(backups, criteria),
        Check::Project(_) | Check::Fleet(_) => Vec::new(),
    })
}

/// Findings of a cluster with incomplete data: evaluates only rules that need no more than `known`.
pub(crate) fn known(backups: &ClusterBackups, known: &BTreeSet<Need>, criteria: &Criteria) -> Vec<Finding> {
    let mut findings = cluster(backups, None, criteria);
    findings.retain(|finding| RULES.iter().any(|rule| rule.id == finding.rule && rule.can_be_evaluated_with(known)));
    findings
}

/// Findings of a project.
pub(crate) fn project(project: &str, compliance: Option<&ComplianceSummary>, criteria: &Criteria) -> Vec<Finding> {
    collect(criteria, Some(project), None, |check| match check {
        Check::Project(check) => check(project, compliance, criteria),
        _ => Vec::new(),
    })
}

/// Findings of the whole fleet, after all responses.
pub(crate) fn fleet(notices: &[VersionNotice], criteria: &Criteria) -> Vec<Finding> {
    collect(criteria, None, None, |check| match check {
        Check::Fleet(check) => check(notices, criteria),
        _ => Vec::new(),
    })
}

/// The finding for a project or cluster that could not be read.
pub(crate) fn unreadable(project: &str, cluster: Option<&str>, why: &str, criteria: &Criteria) -> Finding {
    Finding {
        severity: Severity::Warning,
        rule: "unread".to_owned(),
        project: Some(project.to_owned()),
        cluster: cluster.map(str::to_owned),
        message: format!("cannot read it: {why}"),
        fix: criteria.fix(project, Command::new("audit")),
        read_at: Some(criteria.now),
    }
}

fn collect(
    criteria: &Criteria,
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
            fix: problem.fix,
            read_at: Some(criteria.now),
        })
    });
    found.filter(|finding| criteria.policy.reports(finding, criteria.now)).collect()
}
