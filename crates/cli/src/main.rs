//! `atlas-backup`: MongoDB Atlas backups from the command line.
//!
//! This file parses, runs, and turns the outcome into an exit code. The map: `args` is what can be typed, `session` where
//! calls go, `commands` what each command does, `audit` the rules that a fleet is held against, `report` and `page` what
//! people open in a browser, `output` how data is printed, `whole_file` how a file is, `unpack` how an archive is opened, `work` what goes on beside the
//! calls, `words` how commands are named, `progress` how waiting looks, `exit`
//! and `advice` how a run ends, `signals` who asks it to, `log` what the library has to say, `names` what a shell can complete. Data goes to standard
//! output and nothing else does.

mod advice;
mod args;
mod audit;
mod commands;
mod exit;
mod log;
mod names;
mod output;
mod page;
mod progress;
mod report;
mod session;
mod signals;
mod unpack;
mod whole_file;
mod words;
mod work;

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use crate::{
    args::{Cli, Command, Global},
    exit::{Failure, Outcome},
};

fn main() -> ExitCode {
    commands::shell::complete();
    let cli = Cli::try_parse().unwrap_or_else(|error| commands::api::explain(error).exit());
    settle_colours(&cli.global);
    log::to_stderr(cli.global.verbose);
    let global = cli.global.clone();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => match failure.exit() {
            None => ExitCode::SUCCESS,
            Some(exit) => {
                complain(&failure.report(&global));
                exit.into()
            }
        },
    }
}

fn run(cli: Cli) -> Outcome {
    cli.check()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Failure::local("the runtime did not start", source))?;
    let resume = exit::Resume::default();
    // The emulator sees to signals itself, and saves everything first.
    let sees_to_it = matches!(cli.command, Command::Emulator(_));
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = commands::run(cli, &resume) => outcome,
            () = resume.interrupted(), if !sees_to_it => Err(Failure::Interrupted { resume: resume.take() }),
        }
    });
    // What still runs belongs to a throw-away emulator or to a call that nobody waits for any more.
    runtime.shutdown_background();
    outcome
}

/// Says something that is no data.
pub(crate) fn notice(text: fmt::Arguments<'_>) {
    to_stderr(console::style("note:").for_stderr().cyan().to_string(), &text.to_string());
}

fn complain(text: &str) {
    to_stderr(console::style("error:").for_stderr().red().bold().to_string(), text);
}

fn to_stderr(label: String, text: &str) {
    // Some of it is the service's own words.
    let text: String = text.chars().map(|c| if c != '\n' && output::cell::steers(c) { ' ' } else { c }).collect();
    // Nobody is left to be told that standard error is closed.
    let _unheard = writeln!(io::stderr(), "{label} {text}");
}

/// Colours only where a terminal shows them; `NO_COLOR` and `TERM=dumb` are honoured by `console` itself.
fn settle_colours(global: &Global) {
    if global.no_color {
        console::set_colors_enabled(false);
        console::set_colors_enabled_stderr(false);
    }
}
