//! `cargo xtask diff`: what changed from one specification to another, for a user of the bindings.
//!
//! Two documents, official or curated, in any mix; operations are matched by method and path, schemas by where they are
//! used. The messages are ours and quote names and values only: upstream's prose is neither compared nor shown. The
//! result depends on the two documents and their days alone, never on a clock.

mod bodies;
mod kinds;
mod label;
mod markdown;
mod operations;
mod parameters;
mod report;
mod schemas;
#[cfg(test)]
mod tests;
mod values;
mod view;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use serde_json::Value;

pub(crate) use self::{
    markdown::page,
    report::{Change, Compared, Report},
};
use crate::curate::{self, Source};

/// The JSON Schema of the output, in `spec/`.
const SCHEMA: &str = "diff.schema.json";
/// The table of kinds, in `spec/`.
const KINDS: &str = "diff-kinds.md";

/// Flags of `cargo xtask diff`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The old specification, official or curated, YAML or JSON: a file or an http(s) address.
    #[arg(required_unless_present = "describe")]
    old: Option<String>,
    /// The new one.
    #[arg(required_unless_present = "describe")]
    new: Option<String>,
    /// How to write the result: markdown to be read, or JSON as spec/diff.schema.json describes it.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Exit with 1 if something changed that much.
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// Compare only what the curation keeps of either document.
    #[arg(long)]
    subset: bool,
    /// Where the curation is described, for --subset.
    #[arg(long, value_name = "DIR", default_value = "spec")]
    curation: PathBuf,
    /// The day the old document stands for, where its name and its lock file don't tell.
    #[arg(long, value_name = "DATE")]
    old_date: Option<chrono::NaiveDate>,
    /// The day the new document stands for.
    #[arg(long, value_name = "DATE")]
    new_date: Option<chrono::NaiveDate>,
    /// Write the JSON Schema of the output and the table of kinds into this folder, and compare nothing.
    #[arg(long, value_name = "DIR")]
    describe: Option<PathBuf>,
}

/// Formats of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}

/// What makes the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A breaking change.
    Breaking,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(folder) = &arguments.describe {
        for (name, text) in descriptions()? {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (Some(old), Some(new)) = (&arguments.old, &arguments.new) else { anyhow::bail!("two documents are needed") };
    let read = |name: &str, date: Option<chrono::NaiveDate>| -> Result<(Value, Compared)> {
        let (mut document, mut compared) = read(name)?;
        compared.date = date.map(|date| date.to_string()).or(compared.date);
        if arguments.subset {
            curate::keep_subset(&mut document, &arguments.curation)?;
        }
        Ok((document, compared))
    };
    let (old, new) = (read(old, arguments.old_date)?, read(new, arguments.new_date)?);
    let report = compare((&old.0, old.1), (&new.0, new.1));
    match arguments.format {
        Format::Markdown => print!("{}", page(&report)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&report)?),
    }
    let failed = arguments.fail_on == Some(FailOn::Breaking) && report.summary.breaking > 0;
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Reads a document and finds out which day it stands for.
fn read(name: &str) -> Result<(Value, Compared)> {
    let source = Source::read(name)?;
    let document = source.parse()?;
    let date = source.date.clone().or_else(|| lock_date(Path::new(name)));
    Ok((document, Compared { name: source.name, date }))
}

/// The day in the lock file beside a curated document.
pub(crate) fn lock_date(path: &Path) -> Option<String> {
    if path.file_name()? != curate::DOCUMENT {
        return None;
    }
    let lock: Value = serde_json::from_slice(&fs::read(path.with_file_name(curate::LOCK)).ok()?).ok()?;
    Some(lock["date"].as_str()?.to_owned())
}

/// Compares two documents.
pub(crate) fn compare(old: (&Value, Compared), new: (&Value, Compared)) -> Report {
    operations::compare(old, new)
}

/// What a reader of the JSON needs: its schema and the table of kinds.
fn descriptions() -> Result<[(&'static str, String); 2]> {
    let mut schema = serde_json::to_string_pretty(&schemars::schema_for!(Report))?;
    schema.push('\n');
    Ok([(SCHEMA, schema), (KINDS, kinds::page())])
}
