//! `cargo xtask measure`: build time and size of the bindings, and with `--calls` what calls of whole programs cost, for
//! `BENCHMARKS.md`.
//!
//! Builds scratch crates outside the workspace against the current crates, with cargo's default profiles and the
//! workspace's lock file. Every time is that of a whole cargo command: wall clock time, which is meaningful only on an
//! idle machine, and processor time. It must never touch the build of the workspace.

mod calls;
mod programs;

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

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
}

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
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

/// Duration of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct BuildTime {
    clock: Duration,
    processors: Duration,
}

impl BuildTime {
    fn plus(self, other: BuildTime) -> BuildTime {
        BuildTime { clock: self.clock + other.clock, processors: self.processors + other.processors }
    }
}

impl fmt::Display for BuildTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s ({:.2} s of processors)", self.clock.as_secs_f64(), self.processors.as_secs_f64())
    }
}

/// The processor time of all ended commands, which Linux reports in hundredths of a second. 0 elsewhere.
fn processor_time() -> Duration {
    let told = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = told.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
    Duration::from_millis(ticks * 10)
}

/// The scratch workspace.
struct Bench {
    folder: PathBuf,
    repeat: usize,
}

impl Bench {
    /// The median time to build one package whose dependencies are built.
    fn build_alone(&self, package: &str, profile: &str) -> Result<BuildTime> {
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

    /// The time to build a package and all its dependencies from scratch.
    fn build_from_scratch(&self, package: &str) -> Result<BuildTime> {
        let target = self.folder.join("cold");
        if target.exists() {
            fs::remove_dir_all(&target).with_context(|| format!("cannot remove {}", target.display()))?;
        }
        self.cargo(&["build", "--offline", "--package", package], "cold")
    }

    /// The bytes of machine code in a release build of a program.
    fn code_size(&self, package: &str) -> Result<u64> {
        self.cargo(&["build", "--offline", "--release", "--package", package], "warm")?;
        text_size(&self.folder.join("warm/release").join(package))
    }

    /// Runs cargo in the scratch workspace. Returns the duration.
    fn cargo(&self, arguments: &[&str], target: &str) -> Result<BuildTime> {
        let (begun, before) = (Instant::now(), processor_time());
        let status = Command::new("cargo")
            .args(arguments)
            .arg("--quiet")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join(target))
            // As cargo builds registry crates.
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null())
            .status()
            .context("cannot run cargo")?;
        ensure!(status.success(), "cargo {} failed in {}", arguments.join(" "), self.folder.display());
        Ok(BuildTime { clock: begun.elapsed(), processors: processor_time().saturating_sub(before) })
    }
}

/// The size of a program's `.text`, as reported by binutils.
fn text_size(program: &Path) -> Result<u64> {
    let output =
        Command::new("size").args(["-A", "-d"]).arg(program).output().context("cannot run `size` of binutils")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with(".text "));
    let bytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|bytes| bytes.parse().ok());
    bytes.with_context(|| format!("{} has no .text", program.display()))
}

/// The machine, as far as it is known.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    format!("{cores} cores, {}, load {load} before the start", model.map_or("unknown processor", |(_, model)| model))
}
