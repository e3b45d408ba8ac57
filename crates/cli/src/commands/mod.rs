//! The commands, one module for each noun. A command opens a session, calls the library and hands what it gets to the
//! printer; it holds no rule of the service's that the library could hold.

pub(crate) mod api;
pub(crate) mod clusters;
pub(crate) mod exports;
pub(crate) mod flex;
pub(crate) mod projects;
pub(crate) mod snapshots;

use crate::{
    args::{Cli, Command},
    exit::{Outcome, Resume},
};

/// Runs what was typed. What goes on at the service after an interruption is said in `resume`.
pub(crate) async fn run(cli: Cli, resume: &Resume) -> Outcome {
    let global = &cli.global;
    match cli.command {
        Command::Snapshots(command) => snapshots::run(command, global, resume).await,
        Command::Exports(command) => exports::run(command, global).await,
        Command::Flex(command) => flex::run(command, global).await,
        Command::Projects(command) => projects::run(command, global).await,
        Command::Clusters(command) => clusters::run(command, global).await,
        Command::Api(command) => api::run(command, global).await,
    }
}
