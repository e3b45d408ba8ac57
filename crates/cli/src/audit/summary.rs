//! Summary of findings: totals by rule and by project, worst first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    audit::finding::{Finding, Severity},
    ui::output::columns::{Cell, Column, Document},
};

/// The findings of a rule.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RuleTotal {
    pub(crate) severity: &'static str,
    pub(crate) rule: String,
    pub(crate) findings: usize,
    pub(crate) clusters: usize,
    projects: usize,
}

/// The findings of a project.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ProjectTotal {
    pub(crate) project: String,
    pub(crate) critical: usize,
    pub(crate) warning: usize,
    pub(crate) info: usize,
}

/// Totals by rule: the most severe first, then the most frequent.
pub(crate) fn by_rule(findings: &[Finding]) -> Vec<RuleTotal> {
    let mut rules: BTreeMap<(Severity, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        rules.entry((finding.severity, &finding.rule)).or_default().push(finding);
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|((severity, _), findings)| std::cmp::Reverse((*severity, findings.len())));
    let total = |((severity, rule), findings): ((Severity, &str), Vec<&Finding>)| RuleTotal {
        severity: severity.as_str(),
        rule: rule.to_owned(),
        findings: findings.len(),
        clusters: findings
            .iter()
            .filter_map(|finding| Some((&finding.project, finding.cluster.as_ref()?)))
            .collect::<BTreeSet<_>>()
            .len(),
        projects: findings.iter().filter_map(|finding| finding.project.as_ref()).collect::<BTreeSet<_>>().len(),
    };
    rules.into_iter().map(total).collect()
}

/// Totals by project: the project with the most critical findings first, then warnings.
pub(crate) fn by_project(findings: &[Finding]) -> Vec<ProjectTotal> {
    let mut projects: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for finding in findings {
        let Some(project) = &finding.project else { continue };
        let [critical, warning, info] = projects.entry(project).or_default();
        *match finding.severity {
            Severity::Critical => critical,
            Severity::Warning => warning,
            Severity::Info => info,
        } += 1;
    }
    let mut projects: Vec<_> = projects.into_iter().collect();
    projects.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
    let total = |(project, [critical, warning, info]): (&str, [usize; 3])| ProjectTotal {
        project: project.to_owned(),
        critical,
        warning,
        info,
    };
    projects.into_iter().map(total).collect()
}

impl Document for RuleTotal {
    const PLURAL: &'static str = "rules with findings";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("SEVERITY", |total, _| Cell::severity(total.severity)),
        Column::new("RULE", |total, _| Cell::text(Some(&total.rule))),
        Column::new("FINDINGS", |total, _| Cell::text(Some(total.findings))),
        Column::new("CLUSTERS", |total, _| Cell::text(Some(total.clusters))),
        Column::new("PROJECTS", |total, _| Cell::text(Some(total.projects))),
    ];
}

impl Document for ProjectTotal {
    const PLURAL: &'static str = "projects with findings";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("PROJECT", |total, _| Cell::text(Some(&total.project))),
        Column::new("CRITICAL", |total, _| Cell::text(Some(total.critical))),
        Column::new("WARNING", |total, _| Cell::text(Some(total.warning))),
        Column::new("INFO", |total, _| Cell::text(Some(total.info))),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(severity: Severity, rule: &str, project: &str, cluster: Option<&str>) -> Finding {
        Finding {
            severity,
            rule: rule.to_owned(),
            project: Some(project.to_owned()),
            cluster: cluster.map(str::to_owned),
            message: String::new(),
            fix: String::new(),
            read_at: None,
        }
    }

    #[test]
    fn totals_put_worst_rule_and_project_first() {
        let findings = [
            finding(Severity::Warning, "gap", "a", Some("one")),
            finding(Severity::Warning, "gap", "a", Some("one")),
            finding(Severity::Warning, "gap", "b", Some("one")),
            finding(Severity::Critical, "age", "b", Some("two")),
            finding(Severity::Info, "version", "c", None),
        ];
        let rules: Vec<_> =
            by_rule(&findings).into_iter().map(|total| (total.rule, total.findings, total.clusters)).collect();
        assert_eq!(rules, [("age".to_owned(), 1, 1), ("gap".to_owned(), 3, 2), ("version".to_owned(), 1, 0)]);
        let projects: Vec<_> =
            by_project(&findings).into_iter().map(|total| (total.project, total.critical, total.warning)).collect();
        assert_eq!(projects, [("b".to_owned(), 1, 1), ("a".to_owned(), 0, 2), ("c".to_owned(), 0, 0)]);
    }
}
