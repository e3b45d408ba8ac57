//! `completions` and `man`: what a shell and a manual reader want to know about this program.
//!
//! Completion is dynamic: the shell asks this program, which answers from its own tree of commands and from names that
//! earlier runs have seen. It never calls the service, because a Tab must not wait and must not count against a limit.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Command, CommandFactory, ValueEnum};
use clap_complete::{CompleteEnv, env::Shells};

use crate::{
    args::Cli,
    exit::{Failure, Outcome},
};

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

/// Where the pages go.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Writes a page for each command into this folder instead of one to standard output.
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
}

/// Answers a shell that asks for completions, and ends the run then; does nothing in any other run.
pub(crate) fn complete() {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).complete();
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

/// Prints the manual page, or writes one for each command.
pub(crate) fn man(man: &Man) -> Outcome {
    let mut command = Cli::command();
    command.build();
    let Some(directory) = &man.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        let mut out = io::stdout().lock();
        out.write_all(&page)?;
        out.flush()?;
        return Ok(());
    };
    let problem = |source: io::Error| Failure::local(format!("{} can not be written to", directory.display()), source);
    fs::create_dir_all(directory).map_err(problem)?;
    let count = pages(command, directory).map_err(problem)?;
    crate::notice(format_args!("{count} pages are in {}", directory.display()));
    Ok(())
}

/// Writes the page of `command` and those of the commands below it. The operations of `api` have their `--help`: there
/// are too many for a manual.
fn pages(command: Command, directory: &std::path::Path) -> io::Result<usize> {
    let mut count = 1;
    if command.get_name() != "api" {
        for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
            count += pages(below.clone(), directory)?;
        }
    }
    clap_mangen::Man::new(command).generate_to(directory)?;
    Ok(count)
}
