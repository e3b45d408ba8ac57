//! The binary of the emulator. The library's `program` does the work.

use std::process::ExitCode;

use atlas_backup_emulator::program;
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// The backup API of MongoDB Atlas on localhost.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: program::Command,
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match program::run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
