//! Checks recorded traffic against the bindings: every body must decode, and lose nothing when it is written again.
//!
//! The table of bindings is the generated one, so that an operation can be missing here only if it is missing in the
//! bindings. A recording must never be able to stop the run: whatever is wrong with a line becomes a failure that
//! names it.

pub mod compare;
mod error_response;
mod recording;
mod report;
mod response;

use std::io::{self, BufRead};

pub use report::{Failure, Lost, Report, Undocumented};

/// What a line turned out to be.
enum Outcome {
    /// Its operation or version is not in the bindings.
    Skipped,
    /// It decoded, with what was found.
    Decoded(response::Findings),
}

/// Reads recordings, one JSON object a line, and checks each. Blank lines are passed over.
///
/// # Errors
/// When the input cannot be read; what is wrong with a line is in the report.
pub fn check(mut input: impl BufRead) -> io::Result<Report> {
    let mut report = report::Builder::default();
    let (mut text, mut number) = (Vec::new(), 0);
    while input.read_until(b'\n', &mut text)? > 0 {
        number += 1;
        let line = text.trim_ascii();
        if !line.is_empty() {
            line_into(&mut report, number, line);
        }
        text.clear();
    }
    Ok(report.finish())
}

fn line_into(report: &mut report::Builder, number: usize, line: &[u8]) {
    let recording = match recording::parse(line) {
        Ok(recording) => recording,
        Err((operation, reason)) => return report.failed(number, operation, reason),
    };
    match response::check(&recording) {
        Ok(Outcome::Skipped) => report.skipped(),
        Ok(Outcome::Decoded(findings)) => report.decoded(findings),
        Err(reason) => report.failed(number, Some(recording.operation), reason),
    }
}
