//! A run of the program: parses, dispatches, and turns the outcome into an exit code.

use std::process::ExitCode;

use atlas_backup_emulator::program::forbid_core_dumps;
use clap::{CommandFactory, Parser};

use super::{
    completion, dry_run, help,
    tree::{Cli, Command},
};
use crate::{
    commands::api,
    context::interruption::Interruption,
    ui::{
        exit::{Failure, Outcome},
        log, messages,
    },
};

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    completion::complete(Cli::command);
    let cli = Cli::try_parse().unwrap_or_else(|error| help::with_examples(api::explain(error)).exit());
    let global = cli.global.clone();
    // `console` itself honours `NO_COLOR` and `TERM=dumb`.
    if global.no_color {
        console::set_colors_enabled(false);
        console::set_colors_enabled_stderr(false);
    }
    log::to_stderr(global.verbose);
    if let Err(error) = forbid_core_dumps() {
        messages::note(format_args!("cannot disable core dumps: {error}"));
    }
    match on_runtime(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => match failure.exit() {
            None => ExitCode::SUCCESS,
            Some(exit) => {
                messages::error(failure.report(&global.invocation(), global.verbose));
                exit.into()
            }
        },
    }
}

fn on_runtime(cli: Cli) -> Outcome {
    cli.check()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Failure::local("cannot start the runtime", source))?;
    let interruption = Interruption::default();
    // The emulator handles signals itself, and saves everything first.
    let handles_signals = matches!(cli.command, Command::Emulator(_));
    let outcome = runtime.block_on(async {
        let output = cli.global.output.clone();
        tokio::select! {
            outcome = cli.command.run(&cli.global, &interruption) => dry_run::print(outcome, &output).await,
            resume = interruption.wait(), if !handles_signals => Err(Failure::Interrupted { resume }),
        }
    });
    // Remaining tasks belong to a temporary emulator or to a call whose result is no longer awaited.
    runtime.shutdown_background();
    outcome
}
