//! Runs cargo in a scratch workspace, and says what it took.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

/// Duration of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BuildTime {
    pub(super) clock: Duration,
    pub(super) processors: Duration,
}

impl BuildTime {
    pub(super) fn plus(self, other: BuildTime) -> BuildTime {
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
    ticks(13)
}

/// The processor time of this process itself.
pub(super) fn own_processor_time() -> Duration {
    ticks(11)
}

/// Two neighbouring times of the process's status, counted after its name.
fn ticks(first: usize) -> Duration {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let fields = fields.split_whitespace().skip(first).take(2);
    Duration::from_millis(fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
}

/// The scratch workspace.
pub(super) struct Bench {
    pub(super) folder: PathBuf,
    pub(super) repeat: usize,
}

impl Bench {
    /// The median time to build one package whose dependencies are built.
    pub(super) fn build_alone(&self, package: &str, profile: &str) -> Result<BuildTime> {
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
    pub(super) fn build_from_scratch(&self, package: &str) -> Result<BuildTime> {
        let target = self.folder.join("cold");
        if target.exists() {
            fs::remove_dir_all(&target).with_context(|| format!("cannot remove {}", target.display()))?;
        }
        self.cargo(&["build", "--offline", "--package", package], "cold")
    }

    /// The bytes of machine code in a release build of a program.
    pub(super) fn code_size(&self, package: &str) -> Result<u64> {
        self.cargo(&["build", "--offline", "--release", "--package", package], "warm")?;
        text_size(&self.folder.join("warm/release").join(package))
    }

    /// Runs cargo in the scratch workspace. Returns the duration.
    pub(super) fn cargo(&self, arguments: &[&str], target: &str) -> Result<BuildTime> {
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
pub(super) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    format!("{cores} cores, {}, load {load} before the start", model.map_or("unknown processor", |(_, model)| model))
}
