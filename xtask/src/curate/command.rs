//! The command: reads the official document, curates it, writes the result.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{
    curation::{Curated, stubs},
    spec::DOCUMENT,
};
use crate::{
    files::atomic,
    openapi::{
        document::schemas,
        source::{PUBLISHED, Source},
        walk::operations,
    },
};

/// Flags of `cargo xtask curate`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The official specification, YAML or JSON: a file or an http(s) address.
    #[arg(long, value_name = "FILE|URL", default_value = PUBLISHED)]
    upstream: String,
    /// Where to write the curated document and its lock file.
    #[arg(long, value_name = "DIR", default_value = "spec")]
    out: PathBuf,
    /// The folder of the curation: subset, overlay, descriptions, retired operations, former names
    #[arg(long, value_name = "DIR", default_value = "spec")]
    curation: PathBuf,
    /// Turn entries without a match and items without a description into warnings, for older or newer revisions
    #[arg(long)]
    allow_missing: bool,
    /// Write stubs of all missing descriptions to this new file, such as spec/descriptions/alerts.yaml, and nothing
    /// else
    #[arg(long, value_name = "FILE", conflicts_with = "allow_missing")]
    stubs: Option<PathBuf>,
}

/// Curates one document and writes it.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let source = Source::read(&arguments.upstream)?;
    if let Some(file) = &arguments.stubs {
        return write_stubs(source.parse()?, &arguments.curation, file);
    }
    let curated =
        Curated::curate_into(&source, source.parse()?, &arguments.curation, &arguments.out, arguments.allow_missing)?;
    atomic::replace_all(&curated.files().map(|(name, text)| (arguments.out.join(name), text)))?;
    println!("{}", summary(&curated.document, &arguments.out.join(DOCUMENT)));
    Ok(ExitCode::SUCCESS)
}

fn write_stubs(upstream: Value, curation: &Path, file: &Path) -> Result<ExitCode> {
    ensure!(!file.exists(), "{} already exists; choose a new file for the missing descriptions", file.display());
    let title = file.file_stem().unwrap_or_default().to_string_lossy();
    match stubs(upstream, curation, &title)? {
        Some(text) => {
            atomic::replace(file, text.as_bytes())?;
            println!("{}: {} texts to write", file.display(), text.matches(": ''\n").count());
        }
        None => println!("no missing descriptions"),
    }
    Ok(ExitCode::SUCCESS)
}

/// One line of summary.
fn summary(document: &Value, path: &Path) -> String {
    format!("{}: {} operations, {} schemas", path.display(), operations(document).count(), schemas(document).len())
}
