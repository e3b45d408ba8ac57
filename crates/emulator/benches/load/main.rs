//! The emulator under load: its own binary, with a load generator on the same machine.
//!
//! `cargo bench -p atlas-backup-emulator --bench load` prints a Markdown table for BENCHMARKS.md. `-- NAME` runs the
//! rows whose name contains `NAME`. `-- --prism` also measures a stateless mock of the same document, which npm
//! installs into the target folder. `-- --drivers` measures commands of MongoDB's Rust driver, beside another server that
//! speaks its protocol and that pip installs into the target folder. `-- --check` fails if a target is missed. `EMULATOR=PATH` measures another build.
//! Figures from a busy machine are not reliable, so the load of the last minute is printed with them.

// A benchmark may unwrap and print.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod client;
mod drivers;
mod prism;
mod program;

use std::{io::Write, time::Duration};

use client::{Load, Measured};
use program::Program;

const PROJECT: &str = "/api/atlas/v2/groups/32b6e34b3d91647abb20e7b8";
const KEY: (&str, &str) = ("public", "private");

/// One row of the table.
struct Row {
    name: &'static str,
    what: String,
    /// The target in words, and whether it was met.
    target: Option<(&'static str, bool)>,
}

struct Options {
    only: Vec<String>,
    check: bool,
    prism: bool,
    drivers: bool,
    seconds: u64,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}

fn main() {
    let mut options = Options { only: Vec::new(), check: false, prism: false, drivers: false, seconds: 5 };
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--check" => options.check = true,
            "--prism" => options.prism = true,
            "--drivers" => options.drivers = true,
            "--quick" => options.seconds = 1,
            // Arguments that cargo passes to every benchmark.
            "--bench" => {}
            part => options.only.push(part.to_owned()),
        }
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load of the machine: {}\n\n| what | figures | target |\n|---|---|---|", load.trim());
    let mut missed = Vec::new();
    for (name, run) in ROWS {
        let needs_other = (*name == "prism" && !options.prism) || (name.starts_with("driver") && !options.drivers);
        if !options.wants(name) || needs_other {
            continue;
        }
        let row = run(name, &options);
        let target = match row.target {
            Some((target, true)) => target.to_owned(),
            Some((target, false)) => {
                missed.push(row.name);
                format!("{target}, **missed**")
            }
            None => String::new(),
        };
        println!("| {} | {} | {target} |", row.name, row.what);
        std::io::stdout().flush().unwrap();
    }
    if options.check && !missed.is_empty() {
        println!("\nmissed: {}", missed.join(", "));
        std::process::exit(1);
    }
}

type Run = fn(&'static str, &Options) -> Row;

const ROWS: &[(&str, Run)] = &[
    ("start to ready, demo", start),
    ("GET of one snapshot, in memory, without auth", |name, options| {
        let (measured, program) = one_snapshot(&["--seed", "demo"], None, options);
        let resident = program.megabytes("VmHWM");
        let held = measured.per_second() >= 15_000.0 && measured.millis(99.0) < 5.0 && resident < 48.0;
        let what = format!("{measured}, {}, {resident:.0} MB at most", program.cpu_of(&measured));
        Row { name, what, target: Some(("15,000/s, p99 < 5 ms, < 48 MB", held)) }
    }),
    ("the same with digest", |name, options| {
        let (measured, program) = one_snapshot(&["--seed", "demo", "--api-key", "public:private"], Some(KEY), options);
        Row { name, what: format!("{measured}, {}", program.cpu_of(&measured)), target: None }
    }),
    ("the same beside clusters for drivers", |name, options| {
        let (measured, program) = one_snapshot(&["--seed", "demo", "--mongo"], None, options);
        Row { name, what: format!("{measured}, {}", program.cpu_of(&measured)), target: None }
    }),
    ("the same on disk", |name, options| {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let (measured, program) = one_snapshot(&["--seed", "demo", "--data-dir", data], None, options);
        Row { name, what: format!("{measured}, {}", program.cpu_of(&measured)), target: None }
    }),
    ("durable writes, 1 connection", |name, options| writes(name, 1, options)),
    ("durable writes, 64 connections", |name, options| writes(name, 64, options)),
    ("a list of 500 snapshots", |name, options| {
        let program = Program::start(&["--seed", "fleet", "--projects", "1", "--clusters", "1", "--snapshots", "500"]);
        let project = program.first("/api/atlas/v2/groups");
        let path = format!("/api/atlas/v2/groups/{project}/clusters/cluster-0/backup/snapshots?itemsPerPage=500");
        let load = Load { connections: 4, ..Load::get(&path, options.seconds) };
        let measured = load.run(&program.address);
        let megabytes = measured.bytes as f64 / 1e6 / measured.took.as_secs_f64();
        let what = format!("{megabytes:.0} MB/s, {measured}, {}", program.cpu_of(&measured));
        Row { name, what, target: None }
    }),
    ("50,000 snapshots in memory", |name, options| fleet(name, None, options)),
    ("50,000 snapshots on disk", |name, options| {
        let folder = tempfile::tempdir().unwrap();
        fleet(name, Some(folder.path().to_str().unwrap()), options)
    }),
    ("prism", prism::row),
    ("driver: find by _id, 1 connection", |name, options| drivers::row(name, "find", 1, options)),
    ("driver: find by _id, 16 connections", |name, options| drivers::row(name, "find", 16, options)),
    ("driver: insert, 1 connection", |name, options| drivers::row(name, "insert", 1, options)),
    ("driver: insert, 16 connections", |name, options| drivers::row(name, "insert", 16, options)),
    ("driver: 100,000 documents in inserts of 1,000", |name, options| drivers::row(name, "fill", 1, options)),
];

/// The median of several starts, from the process start to its ready line.
fn start(name: &'static str, _: &Options) -> Row {
    let mut took: Vec<Duration> = (0..21).map(|_| Program::start(&["--seed", "demo"]).started_in).collect();
    took.sort();
    let median = took[took.len() / 2].as_secs_f64() * 1e3;
    let (least, most) = (took[0].as_secs_f64() * 1e3, took[took.len() - 1].as_secs_f64() * 1e3);
    let what = format!("{median:.1} ms (median of {}, {least:.1} to {most:.1})", took.len());
    Row { name, what, target: Some(("50 ms", median < 50.0)) }
}

fn one_snapshot(arguments: &[&str], key: Option<(&str, &str)>, options: &Options) -> (Measured, Program) {
    let program = Program::start(arguments);
    let path = format!("{PROJECT}/clusters/Cluster0/backup/snapshots/664858b561b103615fb1940e");
    let mut load = Load::get(&path, options.seconds);
    load.digest = key.map(|(public, private)| (public.to_owned(), private.to_owned()));
    (load.run(&program.address), program)
}

/// Each connection repeatedly changes the tags of the same project.
fn writes(name: &'static str, connections: usize, options: &Options) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&["--seed", "demo", "--data-dir", folder.path().to_str().unwrap()]);
    let body = r#"{"tags":[{"key":"changed","value":"again"}]}"#;
    let load = Load { connections, method: "PATCH", body, ..Load::get(PROJECT, options.seconds) };
    let measured = load.run(&program.address);
    let folder = if cfg!(target_os = "linux") { " in the temporary folder" } else { "" };
    Row { name, what: format!("{measured}, each saved{folder}, {}", program.cpu_of(&measured)), target: None }
}

fn fleet(name: &'static str, data: Option<&str>, options: &Options) -> Row {
    let mut arguments = vec!["--seed", "fleet", "--projects", "10", "--clusters", "10", "--snapshots", "500"];
    arguments.extend(data.into_iter().flat_map(|folder| ["--data-dir", folder]));
    let mut program = Program::start(&arguments);
    let mut begun = format!("{:.2} s", program.started_in.as_secs_f64());
    if data.is_some() {
        drop(program);
        program = Program::start(&arguments);
        begun += &format!(", again {:.2} s", program.started_in.as_secs_f64());
    }
    let project = program.first("/api/atlas/v2/groups");
    let path = format!("/api/atlas/v2/groups/{project}/clusters/cluster-0/backup/snapshots?itemsPerPage=100");
    let measured = Load { connections: 2, ..Load::get(&path, options.seconds.min(2)) }.run(&program.address);
    let resident = program.megabytes("VmHWM");
    let what = format!("{resident:.0} MB at most, start {begun}, a page of 100: {measured}");
    Row { name, what, target: Some(("200 MB", resident < 200.0)) }
}
