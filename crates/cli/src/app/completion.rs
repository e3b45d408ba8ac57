//! `completions`: dynamic shell completion.
//!
//! The shell calls this program, which answers from its command tree and from names that earlier runs have cached. It
//! never calls the service: completion must be fast and must not use up a rate limit.

use std::io::{self, Write};

use clap::{Command, ValueEnum};
use clap_complete::{CompleteEnv, env::Shells};

use crate::ui::exit::{Failure, Outcome};

/// The environment variable that a shell sets to request completions.
const VARIABLE: &str = "ATLAS_BACKUP_COMPLETE";

/// A shell with completion support.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// Answers a completion request and exits. Does nothing in any other run.
pub(crate) fn complete(tree: fn() -> Command) {
    CompleteEnv::with_factory(tree).var(VARIABLE).complete();
}

/// Prints the script that registers completion in a shell.
pub(crate) fn completions(shell: Shell) -> Outcome {
    let name = shell.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(&name) else {
        return Err(Failure::usage(
            format!("no completion script for shell {name}"),
            "choose bash, elvish, fish, powershell or zsh",
        ));
    };
    let program = env!("CARGO_BIN_NAME");
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, program, program, program, &mut script)?;
    let mut out = io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(())
}
