//! `report`: one page about a fleet, read from the service or from saved output.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use chrono::{DateTime, Utc};
use clap::Args;
use futures_util::StreamExt;

use crate::{
    audit::{
        exit_status::ExitStatus,
        requirements::Requirements,
        rules::{evaluate, table::RULES},
        run::audit_fleet,
    },
    context::{fleet::Scope, global::Global, session::Session},
    report::{
        model::{Findings, Model, Source},
        saved_lines::SavedLines,
        view::Report,
    },
    ui::{
        atomic_file,
        exit::{Failure, Outcome},
        messages, page,
    },
};

/// What to report, and where.
#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    /// Writes the page into this file, in place of what it holds.
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
    /// Reads saved lines instead of the service: `fleet clusters|snapshots|schedules|exports` and `audit` with `-o ndjson`; - is standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "shard")]
    from: Vec<PathBuf>,
    #[command(flatten)]
    requirements: Requirements,
    #[command(flatten)]
    scope: Scope,
}

pub(crate) async fn run(command: ReportCommand, global: &Global) -> Outcome {
    atomic_file::check(&command.html)?;
    if !command.from.is_empty() {
        return write(from_lines(&command, global)?, Utc::now(), &command.html);
    }
    let session = Session::open(global).await?;
    let criteria = command.requirements.criteria(global, session.now())?;
    let model = std::cell::RefCell::new(Model::new(session.now(), Source::Service));
    let (status, mut findings) = (ExitStatus::default(), Vec::new());
    {
        let seen = |backups: &_| model.borrow_mut().add(backups);
        let results = audit_fleet(&session, &command.scope, &criteria, seen).await?;
        let mut results = std::pin::pin!(results);
        while let Some(next) = results.next().await {
            findings.extend(next?.findings);
        }
    }
    findings.iter().for_each(|finding| status.count(finding, None));
    let model = Model { findings, ..model.into_inner() };
    write(model, session.now(), &command.html)?;
    status.outcome(None)
}

/// The model that saved lines make. Ages are counted to when the lines were read, not to today: what they tell was true then.
fn from_lines(command: &ReportCommand, global: &Global) -> Outcome<Model> {
    if global.emulator {
        return Err(Failure::usage("--from reads no service, so --emulator has no meaning", "leave out one of them"));
    }
    let mut saved = SavedLines::default();
    for path in &command.from {
        if path.as_os_str() == "-" {
            saved.read("standard input", io::stdin().lock())?;
            continue;
        }
        let name = path.display().to_string();
        let file =
            File::open(path).map_err(|source| Failure::usage(format!("{name}: {source}"), "name files that exist"))?;
        saved.read(&name, BufReader::new(file))?;
    }
    if saved.is_empty() {
        return Err(Failure::usage("there are no lines", "give lines of `fleet clusters|snapshots|schedules|exports`"));
    }
    let (read_at, known) = (saved.read_at(), saved.known());
    if command.requirements.are_any() && (saved.has_findings() || read_at.is_none()) {
        let why = match saved.has_findings() {
            true => "among the lines are findings, which were judged by what was demanded then",
            false => "the lines do not say when they were read, so no rule can be held against them",
        };
        return Err(Failure::usage(why, "leave out --rpo and --policy, or give lines of `fleet` alone"));
    }
    let findings = match (saved.has_findings(), read_at) {
        (true, _) => Findings::Given,
        (false, None) => Findings::NotEvaluated,
        (false, Some(_)) => {
            let except = RULES.iter().filter(|rule| !rule.can_be_evaluated_with(&known)).map(|rule| rule.id);
            Findings::Evaluated { except: except.collect() }
        }
    };
    let now = read_at.map(|(_, last)| last).or(saved.newest()).unwrap_or_else(Utc::now);
    let criteria = command.requirements.criteria(global, now)?;
    let evaluates = matches!(findings, Findings::Evaluated { .. });
    let mut model = Model::new(now, Source::Lines { read_at, findings });
    let (clusters, given) = saved.into_backups();
    model.findings = given;
    for backups in clusters {
        if evaluates {
            model.findings.extend(evaluate::known(&backups, &known, &criteria));
        }
        model.add(&backups);
    }
    Ok(model)
}

fn write(model: Model, made: DateTime<Utc>, path: &std::path::Path) -> Outcome {
    page::save(&Report::new(model, made), path)?;
    messages::note(format_args!("the report is in {}", path.display()));
    Ok(())
}
