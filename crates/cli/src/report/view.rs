//! The view of a report: text and figures for the template. Everything shown by color or shape is also available as text.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use askama::Template;
use chrono::{DateTime, Days, SecondsFormat, Utc};
use indicatif::BinaryBytes;

use crate::{
    audit::{
        backups::length,
        finding::{Finding, Severity},
        schedule::FREQUENCIES,
        summary::{self, ProjectTotal, RuleTotal},
    },
    report::model::{Cluster, DAYS, Findings, Model, Source},
    ui::page::Page,
};

/// The page.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub(crate) struct Report {
    page: Page,
    figures: Vec<(&'static str, String, String)>,
    projects: BTreeSet<String>,
    /// What the findings depend on: objective, policy, scope and time of reading.
    basis: Vec<(&'static str, String)>,
    rule_totals: Vec<RuleTotal>,
    project_totals: Vec<ProjectTotal>,
    findings: Vec<Finding>,
    /// Age of the data, if it comes from saved lines.
    origin: Option<String>,
    source: Findings,
    first_day: String,
    last_day: String,
    /// Labels of every sixth day.
    axis: Vec<String>,
    regions: Vec<String>,
    rows: Vec<ClusterRow>,
    days: usize,
}

/// A cluster.
#[derive(Debug)]
struct ClusterRow {
    project: String,
    name: String,
    last: String,
    last_exactly: String,
    last_seconds: i64,
    severities: Severities,
    /// SVG paths of equal days: CSS class and path. A day is 10 units wide.
    strip: Vec<(&'static str, String)>,
    /// SVG path of the crosses over days with failures.
    crosses: String,
    complete_days: usize,
    days_in_words: String,
    /// The strip as text for screen readers.
    days_for_screen_readers: String,
    /// SVG path of the timeline, and start and width of the point-in-time window; 720 units are 30 days.
    marks: String,
    marked: usize,
    window: Option<(u32, u32)>,
    timeline_in_words: String,
    by_frequency: Vec<String>,
    regions: Vec<bool>,
    size: String,
    bytes: i64,
    share: u32,
    snapshots: u64,
    exports: u64,
}

/// The findings of a cluster: critical, warning and info.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Severities([usize; 3]);

impl Severities {
    fn add(&mut self, severity: Severity) {
        let Severities([critical, warning, info]) = self;
        *match severity {
            Severity::Critical => critical,
            Severity::Warning => warning,
            Severity::Info => info,
        } += 1;
    }

    fn given(self) -> impl Iterator<Item = (Severity, usize)> {
        let severities = [Severity::Critical, Severity::Warning, Severity::Info];
        severities.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// The severities, for the filter.
    fn names(&self) -> String {
        self.given().map(|(severity, _)| severity.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// A number for sorting; higher is worse.
    fn rank(&self) -> usize {
        let Severities([critical, warning, info]) = self;
        (critical * 1_000 + warning.min(&999)) * 1_000 + info.min(&999)
    }
}

impl Report {
    /// The page of a model, created at `created`.
    pub(crate) fn new(model: Model, created: DateTime<Utc>) -> Self {
        let regions: BTreeSet<_> = model.clusters.values().flat_map(|cluster| &cluster.regions).cloned().collect();
        let regions: Vec<_> = regions.into_iter().collect();
        let largest = model.clusters.values().map(|cluster| cluster.bytes).max().unwrap_or(0).max(1);
        let mut severities: BTreeMap<(&str, &str), Severities> = BTreeMap::new();
        for finding in &model.findings {
            if let (Some(project), Some(cluster)) = (&finding.project, &finding.cluster) {
                severities.entry((project, cluster)).or_default().add(finding.severity);
            }
        }
        let rows = model.clusters.iter().map(|((project, name), cluster)| {
            let severities = severities.get(&(project.as_str(), name.as_str())).copied().unwrap_or_default();
            ClusterRow { severities, ..row(project, name, cluster, &model, &regions, largest) }
        });
        let mut rows: Vec<_> = rows.collect();
        // The worst first; the order of project and name is kept otherwise.
        rows.sort_by_key(|row| Reverse(row.severities));
        let mut findings = model.findings;
        findings.sort_by(Finding::by_severity);
        let projects = model.clusters.keys().map(|(project, _)| project.clone());
        let projects: BTreeSet<_> =
            projects.chain(findings.iter().filter_map(|finding| finding.project.clone())).collect();
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let bytes: i64 = model.clusters.values().map(|cluster| cluster.bytes).sum();
        let complete_days = rows
            .iter()
            .filter(|row| row.last_seconds > 0 && model.now.timestamp() - row.last_seconds <= 86_400)
            .count();
        let (rule_totals, project_totals) = (summary::by_rule(&findings), summary::by_project(&findings));
        let (source, origin) = match model.source {
            Source::Service => (Findings::Given, None),
            Source::Lines { read_at, findings } => (findings, Some(origin(read_at, model.now))),
        };
        let evaluated = source != Findings::NotEvaluated;
        let figure = |severity, meaning: &str| match (evaluated, count(severity)) {
            (false, _) => ("–".to_owned(), "not checked".to_owned()),
            (true, 0) => ("0".to_owned(), "none".to_owned()),
            (true, count) => (count.to_string(), meaning.to_owned()),
        };
        let (critical, critical_note) = figure(Severity::Critical, "data may be lost");
        let (warnings, warnings_note) = figure(Severity::Warning, "fix soon");
        let figures = vec![
            (
                "Clusters",
                rows.len().to_string(),
                format!("in {} project{}", projects.len(), if projects.len() == 1 { "" } else { "s" }),
            ),
            ("Fresh snapshot", format!("{complete_days} of {}", rows.len()), "completed within 24 hours".to_owned()),
            ("Critical findings", critical, critical_note),
            ("Warnings", warnings, warnings_note),
            (
                "Snapshots",
                rows.iter().map(|row| row.snapshots).sum::<u64>().to_string(),
                "completed and kept".to_owned(),
            ),
            ("Storage", size(bytes), "newest snapshot of each cluster".to_owned()),
        ];
        let page = Page::new("Backups of the fleet", created)
            .with_style(include_str!("../../templates/report.css"))
            .with_script(include_str!("../../templates/report.js"));
        let (first_day, last_day) = (day(model.now, 0), day(model.now, DAYS - 1));
        let axis = (0..DAYS).step_by(6).map(|number| day(model.now, number)).collect();
        Report {
            page,
            figures,
            projects,
            basis: model.basis,
            rule_totals,
            project_totals,
            findings,
            origin,
            source,
            first_day,
            last_day,
            axis,
            regions,
            rows,
            days: DAYS,
        }
    }
}

fn row(project: &str, name: &str, cluster: &Cluster, model: &Model, regions: &[String], largest: i64) -> ClusterRow {
    let mut runs: Vec<(&'static str, usize, usize)> = Vec::new();
    for (day, counts) in cluster.days.iter().enumerate() {
        let word = match counts {
            (_, 1..) => "failed",
            (0, _) => "none",
            _ => "completed",
        };
        match runs.last_mut() {
            Some((last, _, until)) if *last == word => *until = day,
            _ => runs.push((word, day, day)),
        }
    }
    let strip = [("good", "completed"), ("bad", "failed"), ("none", "none")].map(|(class, word)| {
        let days = runs.iter().filter(|run| run.0 == word);
        (class, days.map(|(_, from, until)| format!("M{} 7h{}", from * 10, (until - from + 1) * 10)).collect())
    });
    let failed_days = runs.iter().filter(|run| run.0 == "failed").flat_map(|(_, from, until)| *from..=*until);
    let crosses = failed_days.map(|day| format!("M{} 4l5 6m0-6l-5 6", day * 10 + 2)).collect();
    let runs = runs.into_iter().map(|(word, from, until)| match from == until {
        true => format!("{}: {word}", day(model.now, from)),
        false => format!("{} to {}: {word}", day(model.now, from), day(model.now, until)),
    });
    let days_for_screen_readers = runs.collect::<Vec<_>>().join("; ");
    let (complete_days, failed) = cluster.days.iter().fold((0, 0), |(complete_days, failed), (done, bad)| {
        (complete_days + usize::from(*done > 0 && *bad == 0), failed + usize::from(*bad > 0))
    });
    let units = |hours: u16| 720_u32.saturating_sub(u32::from(hours));
    let reach = cluster.oldest.map_or(0, |oldest| (model.now - oldest).num_hours());
    let window = cluster.window_days.filter(|_| cluster.point_in_time == Some(true));
    let window = window.map(|days| point_in_time_band(days, reach));
    let by_frequency = FREQUENCIES.iter().chain(&["ondemand"]).map(|frequency| {
        let (count, kept) = cluster.by_frequency.get(*frequency).copied().unwrap_or_default();
        match (count, cluster.planned.get(*frequency).copied().or(kept)) {
            (0, None) => "–".to_owned(),
            (count, Some(days)) => format!("{count} × {days} d"),
            (count, None) => count.to_string(),
        }
    });
    let points = match (cluster.point_in_time, cluster.window_days) {
        (Some(true), Some(1)) => "point-in-time restore, 1 day".to_owned(),
        (Some(true), Some(days)) => format!("point-in-time restore, {days} days"),
        (Some(true), None) => "point-in-time restore, window unknown".to_owned(),
        (Some(false), _) => "snapshots only".to_owned(),
        (None, _) => "point-in-time restore unknown".to_owned(),
    };
    let in_words = match cluster.oldest {
        Some(oldest) => format!("{} back; {points}", length(model.now - oldest)),
        None => format!("no snapshot; {points}"),
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // From 0 to 100.
    let share = (i128::from(cluster.bytes.max(0)) * 100 / i128::from(largest)) as u32;
    ClusterRow {
        project: project.to_owned(),
        name: name.to_owned(),
        last: cluster.last.map_or_else(|| "never".to_owned(), |last| format!("{} old", length(model.now - last))),
        last_exactly: cluster.last.map_or_else(String::new, |last| last.to_rfc3339_opts(SecondsFormat::Secs, true)),
        last_seconds: cluster.last.map_or(0, |last| last.timestamp()),
        severities: Severities::default(),
        strip: strip.into_iter().filter(|(_, path): &(_, String)| !path.is_empty()).collect(),
        crosses,
        complete_days,
        days_for_screen_readers,
        marked: cluster.hours_ago.len(),
        days_in_words: match failed {
            0 => format!("{complete_days} of {DAYS}"),
            failed => format!("{complete_days} of {DAYS}, {failed} failed"),
        },
        marks: cluster.hours_ago.iter().map(|hours| format!("M{} 4v8", units(*hours))).collect(),
        window,
        timeline_in_words: in_words,
        by_frequency: by_frequency.collect(),
        regions: regions.iter().map(|region| cluster.regions.contains(region)).collect(),
        size: size(cluster.bytes),
        bytes: cluster.bytes,
        share,
        snapshots: cluster.snapshots,
        exports: cluster.exports,
    }
}

/// Describes the age of saved lines.
fn origin(read_at: Option<(DateTime<Utc>, DateTime<Utc>)>, now: DateTime<Utc>) -> String {
    let when = |at: DateTime<Utc>| at.format("%-d %B %Y, %H:%M UTC").to_string();
    match read_at {
        Some((first, last)) if when(first) == when(last) => {
            format!("From saved lines, read {}. Ages and days are relative to that time, not to today.", when(last))
        }
        Some((first, last)) => format!(
            "From saved lines, read between {} and {}. Ages and days are relative to the later time, not to today.",
            when(first),
            when(last)
        ),
        None => format!(
            "From saved lines without reading time. Ages and days are relative to {}, the newest time in \
             the lines; later events are unknown.",
            when(now)
        ),
    }
}

/// A displayed day, such as `9 Nov`.
fn day(now: DateTime<Utc>, day: usize) -> String {
    let ago = Days::new((DAYS - 1 - day.min(DAYS - 1)) as u64);
    (now - ago).format("%-d %b").to_string()
}

fn size(bytes: i64) -> String {
    match u64::try_from(bytes) {
        Ok(bytes @ 1..) => BinaryBytes(bytes).to_string(),
        _ => "–".to_owned(),
    }
}

/// Start and width of the point-in-time band in hours of the last 30 days. `reach` is the age of the oldest snapshot in hours: a
/// point in time needs a snapshot before it.
fn point_in_time_band(days: i64, reach: i64) -> (u32, u32) {
    let wide = u32::try_from((days.clamp(0, 30) * 24).min(reach.max(0))).unwrap_or(0);
    (720 - wide, wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_in_time_band_starts_with_oldest_snapshot() {
        for (days, reach, band) in
            [(7, 10_000, (552, 168)), (7, 48, (672, 48)), (7, 0, (720, 0)), (90, 10_000, (0, 720))]
        {
            assert_eq!(point_in_time_band(days, reach), band, "{days} {reach}");
        }
    }
}
