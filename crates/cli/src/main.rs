//! `atlas-backup`: MongoDB Atlas backups from the command line.
//!
//! The layers, each of which uses only those above it: `ui` (messages, output, prompts, exit codes, hints), `context` (what
//! commands share: flags, session, targets, confirmation, waiting, fetching), `audit`, then `report` and `drill`, `commands`
//! (a file a noun) and `app` (command tree and dispatch). Data goes to standard output and nothing else does.

mod app;
mod audit;
mod commands;
mod context;
mod drill;
mod report;
mod ui;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::run::run()
}
