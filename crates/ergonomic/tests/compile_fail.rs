//! What must not compile. Runs where `CI` or `TRYBUILD` is set, since it compiles all dependencies once more. The compiler's
//! words differ from version to version, so they are compared under the one that wrote them.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

const WRITTEN_BY: &str = "1.95.";

#[test]
fn what_must_not_compile_does_not() {
    if ["CI", "TRYBUILD"].iter().all(|name| std::env::var_os(name).is_none()) {
        println!("skipped: set CI to compile what must not compile");
        return;
    }
    let version = std::process::Command::new("rustc").arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.contains(WRITTEN_BY) {
        println!("skipped: the messages are those of rustc {WRITTEN_BY}x, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
