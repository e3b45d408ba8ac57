//! `audit`: checks rules against every cluster of every project.
//!
//! Findings are printed while clusters are read, except for tables, which start with the most severe findings. The exit
//! code depends on findings at or above `--fail-on` first, then on unreadable resources.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

use chrono::Utc;
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::{
    audit::{
        exit_status::ExitStatus,
        finding::{Finding, Severity},
        junit, prometheus,
        requirements::Requirements,
        rules::table::{RULES, Rule},
        run::audit_fleet,
        summary,
    },
    context::{fleet::Scope, global::Global, session::Session},
    ui::{
        atomic_file,
        exit::{Failure, Outcome},
        output::{
            columns::{Cell, Column, Document},
            format::Format,
            printer::Printer,
        },
    },
};

/// Flags of `audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditCommand {
    #[command(flatten)]
    requirements: Requirements,
    /// Exit with 9 if there are findings of this severity or above.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Severity>,
    /// Write JUnit or Prometheus output to this file, replacing it atomically.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Succeed if there is no cluster to audit, as in a part of a small fleet.
    #[arg(long)]
    allow_empty: bool,
    /// List the rules without an audit.
    #[arg(long)]
    rules: bool,
    #[command(flatten)]
    scope: Scope,
}

pub(crate) async fn run(audit: AuditCommand, global: &Global) -> Outcome {
    let format = global.output.format();
    let document = matches!(format, Format::Junit | Format::Prometheus);
    if audit.out.is_some() && !document {
        return Err(Failure::usage(
            "cannot use --out with this format",
            "pass `-o junit` or `-o prometheus`, or redirect standard output",
        ));
    }
    audit.out.as_deref().map_or(Ok(()), atomic_file::check)?;
    if audit.rules {
        if document {
            return Err(Failure::usage(
                "cannot print the rules in this format",
                "use `-o table`, `wide`, `json`, `ndjson` or `csv`",
            ));
        }
        let rules = RULES.iter().map(|rule| Ok::<_, Failure>(RuleRow::from(rule)));
        return Printer::new(&global.output, Utc::now()).list(stream::iter(rules), None).await;
    }
    let session = Session::open(global).await?;
    let criteria = audit.requirements.criteria(global, session.now()).await?;
    let status = ExitStatus::default();
    let results = audit_fleet(&session, &audit.scope, &criteria, |_| ()).await?;
    let counted = results.inspect(|next| {
        let findings = next.iter().flat_map(|one| &one.findings);
        findings.for_each(|finding| status.count(finding, audit.fail_on));
        if next.as_ref().is_ok_and(|one| one.cluster.is_some()) {
            status.count_cluster();
        }
    });
    if document {
        let all = RefCell::new(Vec::new());
        let mut counted = std::pin::pin!(counted);
        while let Some(next) = counted.next().await {
            all.borrow_mut().push(next?);
        }
        let mut all = all.into_inner();
        all.sort_by(|a, b| a.cluster.cmp(&b.cluster));
        let text = match format {
            Format::Junit => junit::document(&all)?,
            _ => prometheus::document(&all, session.now()).into_bytes(),
        };
        write_document(&text, audit.out.as_deref(), &session).await?;
    } else {
        let findings = counted.flat_map(|next| match next {
            Ok(one) => stream::iter(one.findings.into_iter().map(Ok).collect::<Vec<_>>()),
            Err(failure) => stream::iter(vec![Err(failure)]),
        });
        match format {
            // A table starts with the most severe findings.
            Format::Table | Format::Wide => {
                let mut all: Vec<_> = findings.try_collect().await?;
                all.sort_by(Finding::by_severity);
                if all.len() > 1 {
                    print_summary(&all, &session).await?;
                }
                session.printer().list(stream::iter(all.into_iter().map(Ok::<_, Failure>)), None).await?;
            }
            _ => session.printer().list(findings, None).await?,
        }
    }
    status.outcome(audit.fail_on, audit.allow_empty)
}

/// Number of projects in the summary.
const SUMMARY_PROJECTS: usize = 10;

/// Prints the totals by rule and by project before the findings.
async fn print_summary(findings: &[Finding], session: &Session) -> Outcome {
    let printer = session.printer();
    let (rules, mut projects) = (summary::by_rule(findings), summary::by_project(findings));
    printer.list(stream::iter(rules.into_iter().map(Ok::<_, Failure>)), None).await?;
    printer.bytes(b"\n").await?;
    let more = projects.len().saturating_sub(SUMMARY_PROJECTS);
    projects.truncate(SUMMARY_PROJECTS);
    if !projects.is_empty() {
        printer.list(stream::iter(projects.into_iter().map(Ok::<_, Failure>)), None).await?;
        if more > 0 {
            printer.bytes(format!("and {more} more projects\n").as_bytes()).await?;
        }
        printer.bytes(b"\n").await?;
    }
    Ok(())
}

async fn write_document(text: &[u8], out: Option<&Path>, session: &Session) -> Outcome {
    match out {
        Some(path) => atomic_file::write(path, text),
        None => session.printer().bytes(text).await,
    }
}

/// A rule as it is printed.
#[derive(Debug, Serialize)]
struct RuleRow {
    rule: &'static str,
    severity: &'static str,
    description: &'static str,
    needs: String,
}

impl From<&Rule> for RuleRow {
    fn from(rule: &Rule) -> Self {
        RuleRow { rule: rule.id, severity: rule.severity.as_str(), description: rule.description, needs: rule.needs() }
    }
}

impl Document for RuleRow {
    const PLURAL: &'static str = "rules";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("RULE", |row, _| Cell::text(Some(row.rule))),
        Column::new("SEVERITY", |row, _| Cell::severity(row.severity)),
        Column::prose("DESCRIPTION", |row, _| Cell::text(Some(row.description))),
        Column::prose("NEEDS", |row, _| Cell::text(Some(&row.needs))),
    ];
}
