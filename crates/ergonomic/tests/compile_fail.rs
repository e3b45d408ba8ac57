//! What must not compile. The compiler's words differ from version to version, so they are compared under the one that
//! wrote them; under others the test says so and passes.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

const WRITTEN_BY: &str = "1.95.";

#[test]
fn what_must_not_compile_does_not() {
    let version = std::process::Command::new("rustc").arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.contains(WRITTEN_BY) {
        println!("skipped: the messages are those of rustc {WRITTEN_BY}x, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
