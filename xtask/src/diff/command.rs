//! The command: reads two documents, compares them, prints the result.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use serde_json::Value;

use super::{
    kinds,
    markdown::page,
    operations::compare,
    report::{Compared, Report},
};
use crate::{
    curate::{curation::keep_subset, spec::lock_date},
    files::atomic,
    openapi::source::Source,
};

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
    /// Output format: markdown for people, or JSON as described by spec/diff.schema.json
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Exit with 1 if there is a change of this severity
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// Compare only the operations that the curation keeps
    #[arg(long)]
    subset: bool,
    /// The folder of the curation, for --subset
    #[arg(long, value_name = "DIR", default_value = "spec")]
    curation: PathBuf,
    /// The date of the old document, if its name and lock file do not state it
    #[arg(long, value_name = "DATE")]
    old_date: Option<chrono::NaiveDate>,
    /// The date of the new document
    #[arg(long, value_name = "DATE")]
    new_date: Option<chrono::NaiveDate>,
    /// Write the JSON Schema of the output and the table of kinds to this folder, and compare nothing
    #[arg(long, value_name = "DIR")]
    describe: Option<PathBuf>,
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}

/// Severity that makes the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A breaking change.
    Breaking,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(folder) = &arguments.describe {
        for (name, text) in descriptions()? {
            atomic::replace(&folder.join(name), text.as_bytes())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (Some(old), Some(new)) = (&arguments.old, &arguments.new) else {
        anyhow::bail!("missing documents: pass an old and a new one")
    };
    let read = |name: &str, date: Option<chrono::NaiveDate>| -> Result<(Value, Compared)> {
        let (mut document, mut compared) = read(name)?;
        compared.date = date.map(|date| date.to_string()).or(compared.date);
        if arguments.subset {
            keep_subset(&mut document, &arguments.curation)?;
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

/// Reads a document and determines its date.
pub(super) fn read(name: &str) -> Result<(Value, Compared)> {
    let source = Source::read(name)?;
    let document = source.parse()?;
    let date = source.date.clone().or_else(|| lock_date(Path::new(name)));
    Ok((document, Compared { name: source.name, date }))
}

/// For readers of the JSON: its schema and the table of kinds.
pub(super) fn descriptions() -> Result<[(&'static str, String); 2]> {
    let mut schema = serde_json::to_string_pretty(&schemars::schema_for!(Report))?;
    schema.push('\n');
    Ok([(SCHEMA, schema), (KINDS, kinds::page())])
}
