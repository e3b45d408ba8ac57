//! `report`: an HTML page about a fleet, from the service or from saved output.

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
        criteria::Criteria,
        exit_status::ExitStatus,
        requirements::Requirements,
        rules::{evaluate, table::RULES},
        run::audit_fleet,
    },
    context::{credentials::CredentialSource, fleet::Scope, global::Global, session::Session},
    report::{
        model::{Findings, Model, Source},
        saved_lines::SavedLines,
        view::Report,
    },
    ui::{
        atomic_file,
        exit::{Failure, Outcome},
        messages, page, prompts,
    },
};

/// Flags of `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    /// Write the page to this file, replacing it atomically.
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
    /// Read saved lines of `fleet` and `audit` with `-o ndjson` instead of the service; - is standard input.
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
        return write(from_lines(&command, global).await?, Utc::now(), &command.html);
    }
    let session = Session::open(global).await?;
    let criteria = command.requirements.criteria(global, session.now()).await?;
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
    let basis = basis(&command, &criteria, scope_of(&session)?, session.now());
    let model = Model { findings, basis, ..model.into_inner() };
    write(model, session.now(), &command.html)?;
    status.outcome(None, true)
}

/// The model of saved lines. Ages are relative to the time of reading, not to today.
async fn from_lines(command: &ReportCommand, global: &Global) -> Outcome<Model> {
    if global.emulator {
        return Err(Failure::usage(
            "cannot use --emulator with --from: saved lines need no service",
            "omit one of them",
        ));
    }
    let from = command.from.clone();
    let saved = prompts::on_thread(move || Ok(read_lines(&from))).await;
    let saved = saved.map_err(|source| Failure::local("cannot read the saved lines", source))??;
    if saved.is_empty() {
        return Err(Failure::usage(
            "cannot make a report: the input is empty",
            "pass lines of `fleet clusters|snapshots|schedules|exports` with `-o ndjson`",
        ));
    }
    let (read_at, known) = (saved.read_at(), saved.known());
    if command.requirements.is_given() && (saved.has_findings() || read_at.is_none()) {
        let why = match saved.has_findings() {
            true => "cannot apply --rpo or --policy: the lines include findings of an earlier audit",
            false => "cannot apply --rpo or --policy: the lines have no `readAt`",
        };
        return Err(Failure::usage(why, "omit both flags, or pass only lines of `fleet`"));
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
    let criteria = command.requirements.criteria(global, now).await?;
    let evaluates = matches!(findings, Findings::Evaluated { .. });
    let mut model = Model::new(now, Source::Lines { read_at, findings });
    if evaluates {
        model.basis = basis(command, &criteria, "the clusters of the saved lines".to_owned(), now);
    } else if read_at.is_some() {
        model.basis = vec![("Findings", "as saved by an earlier audit, with its RPO and policy".to_owned())];
    }
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

/// What the findings depend on.
fn basis(
    command: &ReportCommand,
    criteria: &Criteria,
    scope: String,
    read_at: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
    let policy = command.requirements.policy_name();
    let rpo = match (criteria.rpo.num_hours(), criteria.rpo.num_seconds() % 3_600) {
        (hours, 0) => format!("{hours}h"),
        _ => humantime::format_duration(criteria.rpo.to_std().unwrap_or_default()).to_string(),
    };
    vec![
        ("RPO", format!("{rpo}, from {}", command.requirements.rpo_source(criteria))),
        ("Policy", policy.unwrap_or_else(|| "none".to_owned())),
        ("Scope", scope),
        ("Read", read_at.format("%-d %B %Y, %H:%M UTC").to_string()),
    ]
}

/// The projects that were read, and with which credentials.
fn scope_of(session: &Session) -> Outcome<String> {
    let credentials = CredentialSource::find(session.global())?.credentials?;
    let id = credentials.id().map(|id| format!(" {id}")).unwrap_or_default();
    let projects = match session.project_id().filter(|_| session.global().project.is_some()) {
        Some(project) => format!("project {project}"),
        None => "all projects that the credentials can read".to_owned(),
    };
    Ok(format!("{projects}; credentials: {}{id}", credentials.describe()))
}

fn write(model: Model, created: DateTime<Utc>, path: &std::path::Path) -> Outcome {
    page::save(&Report::new(model, created), path)?;
    messages::note(format_args!("wrote the report to {}", path.display()));
    Ok(())
}

/// Reads the saved lines of all files.
fn read_lines(from: &[PathBuf]) -> Outcome<SavedLines> {
    let mut saved = SavedLines::default();
    for path in from {
        if path.as_os_str() == "-" {
            saved.read("standard input", io::stdin().lock())?;
            continue;
        }
        let name = path.display().to_string();
        let file = File::open(path).map_err(|source| {
            Failure::usage(format!("cannot read {name}: {source}"), "pass existing files with `--from`")
        })?;
        saved.read(&name, BufReader::new(file))?;
    }
    Ok(saved)
}
