//! Instructions of a run of this program, counted by callgrind.

use std::process::Command;

/// Starts this program under valgrind with a word and numbers; nothing without valgrind.
pub(crate) fn instructions(words: &[&str], numbers: &[usize]) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe().ok()?);
    valgrind.args(words).args(numbers.iter().map(ToString::to_string));
    let reported = String::from_utf8_lossy(&valgrind.output().ok()?.stderr).into_owned();
    let line = reported.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}
