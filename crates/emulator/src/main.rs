//! The emulator's binary; what it does is in the library's `program`.

use std::process::ExitCode;

use atlas_backup_emulator::program;
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// MongoDB Atlas's backup API on localhost.
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
