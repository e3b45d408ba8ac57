//! The commands, one module for each noun. A command opens a session, calls the library and hands what it gets to the
//! printer; it holds no rule of the service's that the library could hold.

pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod buckets;
pub(crate) mod clusters;
pub(crate) mod collections;
pub(crate) mod compliance;
mod consent;
pub(crate) mod drill;
mod dry_run;
mod edit;
mod emulator;
pub(crate) mod endpoints;
pub(crate) mod exports;
pub(crate) mod fleet;
pub(crate) mod flex;
mod policy_items;
pub(crate) mod projects;
pub(crate) mod report;
pub(crate) mod restores;
pub(crate) mod schedule;
pub(crate) mod shell;
pub(crate) mod snapshots;
mod target;
mod waiting;

use crate::{
    args::{Cli, Command},
    exit::{Outcome, Resume},
};

/// Runs what was typed. What goes on at the service after an interruption is said in `resume`.
pub(crate) async fn run(cli: Cli, resume: &Resume) -> Outcome {
    let global = cli.global.clone();
    let outcome = carried_out(cli, resume).await;
    dry_run::shown(outcome, &global).await
}

async fn carried_out(cli: Cli, resume: &Resume) -> Outcome {
    let global = &cli.global;
    match cli.command {
        Command::Snapshots(command) => snapshots::run(command, global, resume).await,
        Command::Restores(command) => restores::run(command, global, resume).await,
        Command::Exports(command) => exports::run(command, global, resume).await,
        Command::Buckets(command) => buckets::run(command, global).await,
        Command::Schedule(command) => schedule::run(command, global).await,
        Command::Compliance(command) => compliance::run(command, global, resume).await,
        Command::Flex(command) => flex::run(command, global, resume).await,
        Command::Collections(command) => collections::run(command, global, resume).await,
        Command::Endpoints(command) => endpoints::run(command, global, resume).await,
        Command::Projects(command) => projects::run(command, global).await,
        Command::Clusters(command) => clusters::run(command, global).await,
        Command::Fleet(command) => fleet::run(command, global).await,
        Command::Drill(command) => drill::run(*command, global, resume).await,
        Command::Audit(command) => audit::run(command, global).await,
        Command::Report(command) => report::run(command, global).await,
        Command::Api(command) => api::run(command, global).await,
        Command::Emulator(command) => emulator::run(command).await,
        Command::Auth(command) => auth::run(command, global).await,
        Command::Completions { shell } => shell::completions(shell),
        Command::Man(man) => shell::man(&man),
    }
}
