//! The pipeline of the project: from the official specification to `spec/`, and from `spec/` to the bindings.
//!
//! One file (or folder) per command. This crate depends on no workspace crate, so that a broken generated crate can
//! always be regenerated. Exit codes: 0 done, 1 the check or comparison failed, 2 invalid input.
#![allow(clippy::print_stdout, reason = "a developer program that prints to the terminal")]

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

use std::{
    panic,
    process::{self, ExitCode},
};

use clap::{Parser, Subcommand};

/// Curate the specification, generate the bindings, check both
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// One variant per command, each with its own flags.
#[derive(Subcommand)]
enum Command {
    /// Check that the committed files are complete and current; with --all, also with foreign tools
    Check(check::Arguments),
    /// Pass every operation of a specification through the pipeline and compile the result
    Coverage(coverage::Arguments),
    /// Read the official specification and write the curated document to spec/
    Curate(curate::Arguments),
    /// Show the changes from one specification to another, for a user of the bindings
    Diff(diff::Arguments),
    /// Write the bindings from the curated document
    Generate(generate::Arguments),
    /// Update to a new revision of the official specification: curate, compare, generate, test, swap in
    Regenerate(regenerate::Arguments),
    /// List the kept versions that end, and fail if one has ended without a shim or a reason
    Sunset(sunset::Arguments),
    /// List the public surface of the hand-written libraries
    Surface(surface::Arguments),
    /// Measure build time and size of the bindings
    Measure(measure::Arguments),
}

/// The exit code of a program that the closing of its output ended, as of SIGPIPE.
const CLOSED: i32 = 141;

/// Ends the program without a message when the reader of standard output leaves, as `head` does. The standard library
/// panics then, and a different handling of the signal needs unsafe code. Panics of progenitor become errors.
fn handle_panics() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>();
        let is_closed =
            |message: &String| message.starts_with("failed printing to stdout") && message.contains("Broken pipe");
        if message.is_some_and(is_closed) {
            process::exit(CLOSED);
        }
        if !generate::bindings::is_running() {
            default(panic);
        }
    }));
}

/// Runs one command. A command returns its exit code. An error is printed here, once, with its causes.
fn main() -> ExitCode {
    handle_panics();
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
