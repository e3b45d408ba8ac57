//! The whole client against reqwest with a struct written by hand, over the same loopback service and on the same sort
//! of runtime; a fleet over a slow network; memory.
//!
//! `cargo bench -p atlas-backup-tests --bench client` prints everything; with `-- --check` it fails when a figure misses
//! its target. A word (`calls`, `fleet`, `memory`) chooses one part. Instructions are counted by callgrind, where it is
//! installed, as the difference of two runs; times are those of the processor, taken in turns.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

mod calls;
#[allow(dead_code, reason = "shared with the benchmark of decoding")]
#[path = "../decode/derived.rs"]
mod derived;
#[path = "../decode/page.rs"]
mod page;
mod server;
mod whole;

use std::process::{Command, ExitCode};

use calls::{CALLERS, CALLS, Call, Caller};
use server::{Running, Service};

/// The id of everything.
pub(crate) const ID: &str = "5f3e8e7d9b1c2a0012345678";

/// Samples of each caller.
const SAMPLES: usize = 60;

fn main() -> ExitCode {
    // reqwest is built without one, as the client brings its own.
    let _installed = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("serve", rest)) => return server::run(rest),
        Some(("once", rest)) => return calls::run(rest),
        Some(("whole", [job, base])) => return whole::run(job, base),
        _ => {}
    }
    let chosen = |part: &str| {
        let parts = ["calls", "fleet", "memory"];
        let named: Vec<_> = arguments.iter().filter(|argument| parts.contains(&argument.as_str())).collect();
        named.is_empty() || named.iter().any(|name| *name == part)
    };
    let mut within = true;
    if chosen("calls") {
        for (number, call) in CALLS.iter().enumerate() {
            within &= compared(number, call).unwrap_or(false);
        }
    }
    for (part, run) in [("fleet", whole::fleet as fn() -> Option<bool>), ("memory", whole::memory)] {
        if chosen(part) {
            println!("{part}");
            within &= run().unwrap_or(false);
        }
    }
    if within || !arguments.iter().any(|argument| argument == "--check") {
        return ExitCode::SUCCESS;
    }
    println!("a target is missed");
    ExitCode::FAILURE
}

/// Prints what each caller takes, and says whether all are within the target.
fn compared(number: usize, call: &Call) -> Option<bool> {
    println!("{} (target {:.2})", call.name, call.target);
    let service = Running::start(Service { latency: 0, projects: 1, snapshots: 500, archive: 0 })?;
    let nanos = in_turns(&service, number, call)?;
    print_line("processor time", &nanos, |nanos| format!("{:.1} µs", nanos / 1e3));
    let instructions: Option<Vec<_>> =
        (0..CALLERS.len()).map(|caller| instructions(&service, number, caller)).collect();
    match &instructions {
        Some(counts) => print_line("instructions", counts, |count| format!("{count:.0}")),
        None => println!("  no instructions: valgrind is not installed"),
    }
    let requests: Option<Vec<_>> = (0..CALLERS.len()).map(|c| calls::requests(&service, number, c, 20)).collect();
    let requests = requests?;
    println!("  requests for 20 calls after the first: {requests:?}");
    let measured = instructions.unwrap_or(nanos);
    Some(measured.iter().all(|value| value / measured[0] <= call.target) && requests.iter().all(|count| *count == 20))
}

/// One measure of all callers, each with its ratio to the one by hand.
fn print_line(what: &str, measured: &[f64], show: impl Fn(f64) -> String) {
    print!("  {what:<15}");
    for (caller, value) in CALLERS.iter().zip(measured) {
        print!(" {caller} {} ({:.3});", show(*value), value / measured[0]);
    }
    println!();
}

/// The median processor time of a call, of each caller.
#[allow(clippy::cast_precision_loss, reason = "a ratio needs no more")]
fn in_turns(service: &Running, number: usize, call: &Call) -> Option<Vec<f64>> {
    let callers: Option<Vec<_>> = (0..CALLERS.len()).map(|caller| Caller::new(&service.base, number, caller)).collect();
    let (callers, times) = (callers?, if call.list { 4 } else { 50 });
    let mut samples = vec![Vec::with_capacity(SAMPLES); callers.len()];
    callers.iter().for_each(|caller| caller.call(times));
    for _ in 0..SAMPLES {
        for (caller, samples) in callers.iter().zip(&mut samples) {
            let before = processor_time()?;
            caller.call(times);
            samples.push((processor_time()? - before) as f64 / times as f64);
        }
    }
    let median = |mut samples: Vec<f64>| {
        samples.sort_unstable_by(f64::total_cmp);
        samples[samples.len() / 2]
    };
    Some(samples.into_iter().map(median).collect())
}

/// Nanoseconds that this thread has run.
fn processor_time() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok()
}

/// Instructions of one call, in the process that calls.
#[allow(clippy::cast_precision_loss, reason = "a ratio needs no more")]
fn instructions(service: &Running, number: usize, caller: usize) -> Option<f64> {
    let (few, more) = (20, 70);
    let counted = |times: usize| {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe().ok()?);
        valgrind.args(["once", &service.base]).args([number, caller, times].map(|number| number.to_string()));
        let told = String::from_utf8_lossy(&valgrind.output().ok()?.stderr).into_owned();
        let line = told.lines().find(|line| line.contains("Collected"))?.to_owned();
        line.rsplit(':').next()?.trim().parse::<u64>().ok()
    };
    Some(counted(more)?.checked_sub(counted(few)?)? as f64 / (more - few) as f64)
}
