//! The binary of the emulator. The library's `program` does the work.

use std::{io::Write, process::ExitCode};

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
    let command = match Arguments::try_parse() {
        Ok(Arguments { command }) => command,
        Err(error) if error.use_stderr() => {
            // The message repeats arguments, control characters included.
            let code = error.exit_code().try_into().unwrap_or(2);
            let mut writer = program::LogWriter::default();
            let written = error.to_string().lines().try_for_each(|line| writeln!(writer, "{line}"));
            return written.map_or(ExitCode::FAILURE, |()| ExitCode::from(code));
        }
        Err(error) => error.exit(),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(program::LogWriter::default).init();
    if let Err(error) = program::forbid_core_dumps() {
        tracing::warn!("cannot disable core dumps: {error}");
    }
    match program::run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
