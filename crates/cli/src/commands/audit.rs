//! `audit`: rules held against every cluster of every project.
//!
//! Findings are printed while clusters are read, but for a table, which has the worst first. What decides the exit code is counted on the way: findings at or above
//! `--fail-on` first, then whether something could not be read.

use std::{
    cell::{Cell as Counter, RefCell},
    collections::HashSet,
    future::ready,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::fleet::Scope;
use crate::{
    args::{Format, Global},
    audit::{
        facts::{Facts, Heard},
        finding::{Audited, Finding, Severity},
        gather::{self, Gathered},
        junit,
        policy::Policy,
        prometheus,
        rules::{self, Context, RULES, Rule},
    },
    exit::{Exit, Failure, Outcome},
    output::{Column, Document, cell::Cell},
    session::Session,
    whole_file,
};

/// The recovery point objective when neither a flag nor a policy file names one.
const RPO: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// What is demanded.
#[derive(Debug, Clone, Args)]
pub(crate) struct Demands {
    /// How old the last completed snapshot may be, such as 24h [default: the policy file's, else 24h].
    #[arg(long, value_name = "DURATION", value_parser = rpo)]
    rpo: Option<std::time::Duration>,
    /// What is demanded beyond that, and exceptions, in TOML; docs/audit.md describes it.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

fn rpo(text: &str) -> Result<std::time::Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "say the unit, such as 24h".to_owned())?;
    if duration.is_zero() { Err("it is above 0".to_owned()) } else { Ok(duration) }
}

/// What to audit, and how to tell.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    demands: Demands,
    /// Ends with exit code 9 when there are findings at or above this.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Severity>,
    /// Writes JUnit or Prometheus into this file, in place of what it holds.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Prints the rules and audits nothing.
    #[arg(long)]
    rules: bool,
    #[command(flatten)]
    scope: Scope,
}

/// All that an audit goes by.
#[derive(Debug)]
pub(crate) struct Standard {
    policy: Policy,
    rpo: TimeDelta,
    now: DateTime<Utc>,
    program: &'static str,
}

impl Demands {
    /// Whether anything is demanded.
    pub(crate) fn are_any(&self) -> bool {
        self.rpo.is_some() || self.policy.is_some()
    }

    /// The standard that these demands make, seen from `now`.
    ///
    /// # Errors
    /// The policy file can't be read.
    pub(crate) fn standard(&self, global: &Global, now: DateTime<Utc>) -> Outcome<Standard> {
        let policy = self.policy.as_deref().map(Policy::load).transpose()?.unwrap_or_default();
        let rpo = TimeDelta::from_std(self.rpo.or(policy.rpo).unwrap_or(RPO)).unwrap_or(TimeDelta::MAX);
        let program = if global.emulator { "atlas-backup --emulator" } else { "atlas-backup" };
        Ok(Standard { policy, rpo, now, program })
    }
}

impl Standard {
    pub(crate) fn context(&self) -> Context<'_> {
        Context { now: self.now, rpo: self.rpo, policy: &self.policy, program: self.program }
    }
}

/// Reads a fleet and holds the rules against it. `seen` is shown the facts of each cluster.
///
/// # Errors
/// The projects could not be listed; so may the stream's items be.
pub(crate) async fn audited<'a>(
    session: &'a Session,
    global: &Global,
    scope: &Scope,
    standard: &'a Standard,
    mut seen: impl FnMut(&Facts) + 'a,
) -> Outcome<impl Stream<Item = Outcome<Audited>> + 'a> {
    let mut first = Audited::default();
    let policies = gather::policies(scope.fleet(session, global)?, |project, why| {
        first.findings.push(rules::missed(project, None, &why, &standard.context()));
    });
    let policies = policies.await?;
    let (mut projects, mut missed) = (HashSet::new(), policies.missed.clone());
    let fleet = scope.fleet(session, global)?;
    let clusters = gather::clusters(session.client(), fleet, scope.concurrency(), standard.now);
    let judged = clusters.filter_map(move |next| {
        let context = standard.context();
        ready(match next {
            Ok(Gathered::Cluster(facts)) => {
                seen(&facts);
                let compliance = policies.of.get(&facts.project);
                let mut findings = rules::of_cluster(&facts, compliance, &context);
                if projects.insert(facts.project.clone()) && !policies.missed.contains(&facts.project) {
                    findings.extend(rules::of_project(&facts.project, compliance, &context));
                }
                let last = facts.completed().last().map(DateTime::timestamp);
                Some(Ok(Audited { cluster: Some((facts.project, facts.cluster, last)), findings }))
            }
            // A project that refuses once refuses twice; it is told once.
            Ok(Gathered::Missed { project, cluster: None, .. }) if !missed.insert(project.clone()) => None,
            Ok(Gathered::Missed { project, cluster, why }) => {
                let finding = rules::missed(&project, cluster.as_deref(), &why, &context);
                Some(Ok(Audited { cluster: None, findings: vec![finding] }))
            }
            Err(failure) => Some(Err(failure)),
        })
    });
    // What the service says of its versions is known when it has answered everything.
    let last = stream::once(async move {
        let findings = rules::of_fleet(&Heard::by(session.client()), &standard.context());
        Ok(Audited { cluster: None, findings })
    });
    Ok(stream::iter([Ok(first)]).chain(judged).chain(last))
}

/// What decides how a run ends.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    findings: Counter<u64>,
    unread: Counter<u64>,
}

impl Verdict {
    pub(crate) fn count(&self, finding: &Finding, fail_on: Option<Severity>) {
        if fail_on.is_some_and(|least| finding.severity >= least) {
            self.findings.set(self.findings.get() + 1);
        }
        if finding.rule == "unread" {
            self.unread.set(self.unread.get() + 1);
        }
    }

    pub(crate) fn outcome(&self, fail_on: Option<Severity>) -> Outcome {
        match (self.findings.get(), fail_on, self.unread.get()) {
            (1, Some(least), _) => {
                Err(Failure::verdict(Exit::Findings, format!("1 finding is {} or worse", least.as_str())))
            }
            (count @ 2.., Some(least), _) => {
                Err(Failure::verdict(Exit::Findings, format!("{count} findings are {} or worse", least.as_str())))
            }
            (_, _, 0) => Ok(()),
            (_, _, missed) => Err(Failure::Partial { missed }),
        }
    }
}

pub(crate) async fn run(audit: Audit, global: &Global) -> Outcome {
    let format = global.format();
    let document = matches!(format, Format::Junit | Format::Prometheus);
    if audit.out.is_some() && !document {
        return Err(Failure::usage(
            "--out is for documents",
            "add `-o junit` or `-o prometheus`, or redirect the output",
        ));
    }
    if audit.rules {
        if document {
            return Err(Failure::usage(
                "the rules are a list",
                "print them with `-o table`, `json`, `ndjson` or `csv`",
            ));
        }
        let rules = RULES.iter().map(|rule| Ok::<_, Failure>(RuleRow::from(rule)));
        return crate::output::Printer::new(global, Utc::now()).list(stream::iter(rules), None).await;
    }
    let session = Session::open(global).await?;
    let standard = audit.demands.standard(global, session.now())?;
    let verdict = Verdict::default();
    let audited = audited(&session, global, &audit.scope, &standard, |_| ()).await?;
    let counted = audited.inspect(|next| {
        let findings = next.iter().flat_map(|one| &one.findings);
        findings.for_each(|finding| verdict.count(finding, audit.fail_on));
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
        put(&text, audit.out.as_deref(), &session).await?;
    } else {
        let findings = counted.flat_map(|next| match next {
            Ok(one) => stream::iter(one.findings.into_iter().map(Ok).collect::<Vec<_>>()),
            Err(failure) => stream::iter(vec![Err(failure)]),
        });
        match format {
            // Who reads a table begins at its top.
            Format::Table | Format::Wide => {
                let mut all: Vec<_> = findings.try_collect().await?;
                all.sort_by(Finding::by_severity);
                session.printer().list(stream::iter(all.into_iter().map(Ok::<_, Failure>)), None).await?;
            }
            _ => session.printer().list(findings, None).await?,
        }
    }
    verdict.outcome(audit.fail_on)
}

async fn put(text: &[u8], out: Option<&Path>, session: &Session) -> Outcome {
    match out {
        Some(path) => whole_file::write(path, text),
        None => session.printer().bytes(text).await,
    }
}

/// A rule as it is printed.
#[derive(Debug, Serialize)]
struct RuleRow {
    rule: &'static str,
    severity: &'static str,
    says: &'static str,
    needs: String,
}

impl From<&Rule> for RuleRow {
    fn from(rule: &Rule) -> Self {
        RuleRow { rule: rule.id, severity: rule.severity.as_str(), says: rule.says, needs: rule.needs() }
    }
}

impl Document for RuleRow {
    const PLURAL: &'static str = "rules";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("RULE", |row, _| Cell::text(Some(row.rule))),
        Column::new("SEVERITY", |row, _| Cell::severity(row.severity)),
        Column::new("FINDS", |row, _| Cell::text(Some(row.says))),
        Column::new("NEEDS", |row, _| Cell::text(Some(&row.needs))),
    ];
}
