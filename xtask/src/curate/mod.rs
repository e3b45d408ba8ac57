//! `cargo xtask curate`: from the official specification to the curated document in `spec/`.
//!
//! The one place where upstream's document enters the project. It must never let upstream's prose through, and it
//! must never leave a half-written file behind.

use std::{path::PathBuf, process::ExitCode};

/// Flags of `cargo xtask curate`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The official specification, YAML or JSON: a file or an http(s) address.
    #[arg(long, value_name = "FILE|URL")]
    upstream: Option<String>,
    /// Where to write the curated document and its lock file.
    #[arg(long, value_name = "DIR", default_value = "spec")]
    out: PathBuf,
    /// Turn entries that match nothing (for older or newer revisions) into warnings.
    #[arg(long)]
    allow_missing: bool,
}

/// Curates one document.
///
/// # Errors
/// Names the input and the place in it that can't be used; nothing has been written then.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    anyhow::bail!("curate {:?} is not built yet ({:?}, {})", arguments.upstream, arguments.out, arguments.allow_missing)
}
