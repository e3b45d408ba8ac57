//! Counts instructions with callgrind: the benchmark starts itself under valgrind.
//!
//! A process does more than decode, so each count is the difference between a run that decodes a few times more and one
//! that does not, divided by how many times.

use std::process::ExitCode;

use crate::{CASES, DECODERS, callgrind, page};

const FEW: usize = 2;
const MORE: usize = 12;

/// Instructions of each decoder for one page of a case; nothing without valgrind.
pub(crate) fn count(case: usize) -> Option<Vec<u64>> {
    let counted = |decoder, times| callgrind::instructions(&["once"], &[case, decoder, times]);
    let one = |decoder: usize| {
        let difference = counted(decoder, MORE)?.checked_sub(counted(decoder, FEW)?)?;
        Some(difference / (MORE - FEW) as u64)
    };
    (0..DECODERS.len()).map(one).collect()
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
