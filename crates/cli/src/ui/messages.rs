//! Messages on standard error: notes, errors, prompts and the lines of the log. Nothing else writes there, and nothing
//! here writes to standard output.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::Stdio,
};

use console::{StyledObject, style};

use super::sanitize::is_control;

/// Prints a note.
pub(crate) fn note(text: impl Display) {
    labelled(style("note:").for_stderr().cyan(), &text.to_string());
}

/// Prints the error that ends the run.
pub(crate) fn error(text: impl Display) {
    labelled(style("error:").for_stderr().red().bold(), &text.to_string());
}

fn labelled(label: StyledObject<&str>, text: &str) {
    // Some of it is the service's own text.
    let text: String = text.chars().map(|c| if c != '\n' && is_control(c) { ' ' } else { c }).collect();
    line(format_args!("{label} {text}"));
}

/// Prints a line as it is.
pub(crate) fn line(text: impl Display) {
    // There is no place to report that standard error is closed.
    let _closed = writeln!(io::stderr(), "{text}");
}

/// Prints `text` without a line break, for the answer to stand behind it.
///
/// # Errors
/// Standard error is closed.
pub(crate) fn prompt(text: impl Display) -> io::Result<()> {
    let mut stderr = io::stderr();
    write!(stderr, "{text}")?;
    stderr.flush()
}

/// Whether messages go to a terminal.
pub(crate) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// A writer for the lines of the log.
pub(crate) fn writer() -> io::Stderr {
    io::stderr()
}

/// Standard error for another program.
pub(crate) fn stdio() -> Stdio {
    Stdio::from(io::stderr())
}
