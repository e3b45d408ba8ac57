//! What the calls of whole programs cost: the library beside reqwest and a struct by hand.
//!
//! Each program is a scratch crate with cargo's own release profile and the C library's own memory allocator. The programs run
//! in turns, one after the other, on one processor together with the service that they call.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use super::{
    bench::{Bench, machine},
    programs::{DEPENDENCIES, Source, workspace},
};

/// The calls, with how often each is made in a run.
const CALLS: [(&str, &str, &str); 2] = [("one snapshot", "get", "5000"), ("list of 500", "list", "400")];

/// The programs with their last argument; by hand first.
const PROGRAMS: [(&str, &str, &str); 5] = [
    ("by hand, times", "by-hand", "time"),
    ("by hand, times as text", "by-hand", "text"),
    ("library, no credentials", "library", "none"),
    ("library, API key", "library", "key"),
    ("library, bearer token", "library", "token"),
];

/// The rounds; the median of their ratios counts.
const ROUNDS: usize = 21;

/// Measures and prints.
pub(super) fn run(root: &Path, bench: &Bench) -> Result<()> {
    let path = |krate: &str| root.join("crates").join(krate).display().to_string();
    // Valgrind cannot run the clock of rustix's own backend.
    let common = "rustix = { version = \"1\", features = [\"time\", \"use-libc\"] }\n";
    let program = |name, file, dependencies: String| (name, format!("{common}{dependencies}"), Source::File(file));
    workspace(
        root,
        &bench.folder,
        vec![
            program(
                "by-hand",
                "tests/benches/programs/by_hand.rs",
                format!("{}chrono = {{ version = \"0.4\", features = [\"serde\"] }}\n", DEPENDENCIES.trim_start()),
            ),
            program(
                "library",
                "tests/benches/programs/library.rs",
                format!(
                    "atlas-backup = {{ path = {:?} }}\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n",
                    path("ergonomic")
                ),
            ),
            program("service", "tests/benches/programs/service.rs", "serde_json = \"1\"\n".to_owned()),
        ],
    )?;
    bench.cargo(&["fetch"], "")?;
    bench.cargo(&["build", "--offline", "--release"], "warm")?;
    let programs = bench.folder.join("warm/release");
    let service = Service::start(&programs)?;

    println!("{}; medians of {ROUNDS} rounds; instructions are the program's own", machine());
    for (name, call, times) in CALLS {
        let mut costs = vec![Vec::new(); PROGRAMS.len()];
        for _ in 0..ROUNDS {
            for ((_, program, last), costs) in PROGRAMS.iter().zip(&mut costs) {
                costs.push(cost(&programs.join(program), &[&service.base, call, times, last])?);
            }
        }
        let counts =
            PROGRAMS.map(|(_, program, last)| instructions(&programs.join(program), [&service.base, call], last));
        for (((program, ..), own), count) in PROGRAMS.iter().zip(&costs).zip(&counts) {
            let ratio = |other: &[Cost]| {
                median(own.iter().zip(other).map(|(own, other)| own.time as f64 / other.time as f64).collect())
            };
            println!(
                "{name}: {program}: {:.1} us, {:.2} page faults, {:.3} of by hand, {:.3} of by hand with text",
                median(own.iter().map(|cost| cost.time as f64 / 1e3).collect()),
                median(own.iter().map(|cost| cost.faults as f64 / 100.0).collect()),
                ratio(&costs[0]),
                ratio(&costs[1]),
            );
            if let (Some(count), Some(by_hand), Some(with_text)) = (count, counts[0], counts[1]) {
                let ratio = |other: u64| *count as f64 / other as f64;
                println!("{name}: {program}: {count} instructions, {:.3}, {:.3}", ratio(by_hand), ratio(with_text));
            }
        }
    }
    Ok(())
}

/// What a call costs.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Nanoseconds of processor time.
    time: u64,
    /// Page faults of a hundred calls.
    faults: u64,
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// A program on the first processor.
fn pinned(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "0"]).arg(program);
    command
}

fn cost(program: &Path, arguments: &[&str]) -> Result<Cost> {
    let output = pinned(program).args(arguments).stderr(Stdio::inherit()).output().context("cannot run taskset")?;
    ensure!(output.status.success(), "{} failed", program.display());
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let &[time, faults] = numbers.as_slice() else { anyhow::bail!("{} printed {text:?}", program.display()) };
    Ok(Cost { time, faults })
}

/// The instructions of a call, without the kernel: the difference of two runs. `None` without valgrind.
fn instructions(program: &Path, [base, call]: [&str; 2], last: &str) -> Option<u64> {
    let counted = |times: u64| -> Option<u64> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
        let output = valgrind.args([base, call, &times.to_string(), last]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = text.lines().rfind(|line| line.contains("Collected"))?;
        output.status.success().then(|| line.rsplit(' ').next()?.parse().ok())?
    };
    Some((counted(70)? - counted(20)?) / 50)
}

/// The service, until it is dropped.
struct Service {
    process: Child,
    base: String,
}

impl Service {
    fn start(programs: &Path) -> Result<Self> {
        let program = programs.join("service");
        let mut process = pinned(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        Ok(Self { process, base: format!("http://{}", line.trim()) })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}
