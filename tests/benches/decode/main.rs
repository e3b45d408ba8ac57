//! Decodes a page of 500 dedicated snapshots through the bindings and through a hand-written struct with serde's
//! derive, side by side: in time, and in instructions where valgrind is installed.
//!
//! `cargo bench -p atlas-backup-tests --bench decode` prints the ratios; with `-- --check` it fails when one is over
//! its target. The ratio is what counts, so the two are timed in turns: what disturbs one disturbs the other.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

mod derived;
mod instructions;
mod page;

use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use atlas_backup_generated::types::PaginatedCloudBackupReplicaSetView;
use serde::de::DeserializeOwned;

/// Samples of each decoder.
const SAMPLES: usize = 200;

/// A way to decode the page.
#[derive(Clone, Copy)]
struct Decoder {
    name: &'static str,
    run: fn(&[u8]) -> usize,
}

/// The bindings first; the others are what they are held against.
const DECODERS: [Decoder; 3] = [
    Decoder { name: "bindings", run: decode::<PaginatedCloudBackupReplicaSetView> },
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
    if let Some(("once", rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return instructions::run_counted(rest);
    }
    let mut within = true;
    for (number, case) in CASES.iter().enumerate() {
        let body = page::json(case.undocumented);
        println!("{} ({} bytes, target {:.2})", case.name, body.len(), case.target);
        let times = in_turns(&body);
        let counts = instructions::count(number);
        for (index, decoder) in DECODERS.iter().enumerate() {
            let time = times[index];
            let ratio = times[0].as_secs_f64() / time.as_secs_f64();
            print!("  {:<32} {:>8.1} µs", decoder.name, time.as_secs_f64() * 1e6);
            if let Some(counts) = &counts {
                print!("  {:>10} instructions", counts[index]);
            }
            if index > 0 {
                print!("  bindings / this: {ratio:.3} in time");
                if let Some(counts) = &counts {
                    #[allow(clippy::cast_precision_loss, reason = "a ratio needs no more")]
                    let ratio = counts[0] as f64 / counts[index] as f64;
                    within &= ratio <= case.target;
                    print!(", {ratio:.3} in instructions");
                }
            }
            println!();
        }
        if counts.is_none() {
            println!("  (no instructions: valgrind is not installed)");
        }
    }
    if within || !arguments.iter().any(|argument| argument == "--check") {
        ExitCode::SUCCESS
    } else {
        println!("over the target");
        ExitCode::FAILURE
    }
}

/// The median time of each decoder.
fn in_turns(body: &[u8]) -> [Duration; DECODERS.len()] {
    let mut samples = DECODERS.map(|_| Vec::with_capacity(SAMPLES));
    for round in 0..SAMPLES + 20 {
        for (decoder, samples) in DECODERS.iter().zip(&mut samples) {
            let start = Instant::now();
            black_box((decoder.run)(black_box(body)));
            let time = start.elapsed();
            if round >= 20 {
                samples.push(time);
            }
        }
    }
    samples.map(|mut samples| {
        samples.sort_unstable();
        samples[samples.len() / 2]
    })
}
