//! Messages on standard error: notes, errors, prompts and log lines. Nothing else writes to standard error, and this
//! module never writes to standard output.

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
    // The text may come from the service.
    let text: String = text.chars().map(|c| if c != '\n' && is_control(c) { ' ' } else { c }).collect();
    line(format_args!("{label} {text}"));
}

/// Prints a line as it is.
pub(crate) fn line(text: impl Display) {
    // A closed standard error cannot be reported.
    let _closed = writeln!(io::stderr(), "{text}");
}

/// Prints `text` without a line break, as a prompt.
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

/// A writer for log lines.
pub(crate) fn writer() -> io::Stderr {
    io::stderr()
}

/// Standard error for a child process.
pub(crate) fn stdio() -> Stdio {
    Stdio::from(io::stderr())
}
