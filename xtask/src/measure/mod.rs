//! `cargo xtask measure`: what the bindings cost to build and to carry, for `BENCHMARKS.md`.
//!
//! Builds scratch crates outside the workspace against the crates as they are, with cargo's own profiles, as a user
//! would, and with the workspace's lock file. Every figure is wall time of a whole cargo command on a machine that
//! should do nothing else. It must never touch the workspace's own build.

mod programs;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

/// Flags of `cargo xtask measure`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often a crate alone is built; the median counts. Cold builds are done once.
    #[arg(long, value_name = "N", default_value_t = 3)]
    repeat: usize,
    /// Leave out the cold builds of the library and of its dependencies, which take a minute each.
    #[arg(long)]
    no_cold: bool,
}

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let root = env::current_dir().context("no current folder")?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let bench = Bench { folder: target.join("measure"), repeat: arguments.repeat.max(1) };
    let operations = programs::write(&root, &bench.folder)?;
    bench.cargo(&["fetch"], "")?;

    println!("{operations} operation versions, {}", machine());
    for profile in ["dev", "release"] {
        let alone = bench.alone("atlas-backup-generated", profile)?;
        let consumer = bench.alone("consumer", profile)?;
        let each = |time: Duration| time.as_secs_f64() / operations as f64;
        println!("{profile}: generated crate alone {alone:.2?}, {:.3} s an operation version", each(alone));
        println!("{profile}: consumer that awaits every operation {consumer:.2?}");
        println!("{profile}: both {:.2?}, {:.3} s an operation version", alone + consumer, each(alone + consumer));
    }
    if !arguments.no_cold {
        for (what, package) in
            [("dependencies alone", "bare"), ("atlas-backup, with ring", "ring"), ("the same, with AWS-LC", "aws-lc")]
        {
            println!("cold, dev: {what} {:.1?}", bench.cold(package)?);
        }
    }
    let without = bench.code("without")?;
    for (what, package) in [("one operation", "one"), ("every operation", "every")] {
        let with = bench.code(package)?;
        println!(
            "machine code: {without} bytes without the bindings, {} more with {what}",
            with.saturating_sub(without)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The scratch workspace and how to build in it.
struct Bench {
    folder: PathBuf,
    repeat: usize,
}

impl Bench {
    /// The median time to build one package whose dependencies are ready.
    fn alone(&self, package: &str, profile: &str) -> Result<Duration> {
        let build = ["build", "--offline", "--profile", profile, "--package", package];
        self.cargo(&build, "warm")?;
        let mut times = Vec::new();
        for _ in 0..self.repeat {
            self.cargo(&["clean", "--offline", "--profile", profile, "--package", package], "warm")?;
            times.push(self.cargo(&build, "warm")?);
        }
        times.sort();
        Ok(times[times.len() / 2])
    }

    /// The time to build a package and all it depends on from nothing.
    fn cold(&self, package: &str) -> Result<Duration> {
        let target = self.folder.join("cold");
        if target.exists() {
            fs::remove_dir_all(&target).with_context(|| format!("removing {}", target.display()))?;
        }
        self.cargo(&["build", "--offline", "--package", package], "cold")
    }

    /// The bytes of machine code in a program, built for release.
    fn code(&self, package: &str) -> Result<u64> {
        self.cargo(&["build", "--offline", "--release", "--package", package], "warm")?;
        text_size(&self.folder.join("warm/release").join(package))
    }

    /// Runs cargo in the scratch workspace; answers how long it took.
    fn cargo(&self, arguments: &[&str], target: &str) -> Result<Duration> {
        let begun = Instant::now();
        let status = Command::new("cargo")
            .args(arguments)
            .arg("--quiet")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join(target))
            // As cargo builds what comes from a registry.
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null())
            .status()
            .context("can't run cargo")?;
        ensure!(status.success(), "cargo {} failed in {}", arguments.join(" "), self.folder.display());
        Ok(begun.elapsed())
    }
}

/// The size of a program's `.text`, as binutils tell it.
fn text_size(program: &Path) -> Result<u64> {
    let output = Command::new("size").args(["-A", "-d"]).arg(program).output().context("needs `size` of binutils")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with(".text "));
    let bytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|bytes| bytes.parse().ok());
    bytes.with_context(|| format!("{} has no .text", program.display()))
}

/// The machine, as far as it says.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    format!("{cores} cores, {}, load {load} before the start", model.map_or("unknown processor", |(_, model)| model))
}
