//! A finding: rule, severity, project and cluster, a message with figures, and the command that fixes the problem.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::ui::output::columns::{Cell, Column, Document};

/// Severity, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Worth knowing.
    Info,
    /// Fix soon.
    Warning,
    /// Data may be lost.
    Critical,
}

impl Severity {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }

    /// A number for sorting; higher is more severe.
    pub(crate) const fn rank(self) -> u8 {
        self as u8
    }

    /// The CSS class on a page.
    pub(crate) const fn tone(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warn",
            Severity::Critical => "bad",
        }
    }
}

/// A problem found by a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) rule: String,
    pub(crate) project: Option<String>,
    pub(crate) cluster: Option<String>,
    pub(crate) message: String,
    /// The command that fixes the problem.
    pub(crate) fix: String,
    /// When the backups were read.
    #[serde(default, rename = "readAt", skip_serializing_if = "Option::is_none")]
    pub(crate) read_at: Option<DateTime<Utc>>,
}

impl Finding {
    /// Sorts by severity, most severe first, then by project, cluster and rule.
    pub(crate) fn by_severity(&self, other: &Self) -> Ordering {
        let key = |finding: &Self| (finding.project.clone(), finding.cluster.clone(), finding.rule.clone());
        other.severity.cmp(&self.severity).then_with(|| key(self).cmp(&key(other)))
    }
}

impl Document for Finding {
    const PLURAL: &'static str = "findings";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("SEVERITY", |finding, _| Cell::severity(finding.severity.as_str())),
        Column::new("RULE", |finding, _| Cell::text(Some(&finding.rule))),
        Column::reference("PROJECT", |finding, _| Cell::text(finding.project.as_ref())),
        Column::new("CLUSTER", |finding, _| Cell::text(finding.cluster.as_ref())),
        Column::prose("MESSAGE", |finding, _| Cell::text(Some(&finding.message))),
        Column::command("FIX", |finding, _| Cell::text(Some(&finding.fix))),
    ];
}

/// The findings of one cluster, of a project or of the fleet.
#[derive(Debug, Default)]
pub(crate) struct AuditResult {
    /// Project, cluster and Unix time of its last completed snapshot; `None` for findings without a cluster.
    pub(crate) cluster: Option<(String, String, Option<i64>)>,
    pub(crate) findings: Vec<Finding>,
}
