//! The whole client against reqwest with a struct written by hand, over the same loopback service and on the same sort
//! of runtime; a fleet over a slow network; memory.
//!
//! `cargo bench -p atlas-backup-tests --bench client` prints everything; with `-- --check` it fails when a figure misses
//! its target. A word (`calls`, `fleet`, `memory`) chooses one part. Instructions are counted by callgrind, where it is
//! installed, as the difference of two runs; times are those of the processor, user's and kernel's, taken in turns with both sides kept to a processor.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../decode/callgrind.rs"]
mod callgrind;
mod calls;
#[allow(dead_code, reason = "shared with the benchmark of decoding")]
#[path = "../decode/derived.rs"]
mod derived;
#[path = "../decode/page.rs"]
mod page;
mod processors;
mod server;
mod whole;

use std::process::{Command, ExitCode};

use calls::{CALLERS, CALLS, Call, Caller};
use processors::Placement;
use server::{Running, Service};

/// The id of everything.
pub(crate) const ID: &str = "5f3e8e7d9b1c2a0012345678";

/// Rounds in which each caller has its turn.
const ROUNDS: usize = 400;

fn main() -> ExitCode {
    // reqwest is built without one, as the client brings its own.
    let _installed = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("serve", rest)) => return server::run(rest),
        Some(("compare", _)) => return compare(),
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
        within &= with_own_heap().unwrap_or(false);
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

/// Compares in a process that gives no memory back. Otherwise each large answer is read into pages that the kernel hands
/// out anew or not, by what the caller before has left, and a list costs one caller a fifth more than another that does the
/// same.
fn with_own_heap() -> Option<bool> {
    let held = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"].map(|name| (name, "1000000000"));
    let compared = Command::new(std::env::current_exe().ok()?).arg("compare").envs(held).status().ok()?;
    Some(compared.success())
}

fn compare() -> ExitCode {
    let calls = CALLS.iter().enumerate();
    if calls.fold(true, |within, (number, call)| compared(number, call).unwrap_or(false) && within) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints what each caller takes, and says whether all are within the target. Judged is the processor time where no
/// wake-up crosses processors, which is the least of what is the same for all and so the hardest; instructions where no
/// processor can be chosen.
fn compared(number: usize, call: &Call) -> Option<bool> {
    println!("{} (target {:.2})", call.name, call.target);
    let service = Service { latency: 0, projects: 1, snapshots: 500, archive: 0 };
    let mut judged = None;
    for (placement, named) in Placement::ALL {
        let Some(running) = placement.start(service) else {
            println!("  {named}: there is no such processor");
            continue;
        };
        let (nanos, ratios) = in_turns(&running, number, call)?;
        print!("  {named:<16}");
        for ((caller, nanos), [low, middle, high]) in CALLERS.iter().zip(&nanos).zip(&ratios) {
            print!(" {caller} {:.1} µs ({middle:.3}, {low:.3} to {high:.3});", nanos / 1e3);
        }
        println!();
        judged = judged.or(Some(ratios.iter().map(|[_, middle, _]| *middle).collect()));
    }
    Placement::end();
    let service = Running::start(service)?;
    let instructions: Option<Vec<_>> =
        (0..CALLERS.len()).map(|caller| instructions(&service, number, caller)).collect();
    match &instructions {
        Some(counts) => {
            print!("  {:<16}", "instructions");
            for (caller, count) in CALLERS.iter().zip(counts) {
                print!(" {caller} {count:.0} ({:.3});", count / counts[0]);
            }
            println!();
        }
        None => println!("  no instructions: valgrind is not installed"),
    }
    let requests: Option<Vec<_>> = (0..CALLERS.len()).map(|c| calls::requests(&service, number, c, 20)).collect();
    let requests = requests?;
    println!("  requests for 20 calls after the first: {requests:?}");
    let by_instructions = || instructions.map(|counts| counts.iter().map(|count| count / counts[0]).collect());
    let ratios: Vec<f64> = judged.or_else(by_instructions)?;
    Some(ratios.iter().all(|ratio| *ratio <= call.target) && requests.iter().all(|count| *count == 20))
}

/// Of each caller, the median processor time of a call, and its ratio to the one by hand in the same round: lower
/// quartile, median, upper quartile. Rounds are short and begin with another caller each, so that whatever else the
/// machine does meets all alike.
#[allow(clippy::cast_precision_loss, reason = "a ratio needs no more")]
fn in_turns(service: &Running, number: usize, call: &Call) -> Option<(Vec<f64>, Vec<[f64; 3]>)> {
    let callers: Option<Vec<_>> = (0..CALLERS.len()).map(|caller| Caller::new(&service.base, number, caller)).collect();
    let (callers, times) = (callers?, if call.list { 2 } else { 50 });
    callers.iter().for_each(|caller| caller.call(times));
    let (mut nanos, mut ratios) = (vec![Vec::new(); callers.len()], vec![Vec::new(); callers.len()]);
    for round in 0..ROUNDS {
        let mut taken = vec![0.0; callers.len()];
        for turn in 0..callers.len() {
            let caller = (round + turn) % callers.len();
            let before = processor_time()?;
            callers[caller].call(times);
            taken[caller] = (processor_time()? - before) as f64 / times as f64;
        }
        for (caller, nanoseconds) in taken.iter().enumerate() {
            nanos[caller].push(*nanoseconds);
            ratios[caller].push(nanoseconds / taken[0]);
        }
    }
    let quartiles = |mut samples: Vec<f64>| {
        samples.sort_unstable_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| samples[samples.len() * quarter / 4])
    };
    let nanos = nanos.into_iter().map(|samples| quartiles(samples)[1]).collect();
    Some((nanos, ratios.into_iter().map(quartiles).collect()))
}

/// Nanoseconds that this thread has run.
fn processor_time() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok()
}

/// Instructions of one call, in the process that calls.
#[allow(clippy::cast_precision_loss, reason = "a ratio needs no more")]
fn instructions(service: &Running, number: usize, caller: usize) -> Option<f64> {
    let (few, more) = (20, 70);
    let counted = |times: usize| callgrind::instructions(&["once", &service.base], &[number, caller, times]);
    Some(counted(more)?.checked_sub(counted(few)?)? as f64 / (more - few) as f64)
}
