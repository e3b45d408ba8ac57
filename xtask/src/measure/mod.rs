//! `cargo xtask measure`: build time and size of the bindings, with `--calls` what calls of whole programs cost, and with
//! `--generator` how the generator's time grows with the document, for `BENCHMARKS.md`.
//!
//! Builds scratch crates outside the workspace against the current crates, with cargo's default profiles and the
//! workspace's lock file. Every time is that of a whole cargo command: wall clock time, which is meaningful only on an
//! idle machine, and processor time. It must never touch the build of the workspace.

mod bench;
mod calls;
mod generator;
mod programs;

use std::{env, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};

use self::bench::{Bench, BuildTime, machine};

/// Flags of `cargo xtask measure`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often a crate is built alone; the median counts. Cold builds run once
    #[arg(long, value_name = "N", default_value_t = 3)]
    repeat: usize,
    /// Skip the cold builds of the library and its dependencies, which take a minute each
    #[arg(long)]
    no_cold: bool,
    /// Measure the calls of programs with the library beside reqwest by hand, in place of the builds
    #[arg(long)]
    calls: bool,
    /// Measure the generator on documents of 300 to 1,200 operations, derived from this one
    #[arg(long, value_name = "FILE|URL", conflicts_with = "calls")]
    generator: Option<String>,
}

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(upstream) = &arguments.generator {
        return generator::run(upstream).map(|()| ExitCode::SUCCESS);
    }
    let root = env::current_dir().context("no current folder")?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    if arguments.calls {
        let bench = Bench { folder: target.join("measure-calls"), repeat: arguments.repeat.max(1) };
        return calls::run(&root, &bench).map(|()| ExitCode::SUCCESS);
    }
    let bench = Bench { folder: target.join("measure"), repeat: arguments.repeat.max(1) };
    let operations = programs::write(&root, &bench.folder)?;
    bench.cargo(&["fetch"], "")?;

    println!("{operations} operation versions, {}", machine());
    for profile in ["dev", "release"] {
        let alone = bench.build_alone("atlas-backup-generated", profile)?;
        let consumer = bench.build_alone("consumer", profile)?;
        let (both, each) = (alone.plus(consumer), |time: BuildTime| time.clock.as_secs_f64() / operations as f64);
        println!("{profile}: generated crate alone {alone}, {:.3} s an operation version", each(alone));
        println!("{profile}: consumer that awaits every operation {consumer}");
        println!("{profile}: both {both}, {:.3} s an operation version", each(both));
    }
    if !arguments.no_cold {
        for (what, package) in [
            ("dependencies alone", "bare"),
            ("atlas-backup, with ring", "with-ring"),
            ("the same, with AWS-LC", "with-aws-lc"),
        ] {
            println!("cold, dev: {what} {}", bench.build_from_scratch(package)?);
        }
    }
    let without = bench.code_size("without")?;
    for (what, package) in [("one operation", "one"), ("every operation", "every")] {
        let with = bench.code_size(package)?;
        println!(
            "machine code: {without} bytes without the bindings, {} more with {what}",
            with.saturating_sub(without)
        );
    }
    Ok(ExitCode::SUCCESS)
}
