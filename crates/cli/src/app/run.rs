//! A run of the program: parses, dispatches, and turns the outcome into an exit code.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use super::{
    completion, dry_run, man,
    tree::{Cli, Command, ExportsCommand},
};
use crate::{
    commands::{
        api, audit, auth, buckets, clusters, collections, compliance, emulator, endpoints, exports, fleet, flex,
        projects, report, restores, schedule, snapshots,
    },
    context::{interruption::Interruption, session::Session},
    drill,
    ui::{
        exit::{Failure, Outcome},
        log, messages,
    },
};

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    completion::complete(Cli::command);
    let cli = Cli::try_parse().unwrap_or_else(|error| api::explain(error).exit());
    let global = cli.global.clone();
    // `console` itself honours `NO_COLOR` and `TERM=dumb`.
    if global.no_color {
        console::set_colors_enabled(false);
        console::set_colors_enabled_stderr(false);
    }
    log::to_stderr(global.verbose);
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
    let runtime = runtime.map_err(|source| Failure::local("the runtime did not start", source))?;
    let interruption = Interruption::default();
    // The emulator handles signals itself, and saves everything first.
    let handles_signals = matches!(cli.command, Command::Emulator(_));
    let outcome = runtime.block_on(async {
        let output = cli.global.output.clone();
        tokio::select! {
            outcome = dispatch(cli, &interruption) => dry_run::print(outcome, &output).await,
            resume = interruption.wait(), if !handles_signals => Err(Failure::Interrupted { resume }),
        }
    });
    // What still runs belongs to a throw-away emulator or to a call whose result is no longer awaited.
    runtime.shutdown_background();
    outcome
}

async fn dispatch(cli: Cli, interruption: &Interruption) -> Outcome {
    let global = &cli.global;
    let session = async || Session::open(global).await.map(|session| session.interrupted_by(interruption));
    match cli.command {
        Command::Snapshots(command) => snapshots::run(command, &session().await?).await,
        Command::Restores(command) => restores::run(command, &session().await?).await,
        Command::Exports(ExportsCommand::Job(command) | ExportsCommand::Jobs(command)) => {
            exports::run(command, &session().await?).await
        }
        Command::Buckets(command) | Command::Exports(ExportsCommand::Buckets(command)) => {
            buckets::run(command, &session().await?).await
        }
        Command::Schedule(command) => schedule::run(command, &session().await?).await,
        Command::Compliance(command) => compliance::run(command, &session().await?).await,
        Command::Flex(command) => flex::run(command, &session().await?).await,
        Command::Collections(command) => collections::run(command, &session().await?).await,
        Command::Endpoints(command) => endpoints::run(command, &session().await?).await,
        Command::Projects(command) => projects::run(command, &session().await?).await,
        Command::Clusters(command) => clusters::run(command, &session().await?).await,
        Command::Fleet(command) => fleet::run(command, &session().await?).await,
        Command::Drill(options) => drill::run::run(&options, &session().await?).await,
        Command::Audit(command) => audit::run(command, global).await,
        Command::Report(command) => report::run(command, global).await,
        Command::Api(command) => api::run(command, global).await,
        Command::Emulator(command) => emulator::run(command).await,
        Command::Auth(command) => auth::run(command, global).await,
        Command::Completions { shell } => completion::completions(shell),
        Command::Man(man) => man::man(&man, Cli::command()),
    }
}
