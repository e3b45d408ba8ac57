//! The fuzz targets on the stable compiler: every input of the corpus, and inputs derived from them.

#[path = "../../../fuzz/src/targets.rs"]
mod targets;

use std::{fs, path::Path};

use fastrand::Rng;
use targets::TARGETS;

/// Derived inputs of each target: a few, unless `ATLAS_BACKUP_FUZZ_INPUTS` states another number, as `cargo xtask check
/// --all` does.
fn derived() -> usize {
    std::env::var("ATLAS_BACKUP_FUZZ_INPUTS").map_or(60, |inputs| inputs.parse().expect("a number of inputs"))
}

/// The committed inputs of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}

/// An input with a few changes: bytes turned, removed or repeated, and parts of other inputs.
fn changed(inputs: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
    let mut input = inputs[random.usize(..inputs.len())].clone();
    for _ in 0..random.usize(1..6) {
        let from = random.usize(..=input.len());
        let to = (from + random.usize(..16)).min(input.len());
        match random.u8(..5) {
            0 if from < input.len() => input[from] ^= 1 << random.u8(..8),
            1 => drop(input.drain(from..to)),
            2 => {
                let part = input[from..to].to_vec();
                input.splice(from..from, part);
            }
            3 => {
                let other = &inputs[random.usize(..inputs.len())];
                let start = random.usize(..=other.len());
                let end = (start + random.usize(..64)).min(other.len());
                input.splice(from..to, other[start..end].iter().copied());
            }
            _ => input.insert(from, random.u8(..)),
        }
    }
    input
}

#[test]
fn fuzz_targets_hold_for_corpus_and_derived_inputs() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        // The same inputs in each run.
        let mut random = Rng::with_seed(17);
        let derived: Vec<_> = (0..derived()).map(|_| changed(&inputs, &mut random)).collect();
        for input in inputs.iter().chain(&derived) {
            if std::panic::catch_unwind(|| target(input)).is_err() {
                panic!("{name} fails on {:?}", input.escape_ascii().to_string());
            }
        }
    }
}

#[test]
fn each_fuzz_target_has_a_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    let mut programs: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    programs.sort();
    let names: Vec<_> = programs.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
    assert_eq!(names, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
