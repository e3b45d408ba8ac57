//! Prometheus output: gauges for the textfile collector of the node exporter.

use std::{collections::BTreeMap, fmt::Write as _};

use chrono::{DateTime, Utc};

use crate::audit::{finding::AuditResult, rules::table::RULES};

/// Writes the document. Every rule has a sample, so an alert sees 0 instead of a gap.
pub(crate) fn document(audited: &[AuditResult], now: DateTime<Utc>) -> String {
    let mut counts: BTreeMap<&str, u64> = RULES.iter().map(|rule| (rule.id, 0)).collect();
    for finding in audited.iter().flat_map(|one| &one.findings) {
        *counts.entry(&finding.rule).or_default() += 1;
    }
    let mut text = String::new();
    head(&mut text, "atlas_backup_findings", "Number of findings of the last audit.");
    for rule in RULES {
        let count = counts.get(rule.id).copied().unwrap_or(0);
        line(&mut text, "atlas_backup_findings", &[("rule", rule.id), ("severity", rule.severity.as_str())], count);
    }
    let name = "atlas_backup_last_completed_snapshot_timestamp_seconds";
    head(&mut text, name, "Unix time of the last completed snapshot of a cluster; 0 if there is none.");
    for (project, cluster, last) in audited.iter().filter_map(|one| one.cluster.as_ref()) {
        line(&mut text, name, &[("project", project), ("cluster", cluster)], last.unwrap_or(0));
    }
    head(&mut text, "atlas_backup_audit_timestamp_seconds", "Unix time of the last audit.");
    line(&mut text, "atlas_backup_audit_timestamp_seconds", &[], now.timestamp());
    text
}

fn head(text: &mut String, name: &str, help: &str) {
    text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
}

fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    // Writing to a string cannot fail.
    let _written = writeln!(text, "{name}{labels} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_escapes_labels_and_lists_every_rule() {
        let cluster = Some(("p".to_owned(), "a\"\\\nb".to_owned(), Some(1_700_000_000)));
        let now = DateTime::from_timestamp(1_700_000_100, 0).expect("a time");
        let text = document(&[AuditResult { cluster, findings: Vec::new() }], now);
        assert!(text.contains(r#"{project="p",cluster="a\"\\\nb"} 1700000000"#), "{text}");
        assert!(RULES.iter().all(|rule| text.contains(&format!("rule=\"{}\"", rule.id))), "{text}");
        assert!(text.ends_with("atlas_backup_audit_timestamp_seconds 1700000100\n"), "{text}");
    }
}
