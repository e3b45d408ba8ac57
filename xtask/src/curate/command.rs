//! The command: reads the official document, curates it, writes the result.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use serde_json::Value;

use super::{
    curation::Curated,
    spec::{DOCUMENT, LOCK},
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
    /// Where the curation is described: subset, overlay, descriptions, retired operations, former names.
    #[arg(long, value_name = "DIR", default_value = "spec")]
    curation: PathBuf,
    /// For older or newer revisions: turn entries that match nothing and items nobody described into warnings.
    #[arg(long)]
    allow_missing: bool,
}

/// Curates one document and writes it.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let source = Source::read(&arguments.upstream)?;
    let curated =
        Curated::made(&source, source.parse()?, &arguments.curation, &arguments.out, arguments.allow_missing)?;
    let place = |name: &str| arguments.out.join(name);
    atomic::replace_all(&[(place(DOCUMENT), &curated.text), (place(LOCK), &curated.lock)])?;
    println!("{}", summary(&curated.document, &arguments.out.join(DOCUMENT)));
    Ok(ExitCode::SUCCESS)
}

/// One line for the terminal.
fn summary(document: &Value, path: &Path) -> String {
    format!("{}: {} operations, {} schemas", path.display(), operations(document).count(), schemas(document).len())
}
