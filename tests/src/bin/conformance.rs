//! Decodes recorded traffic with the bindings and prints what did not fit, what was lost and what is undocumented.
//!
//! One JSON object on stdout, whatever the recordings are; everything else goes to stderr.

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, Result};
use atlas_backup_tests::conformance::{self, Report};
use clap::Parser;

/// Decode recorded responses of the service with the bindings, write them again, and compare.
///
/// Each line of FILE is a JSON object: {"operationId": "...", "status": 200, "contentType":
/// "application/vnd.atlas.2023-01-01+json;charset=utf-8", "body": ...}; the body is JSON, a text if it was not JSON,
/// null if it was empty. Other keys are ignored.
///
/// Prints one JSON object with the counts total, skipped (operation or version not in the bindings), decoded and
/// lossless, and the lists failures, lost and undocumented (what the specification does not define for that operation
/// and version). Pointers write `*` for the index of a list.
#[derive(Parser)]
#[command(
    name = "conformance",
    after_help = "Exit status: 0 if all that was not skipped decoded without loss, 1 if not, 2 if FILE cannot be read."
)]
struct Arguments {
    /// The recordings, one JSON object a line; `-` reads standard input.
    file: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(report) if report.is_clean() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Report> {
    let path = &arguments.file;
    let report = if path.as_os_str() == "-" {
        conformance::check(io::stdin().lock()).context("standard input cannot be read")?
    } else {
        let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        conformance::check(BufReader::new(file)).with_context(|| format!("{} cannot be read", path.display()))?
    };
    let mut json = serde_json::to_vec(&report).context("the report cannot be written as JSON")?;
    json.push(b'\n');
    io::stdout().lock().write_all(&json).context("the report cannot be printed")?;
    Ok(report)
}
