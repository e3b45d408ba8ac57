//! `atlas-backup`: MongoDB Atlas backups from the command line.
//!
//! The layers, each of which uses only the layers before it: `ui` (messages, output, prompts, exit codes, hints),
//! `context` (shared by commands: flags, session, targets, confirmation, waiting, downloads), `audit`, then `report`
//! and `drill`, `commands` (one file per noun) and `app` (command tree and dispatch). Only data goes to standard
//! output.

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
