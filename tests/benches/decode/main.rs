//! Decodes a page of 500 dedicated snapshots through the bindings and through a hand-written struct with serde's
//! derive, side by side: in time, and in instructions where valgrind is installed.
//!
//! `cargo bench -p atlas-backup-tests --bench decode` prints the ratios; with `-- --check` it fails when one is over
//! its target in instructions. The ratio is what counts, so they are timed in turns: what disturbs one disturbs all.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

mod callgrind;
mod derived;
mod instructions;
mod page;

use std::{
    hint::black_box,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use atlas_backup_generated::types::DiskBackupReplicaSetPage;
use serde::de::DeserializeOwned;

/// Samples of each decoder.
const SAMPLES: usize = 400;
/// Rounds before the first sample.
const WARM_UP: usize = 20;

/// A way to decode the page.
#[derive(Clone, Copy)]
struct Decoder {
    name: &'static str,
    run: fn(&[u8]) -> usize,
}

/// The bindings first; the others are what they are held against.
const DECODERS: [Decoder; 3] = [
    Decoder { name: "bindings", run: decode::<DiskBackupReplicaSetPage> },
    Decoder { name: "derive", run: decode::<derived::Page> },
    Decoder { name: "derive, open enums derived too", run: decode::<derived::PageOfDerivedEnums> },
];

/// A page and the most that the bindings may take for it, as a multiple of what derive takes.
struct Case {
    name: &'static str,
    undocumented: bool,
    target: f64,
}

const CASES: [Case; 2] = [
    Case { name: "all fields documented", undocumented: false, target: 1.05 },
    Case { name: "one undocumented field on each item", undocumented: true, target: 1.15 },
];

fn decode<T: DeserializeOwned>(body: &[u8]) -> usize {
    let page: T = serde_json::from_slice(body).expect("the page fits");
    let size = size_of_val(black_box(&page));
    drop(page);
    size
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("once", rest)) => return instructions::run_counted(rest),
        Some(("times", rest)) => return run_timed(rest),
        _ => {}
    }
    let mut within = true;
    for (number, case) in CASES.iter().enumerate() {
        let body = page::json(case.undocumented);
        println!("{} ({} bytes, target {:.2})", case.name, body.len(), case.target);
        let held = held_heap(&body);
        print_times("time, heap held", &in_turns(&body));
        drop(held);
        if let Some(times) = in_turns_alone(number) {
            print_times("time, nothing else", &times);
        }
        match instructions::count(number) {
            Some(counts) => {
                within &= (1..counts.len()).all(|other| ratio(counts[0], counts[other]) <= case.target);
                print_line("instructions", &counts, |count| format!("{count}"), |a, b| ratio(*a, *b));
            }
            None => println!("  no instructions: valgrind is not installed"),
        }
    }
    if within || !arguments.iter().any(|argument| argument == "--check") {
        return ExitCode::SUCCESS;
    }
    println!("over the target");
    ExitCode::FAILURE
}

fn print_times(what: &str, times: &[Duration]) {
    let micros = |time: &Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    print_line(what, times, micros, |a, b| a.as_secs_f64() / b.as_secs_f64());
}

/// One measure of all decoders: the bindings' own, then each other one with the bindings as a multiple of it.
fn print_line<T>(what: &str, measured: &[T], show: impl Fn(&T) -> String, ratio: impl Fn(&T, &T) -> f64) {
    print!("  {what:<20}");
    for (index, (decoder, value)) in DECODERS.iter().zip(measured).enumerate() {
        print!("{} {} {}", if index > 0 { ";" } else { "" }, decoder.name, show(value));
        if index > 0 {
            print!(" ({:.3})", ratio(&measured[0], value));
        }
    }
    println!();
}

#[allow(clippy::cast_precision_loss, reason = "a ratio needs no more")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}

/// Room in the heap with something alive above it, as in a program that does more than this: the C library then keeps
/// what is freed, and a round does not pay for asking the kernel for the same memory again.
fn held_heap(body: &[u8]) -> DiskBackupReplicaSetPage {
    let page = || serde_json::from_slice(body).expect("the page fits");
    let room: Vec<DiskBackupReplicaSetPage> = (0..4).map(|_| page()).collect();
    let above = page();
    drop(room);
    above
}

/// The times in a separate process: there the C library may give the heap back after each
/// page, and what it does depends on all that was allocated before.
fn in_turns_alone(case: usize) -> Option<Vec<Duration>> {
    let mut program = Command::new(std::env::current_exe().ok()?);
    let output = program.args(["times", &case.to_string()]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let times = text.split_whitespace().map(|nanos| nanos.parse().ok().map(Duration::from_nanos));
    times.collect::<Option<Vec<_>>>().filter(|times| times.len() == DECODERS.len())
}

/// What runs there: `CASE`; prints nanoseconds.
fn run_timed(arguments: &[String]) -> ExitCode {
    let case = arguments.first().and_then(|number| CASES.get(number.parse::<usize>().ok()?));
    let Some(case) = case else { return ExitCode::FAILURE };
    for time in in_turns(&page::json(case.undocumented)) {
        println!("{}", time.as_nanos());
    }
    ExitCode::SUCCESS
}

/// The median time of each decoder.
fn in_turns(body: &[u8]) -> Vec<Duration> {
    let mut samples = DECODERS.map(|_| Vec::with_capacity(SAMPLES));
    for round in 0..WARM_UP + SAMPLES {
        for (decoder, samples) in DECODERS.iter().zip(&mut samples) {
            let start = Instant::now();
            black_box((decoder.run)(black_box(body)));
            let time = start.elapsed();
            if round >= WARM_UP {
                samples.push(time);
            }
        }
    }
    let median = |mut samples: Vec<Duration>| {
        samples.sort_unstable();
        samples[samples.len() / 2]
    };
    samples.into_iter().map(median).collect()
}
