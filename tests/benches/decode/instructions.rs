//! Counts instructions with callgrind: the benchmark starts itself under valgrind.
//!
//! A process does more than decode, so each count is the difference between a run that decodes a few times more and one
//! that does not, divided by how many times.

use std::process::{Command, ExitCode};

use crate::{CASES, DECODERS, page};

const FEW: usize = 2;
const MORE: usize = 12;

/// Instructions of each decoder for one page of a case; nothing without valgrind.
pub(crate) fn count(case: usize) -> Option<Vec<u64>> {
    let one = |decoder: usize| {
        let difference = counted(case, decoder, MORE)?.checked_sub(counted(case, decoder, FEW)?)?;
        Some(difference / (MORE - FEW) as u64)
    };
    (0..DECODERS.len()).map(one).collect()
}

fn counted(case: usize, decoder: usize, times: usize) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).arg("once");
    let output = valgrind.args([case, decoder, times].map(|number| number.to_string())).output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

/// What runs under valgrind: `CASE DECODER TIMES`.
pub(crate) fn run_counted(arguments: &[String]) -> ExitCode {
    let numbers: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let &[case, decoder, times] = numbers.as_slice() else { return ExitCode::FAILURE };
    let (Some(case), Some(decoder)) = (CASES.get(case), DECODERS.get(decoder)) else { return ExitCode::FAILURE };
    let body = page::json(case.undocumented);
    for _ in 0..times {
        std::hint::black_box((decoder.run)(std::hint::black_box(&body)));
    }
    ExitCode::SUCCESS
}
