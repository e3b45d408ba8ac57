//! The project's pipeline: everything that turns the official specification into `spec/` and `spec/` into bindings.
//!
//! One file (or folder) a command. This crate depends on no workspace crate, so that a broken generated crate can
//! always be regenerated. Exit codes: 0 done, 1 the check or comparison that was asked for failed, 2 bad input.
#![allow(clippy::print_stdout, reason = "a program of the developer's terminal: its output is what it is for")]

mod check;
mod coverage;
mod curate;
mod diff;
mod files;
mod generate;
mod measure;
mod openapi;
mod regenerate;
mod sunset;
mod surface;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Curates the specification, generates the bindings, checks both.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// One variant a command; each holds its own typed flags.
#[derive(Subcommand)]
enum Command {
    /// Check that what is committed is complete and current; with --all, also with foreign tools.
    Check(check::Arguments),
    /// Take every operation of a specification through the pipeline and compile the result.
    Coverage(coverage::Arguments),
    /// Read the official specification and write the curated document into spec/.
    Curate(curate::Arguments),
    /// Tell what changed from one specification to another, for a user of the bindings.
    Diff(diff::Arguments),
    /// Write the bindings from the curated document.
    Generate(generate::Arguments),
    /// Take a new revision of the official specification in: curate, compare, generate, test, swap in.
    Regenerate(regenerate::Arguments),
    /// List the kept versions that end, and fail when one has ended without a shim or a reason.
    Sunset(sunset::Arguments),
    /// List the public surface of the hand-written libraries.
    Surface(surface::Arguments),
    /// Measure what the bindings cost to build and to carry.
    Measure(measure::Arguments),
}

/// Runs one command. A command answers its own exit code; an error is printed here, once, with its causes.
fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let outcome = regenerate::recover().and_then(|()| match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Curate(arguments) => curate::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Regenerate(arguments) => regenerate::run(&arguments),
        Command::Sunset(arguments) => sunset::run(&arguments),
        Command::Surface(arguments) => surface::run(&arguments),
        Command::Measure(arguments) => measure::run(&arguments),
    });
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}
