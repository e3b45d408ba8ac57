//! How a report looks: the model as rows of text and figures that the template writes down. Everything that a colour or
//! a shape tells is told in words as well.

use std::{cmp::Reverse, collections::BTreeSet};

use askama::Template;
use chrono::SecondsFormat;
use indicatif::BinaryBytes;

use super::model::{Cluster, DAYS, Model};
use crate::{
    audit::{
        facts::length,
        finding::{Finding, Severity},
        plan::FREQUENCIES,
    },
    page::Page,
};

/// The page.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub(crate) struct Report {
    page: Page,
    facts: Vec<(&'static str, String, String)>,
    projects: BTreeSet<String>,
    findings: Vec<Finding>,
    audited: bool,
    regions: Vec<String>,
    rows: Vec<Row>,
    days: usize,
}

/// A cluster.
#[derive(Debug)]
struct Row {
    project: String,
    name: String,
    last: String,
    last_exactly: String,
    last_seconds: i64,
    /// Runs of days that are alike: a class, and a sign for each day.
    strip: Vec<(&'static str, String)>,
    sound_days: usize,
    days_in_words: String,
    /// The marks of the timeline, and where its point-in-time window begins; 720 units are 30 days.
    marks: String,
    window: Option<(u32, u32)>,
    timeline_in_words: String,
    ladder: Vec<String>,
    regions: Vec<bool>,
    size: String,
    bytes: i64,
    share: u32,
    snapshots: u64,
    exports: u64,
}

impl Report {
    pub(crate) fn new(model: Model) -> Self {
        let regions: BTreeSet<_> = model.clusters.values().flat_map(|cluster| &cluster.regions).cloned().collect();
        let regions: Vec<_> = regions.into_iter().collect();
        let largest = model.clusters.values().map(|cluster| cluster.bytes).max().unwrap_or(0).max(1);
        let rows = model
            .clusters
            .iter()
            .map(|((project, name), cluster)| row(project, name, cluster, &model, &regions, largest));
        let rows: Vec<_> = rows.collect();
        let mut findings = model.findings;
        findings.sort_by(|a, b| {
            (Reverse(a.severity), &a.project, &a.cluster).cmp(&(Reverse(b.severity), &b.project, &b.cluster))
        });
        let projects = model.clusters.keys().map(|(project, _)| project.clone());
        let projects: BTreeSet<_> =
            projects.chain(findings.iter().filter_map(|finding| finding.project.clone())).collect();
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let bytes: i64 = model.clusters.values().map(|cluster| cluster.bytes).sum();
        let sound = rows
            .iter()
            .filter(|row| row.last_seconds > 0 && model.now.timestamp() - row.last_seconds <= 86_400)
            .count();
        let told = |severity| if model.audited { count(severity).to_string() } else { "–".to_owned() };
        let facts = vec![
            (
                "Clusters",
                rows.len().to_string(),
                format!("in {} project{}", projects.len(), if projects.len() == 1 { "" } else { "s" }),
            ),
            ("Fresh snapshot", format!("{sound} of {}", rows.len()), "completed in the last 24 hours".to_owned()),
            (
                "Critical findings",
                told(Severity::Critical),
                if model.audited { "data may be lost" } else { "no audit given" }.to_owned(),
            ),
            ("Warnings", told(Severity::Warning), "to be mended soon".to_owned()),
            (
                "Snapshots",
                rows.iter().map(|row| row.snapshots).sum::<u64>().to_string(),
                "completed and kept".to_owned(),
            ),
            ("Storage", size(bytes), "newest snapshot of each cluster".to_owned()),
        ];
        let page = Page::new("Backups of the fleet", model.now)
            .with_style(include_str!("../../templates/report.css"))
            .with_script(include_str!("../../templates/report.js"));
        Report { page, facts, projects, findings, audited: model.audited, regions, rows, days: DAYS }
    }
}

fn row(project: &str, name: &str, cluster: &Cluster, model: &Model, regions: &[String], largest: i64) -> Row {
    let mut strip: Vec<(&'static str, String)> = Vec::new();
    for day in &cluster.days {
        let (class, sign) = match day {
            (_, 1..) => ("bad", '✕'),
            (0, _) => ("none", '·'),
            _ => ("good", '●'),
        };
        match strip.last_mut().filter(|(last, _)| *last == class) {
            Some((_, signs)) => signs.push(sign),
            None => strip.push((class, sign.to_string())),
        }
    }
    let (sound, failed) = cluster.days.iter().fold((0, 0), |(sound, failed), (done, bad)| {
        (sound + usize::from(*done > 0 && *bad == 0), failed + usize::from(*bad > 0))
    });
    let units = |hours: u16| 720_u32.saturating_sub(u32::from(hours));
    let window = cluster.window_days.map(|days| {
        let wide = u32::try_from(days.clamp(0, 30) * 24).unwrap_or(0);
        (720 - wide, wide)
    });
    let ladder = FREQUENCIES.iter().chain(&["ondemand"]).map(|frequency| {
        let (count, kept) = cluster.ladder.get(*frequency).copied().unwrap_or_default();
        match (count, cluster.planned.get(*frequency).copied().or(kept)) {
            (0, None) => "–".to_owned(),
            (count, Some(days)) => format!("{count} × {days} d"),
            (count, None) => count.to_string(),
        }
    });
    let in_words = match (cluster.oldest, cluster.window_days) {
        (Some(oldest), Some(days)) => format!("{} back; any point of {days} days", length(model.now - oldest)),
        (Some(oldest), None) => format!("{} back; snapshots only", length(model.now - oldest)),
        (None, _) => "no snapshot".to_owned(),
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // From 0 to 100.
    let share = (i128::from(cluster.bytes.max(0)) * 100 / i128::from(largest)) as u32;
    Row {
        project: project.to_owned(),
        name: name.to_owned(),
        last: cluster.last.map_or_else(|| "never".to_owned(), |last| format!("{} ago", length(model.now - last))),
        last_exactly: cluster.last.map_or_else(String::new, |last| last.to_rfc3339_opts(SecondsFormat::Secs, true)),
        last_seconds: cluster.last.map_or(0, |last| last.timestamp()),
        strip,
        sound_days: sound,
        days_in_words: match failed {
            0 => format!("{sound} of {DAYS}"),
            failed => format!("{sound} of {DAYS}, {failed} failed"),
        },
        marks: cluster.hours_ago.iter().map(|hours| format!("M{} 4v8", units(*hours))).collect(),
        window,
        timeline_in_words: in_words,
        ladder: ladder.collect(),
        regions: regions.iter().map(|region| cluster.regions.contains(region)).collect(),
        size: size(cluster.bytes),
        bytes: cluster.bytes,
        share,
        snapshots: cluster.snapshots,
        exports: cluster.exports,
    }
}

fn size(bytes: i64) -> String {
    match u64::try_from(bytes) {
        Ok(bytes @ 1..) => BinaryBytes(bytes).to_string(),
        _ => "–".to_owned(),
    }
}
