//! `completions`: dynamic completion for shells.
//!
//! The shell asks this program, which answers from its own tree of commands and from names that earlier runs have seen. It
//! never calls the service, because a Tab must not wait and must not count against a limit.

use std::io::{self, Write};

use clap::{Command, ValueEnum};
use clap_complete::{CompleteEnv, env::Shells};

use crate::ui::exit::{Failure, Outcome};

/// The variable by which a shell asks for completions.
const VARIABLE: &str = "ATLAS_BACKUP_COMPLETE";

/// A shell that can be told how to complete.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// Answers a shell that asks for completions, and ends the run then; does nothing in any other run.
pub(crate) fn complete(tree: fn() -> Command) {
    CompleteEnv::with_factory(tree).var(VARIABLE).complete();
}

/// Prints what a shell has to run to complete for us.
pub(crate) fn completions(shell: Shell) -> Outcome {
    let name = shell.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(&name) else {
        return Err(Failure::usage(format!("{name} can not be told how to complete"), "use another shell"));
    };
    let program = env!("CARGO_BIN_NAME");
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, program, program, program, &mut script)?;
    let mut out = io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(())
}
