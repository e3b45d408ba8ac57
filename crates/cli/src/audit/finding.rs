//! A finding: which rule, how bad, where, exactly what, and the command that mends it.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::ui::output::columns::{Cell, Column, Document};

/// How bad it is; the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Worth knowing.
    Info,
    /// To be mended soon.
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

    /// The worse the greater, for sorting.
    pub(crate) const fn rank(self) -> u8 {
        self as u8
    }

    /// The style that a page gives it.
    pub(crate) const fn tone(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warn",
            Severity::Critical => "bad",
        }
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) rule: String,
    pub(crate) project: Option<String>,
    pub(crate) cluster: Option<String>,
    pub(crate) message: String,
    /// What to run.
    pub(crate) fix: String,
    /// From when the backups are.
    #[serde(default, rename = "readAt", skip_serializing_if = "Option::is_none")]
    pub(crate) read_at: Option<DateTime<Utc>>,
}

impl Finding {
    /// The order in which findings are read: the worst first, then by place.
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
        Column::new("PROJECT", |finding, _| Cell::text(finding.project.as_ref())),
        Column::new("CLUSTER", |finding, _| Cell::text(finding.cluster.as_ref())),
        Column::new("MESSAGE", |finding, _| Cell::text(Some(&finding.message))),
        Column::new("FIX", |finding, _| Cell::text(Some(&finding.fix))),
    ];
}

/// What the audit of a cluster, or of a place where there is none, came to.
#[derive(Debug, Default)]
pub(crate) struct AuditResult {
    /// Project, cluster, and when its last completed snapshot was; none for what is about no single cluster.
    pub(crate) cluster: Option<(String, String, Option<i64>)>,
    pub(crate) findings: Vec<Finding>,
}
