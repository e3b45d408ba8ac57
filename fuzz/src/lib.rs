//! The targets of the fuzzer. See `targets.rs`; `cargo xtask check --all` runs each for a while.

mod targets;

/// Runs the target of this name.
///
/// # Panics
/// If there is no such target, or if `data` breaks a rule.
pub fn run(name: &str, data: &[u8]) {
    let (_, target) = targets::TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    target(data);
}
