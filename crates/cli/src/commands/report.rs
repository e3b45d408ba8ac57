//! `report`: one page about a fleet, read from the service or from saved output.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use clap::Args;
use futures_util::StreamExt;

use super::{
    audit::{self, Demands, Verdict},
    fleet::Scope,
};
use crate::{
    args::Global,
    exit::{Failure, Outcome},
    page,
    report::{lines, model::Model, view::Report},
    session::Session,
};

/// What to report, and where.
#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    /// Writes the page into this file, in place of what it holds.
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
    /// Reads saved lines instead of the service: `fleet snapshots|schedules|exports` and `audit` with `-o ndjson`; - is standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["rpo", "policy", "shard", "emulator"])]
    from: Vec<PathBuf>,
    #[command(flatten)]
    demands: Demands,
    #[command(flatten)]
    scope: Scope,
}

pub(crate) async fn run(command: ReportCommand, global: &Global) -> Outcome {
    if !command.from.is_empty() {
        let mut model = Model::new(chrono::Utc::now());
        for path in &command.from {
            if path.as_os_str() == "-" {
                lines::read("standard input", io::stdin().lock(), &mut model)?;
                continue;
            }
            let name = path.display().to_string();
            let file = File::open(path)
                .map_err(|source| Failure::usage(format!("{name}: {source}"), "name files that exist"))?;
            lines::read(&name, BufReader::new(file), &mut model)?;
        }
        return write(model, &command.html);
    }
    let session = Session::open(global).await?;
    let standard = command.demands.standard(global, session.now())?;
    let model = std::cell::RefCell::new(Model::new(session.now()));
    let (verdict, mut findings) = (Verdict::default(), Vec::new());
    {
        let seen = |facts: &_| model.borrow_mut().add_facts(facts);
        let audited = audit::audited(&session, global, &command.scope, &standard, seen).await?;
        let mut audited = std::pin::pin!(audited);
        while let Some(next) = audited.next().await {
            findings.extend(next?.findings);
        }
    }
    findings.iter().for_each(|finding| verdict.count(finding, None));
    let model = Model { findings, audited: true, ..model.into_inner() };
    write(model, &command.html)?;
    verdict.outcome(None)
}

fn write(model: Model, path: &std::path::Path) -> Outcome {
    page::save(&Report::new(model), path)?;
    crate::notice(format_args!("the report is in {}", path.display()));
    Ok(())
}
